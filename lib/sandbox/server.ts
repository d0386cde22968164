// The HTTP server: opens the port, hands every request on, and closes without leaving a socket or timer behind.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Server {
  readonly origin: string;
  /** Ends open connections, stalled ones too. May be called again. */
  close(): Promise<void>;
}

/** Longer than any test pauses: a connection closed while idle can meet a request half-way. */
const KEEP_ALIVE = 60_000;

export async function startServer(options: {
  readonly port: number;
  readonly host: string;
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => void;
}): Promise<Server> {
  const { port, host, onRequest } = options;
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE }, onRequest);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  let closed: Promise<void> | undefined;
  return {
    origin: originOf(server.address() as AddressInfo),
    close() {
      closed ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closed;
    },
  };
}

/** An address to type: the wildcard addresses can be listened on, but not called everywhere. */
function originOf({ address, family, port }: AddressInfo): string {
  if (address === '0.0.0.0') return `http://127.0.0.1:${port}`;
  if (address === '::') return `http://[::1]:${port}`;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

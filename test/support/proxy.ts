// A stretch of network of one's own: passes bytes on between real sockets, holds them up, cuts connections, and leads
// elsewhere.
import { createServer, createConnection, type AddressInfo, type Socket } from 'node:net';

/** Bytes on their way. */
export interface Chunk {
  readonly from: 'client' | 'server';
  readonly text: string;
  /** What the client said last on this connection. */
  readonly asked: string;
}

/** What becomes of a chunk: it goes on, its connection is cut before it does, or it goes on after so many ms. */
export type Fate = 'pass' | 'cut' | number;

export interface Proxy {
  readonly port: number;
  /** Decides about each chunk; everything passes without. */
  meddle: ((chunk: Chunk) => Fate) | undefined;
  /** Connections from now on lead there; those that are open are cut. */
  leadTo(port: number): void;
  /** Connections that were cut, and chunks that were held up. */
  readonly done: { cut: number; held: number };
  close(): Promise<void>;
}

/** @param target a port on the loopback */
export async function startProxy(target: number): Promise<Proxy> {
  const open = new Set<Socket>();
  const done = { cut: 0, held: 0 };
  let port = target;

  function join(client: Socket): void {
    const server = createConnection(port, '127.0.0.1');
    let asked = '';
    let isOver = false;
    open.add(client);

    // What is still held up when one side is gone does not arrive.
    const cut = () => {
      if (isOver) return;
      isOver = true;
      open.delete(client);
      client.resetAndDestroy();
      server.resetAndDestroy();
    };
    const lead = (from: Socket, to: Socket, side: Chunk['from']) => {
      let last: Promise<unknown> = Promise.resolve();
      const pass = async (chunk: Buffer) => {
        const text = chunk.toString('latin1');
        if (side === 'client') asked = text;
        const fate = proxy.meddle?.({ from: side, text, asked }) ?? 'pass';
        if (fate === 'cut') {
          done.cut += 1;
          cut();
        } else if (fate !== 'pass') {
          done.held += 1;
          await new Promise((resolve) => setTimeout(resolve, fate));
        }
        if (!isOver) to.write(chunk);
      };
      from.setNoDelay(true);
      from.on('data', (chunk: Buffer) => {
        last = last.then(() => pass(chunk));
      });
      from.on('error', cut);
      from.on('close', cut);
    };
    lead(client, server, 'client');
    lead(server, client, 'server');
  }

  const listener = createServer(join);
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const cutAll = () => {
    for (const client of open) {
      done.cut += 1;
      client.destroy(); // and the rest by its 'close'
    }
  };
  const proxy: Proxy = {
    port: (listener.address() as AddressInfo).port,
    meddle: undefined,
    done,
    leadTo(next) {
      port = next;
      cutAll();
    },
    close: () =>
      new Promise((resolve) => {
        listener.close(() => resolve());
        cutAll();
      }),
  };
  return proxy;
}

// The customer behind a request, as the API is told: its limits count for each of them.
import type { RequestOptions } from '../index.js';
import type { BffOptions, Connection } from './options.js';

const ADDRESS = /^[\da-f.:]{2,45}$/i;
const AGENT = /^[ -~]{1,1000}$/;

/** `undefined` where no address is known. What is none, or cannot be a header, is left out. */
export function customerOf(
  request: Request,
  connection: Connection,
  clientAddress: BffOptions['clientAddress'],
): RequestOptions['customer'] {
  const told = clientAddress ? clientAddress(request, connection) : connection.address;
  const ip = told?.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '') ?? '';
  if (!ADDRESS.test(ip)) return undefined;
  const userAgent = request.headers.get('user-agent') ?? '';
  return { ip, ...(AGENT.test(userAgent) && { userAgent }) };
}

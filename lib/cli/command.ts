// What a command of `holdfast` is made of, and what all of them share.
import type { ParseArgsConfig } from 'node:util';

export type Flags = NonNullable<ParseArgsConfig['options']>;
/** Every flag of ours but `--help` takes a value. */
export type Values = Readonly<Record<string, string | undefined>>;

/** Something that was started, and runs until it is closed. */
export interface Running {
  /** What to print once it is ready. */
  readonly ready: string;
  close(): Promise<void>;
}

export interface Command {
  readonly flags: Flags;
  readonly help: string;
  start(values: Values): Promise<Running>;
}

/** A mistake on the command line; its message is the line to print. */
export class UsageError extends Error {}

/** A number as it was typed: what starts checks it, and nothing typed is no number. */
export const numberIn = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text.trim() || NaN);

/** Why nothing could listen, in the words of somebody who typed a port. */
export function startFailure(error: unknown): unknown {
  const { code, port, address, hostname } = error as Record<string, unknown>;
  if (code === 'EADDRINUSE') return new Error(`port ${String(port)} is in use; --port 0 takes any free one`);
  if (code === 'EACCES') return new Error(`port ${String(port)} may not be used by this user`);
  if (code === 'ENOTFOUND' || code === 'EADDRNOTAVAIL')
    return new Error(`${String(address ?? hostname)} is not an address of this machine`);
  return error;
}

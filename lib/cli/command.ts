// What a command of `holdfast` is made of, and what all of them share.
import type { ParseArgsConfig } from 'node:util';

export type Flags = NonNullable<ParseArgsConfig['options']>;
/** Every flag of ours but `--help` takes a value. */
export type Values = Readonly<Record<string, string | undefined>>;

/** What was typed behind the name of a command. */
export interface Typed {
  readonly values: Values;
  /** What stands beside the flags. */
  readonly word: string | undefined;
}

/** What came of a command. */
export interface Outcome {
  /** What to print: once it is ready, or in the end. */
  readonly says: string;
  /** Ends what was started, and runs until then; absent where the command is over. */
  readonly close?: () => Promise<void>;
  /** It is over, and not as it should be. */
  readonly failed?: boolean;
}

export interface Command {
  readonly flags: Flags;
  readonly help: string;
  /** What the word beside the flags is; absent where none is taken. */
  readonly takes?: string;
  /** @param home the folder of the package */
  start(typed: Typed, home: URL): Promise<Outcome> | Outcome;
}

/** A mistake on the command line; its message is the line to print. */
export class UsageError extends Error {}

/** The number that was typed behind a flag; what starts checks its range. */
export function numberIn(values: Values, flag: string): number | undefined {
  const text = values[flag];
  if (text === undefined) return undefined;
  const number = Number(text.trim() || NaN);
  if (Number.isNaN(number)) throw new UsageError(`--${flag} must be a number; got ${JSON.stringify(text)}`);
  return number;
}

/** Why nothing could listen, in the words of somebody who typed a port. */
export function startFailure(error: unknown): unknown {
  const { code, port, address, hostname } = error as Record<string, unknown>;
  if (code === 'EADDRINUSE') return new Error(`port ${String(port)} is in use; --port 0 takes any free one`);
  if (code === 'EACCES') return new Error(`port ${String(port)} may not be used by this user`);
  if (code === 'ENOTFOUND' || code === 'EADDRNOTAVAIL')
    return new Error(`${String(address ?? hostname)} is not an address of this machine`);
  return error;
}

// The command `holdfast`, run from what is in lib/ now.
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../lib/cli/cli.ts', import.meta.url));

export interface Run {
  readonly child: ChildProcess;
  /** Everything printed until the end, by stream, and the exit code. */
  readonly done: Promise<{ code: number | null; out: string; err: string }>;
}

export function run(...args: string[]): Run {
  const child = spawn(process.execPath, ['--import', 'tsx', CLI, ...args]);
  const text = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (text.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text.err += chunk.toString()));
  return { child, done: new Promise((resolve) => child.once('close', (code) => resolve({ code, ...text }))) };
}

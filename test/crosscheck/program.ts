// A server program of somebody else: in a folder of its own, on ports of its own, and gone with its test.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Program {
  /** Lines of a file that it writes into its folder, oldest first. */
  lines(file: string): string[];
  close(): Promise<void>;
}

/** @param args where the configuration is, in its folder @param isReady asked until it says so */
export async function startProgram(
  path: string,
  config: string,
  args: (folder: string, file: string) => readonly string[],
  isReady: () => Promise<boolean>,
): Promise<Program> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-program-'));
  const file = join(folder, 'config');
  writeFileSync(file, config);
  const child = spawn(path, args(folder, file), { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const over = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  while (!(await isReady())) {
    if (child.exitCode !== null) throw new Error(`${path} ended with ${child.exitCode}:\n${said}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return {
    lines: (name) => readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean),
    async close() {
      child.kill('SIGKILL');
      await over;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Whether somebody takes connections there. */
export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

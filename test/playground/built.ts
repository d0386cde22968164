// The page as it ships: built from what is in lib/ now. `npm test` builds first; a file run by itself may have to.
import { execFile } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { promisify } from 'node:util';
import { ROOT } from '../docs/pages.js';

const PAGE = `${ROOT}dist/playground/page`;
let once: Promise<string> | undefined;

/** Folder of the built page. */
export function builtPage(): Promise<string> {
  once ??= build();
  return once;
}

async function build(): Promise<string> {
  const built = statSync(`${PAGE}/main.js`, { throwIfNoEntry: false });
  const sources = readdirSync(`${ROOT}lib`, { recursive: true, encoding: 'utf8' });
  if (!built || sources.some((name) => statSync(`${ROOT}lib/${name}`).mtimeMs > built.mtimeMs))
    await promisify(execFile)('npm', ['run', 'bundle:page'], { cwd: ROOT });
  return PAGE;
}

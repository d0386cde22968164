// A copy of the project, to be broken; the checkout stays as it is.
import { cpSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What tests need. */
const COPIED = ['lib', 'test', 'docs', 'scenarios', 'package.json', 'tsconfig.json', '.mocharc.json'];

/** @returns its folder, for whoever asked to remove */
export function copyProject(): string {
  const copy = mkdtempSync(join(tmpdir(), 'holdfast-mutations-'));
  for (const name of COPIED) cpSync(ROOT + name, join(copy, name), { recursive: true });
  symlinkSync(`${ROOT}node_modules`, join(copy, 'node_modules'));
  return copy;
}

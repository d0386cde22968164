// Fills docs/invariants.md: `npx tsx docs/invariants.ts`. What holds, how it is broken on trial and which test tells comes
// from the list that `npm run mutations` goes through. A test fails while the page is not fresh.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { INVARIANTS, type Invariant } from '../test/mutations/invariants.js';

const PAGE = fileURLToPath(new URL('invariants.md', import.meta.url));

/** `<!-- invariants: Retry -->`, whatever stands there now, and `<!-- end -->`. */
const MARKED = /(<!-- invariants: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g;

/** The page, filled. */
export async function renderInvariants(): Promise<string> {
  const text = readFileSync(PAGE, 'utf8').replace(
    MARKED,
    (_all, begin: string, group: string, end: string) =>
      `${begin}\n${tableOf(INVARIANTS[group] ?? [])}\n\n${end}`,
  );
  return format(text, { ...(await resolveConfig(PAGE)), parser: 'markdown' });
}

function tableOf(group: readonly Invariant[]): string {
  const rows = group.flatMap(({ id, says, mutations }) =>
    mutations.map(({ where, file, test, title, seed }, index) => [
      index === 0 ? `**${id}** ${says}` : '',
      `${where} (\`lib/${file}\`)`,
      `\`${test}\`: ${title}${seed === undefined ? '' : `; simulation: seed ${seed}`}`,
    ]),
  );
  return [['What holds', 'Broken where', 'Test that goes red'], ['---', '---', '---'], ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PAGE, await renderInvariants());

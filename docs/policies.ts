// Fills the pages in docs/policies/: `npx tsx docs/policies.ts`. Defaults and events come from lib/, by markers in the
// page; the picture is drawn from a run of the client in virtual time. A test fails while they are not fresh.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { RULES } from '../lib/options.js';
import { eventsTable, policyTable } from './options.js';
import { draw } from './policies/picture.js';
import { play, STORIES } from './policies/stories.js';

const FOLDER = fileURLToPath(new URL('policies/', import.meta.url));

export type PolicyName = keyof typeof RULES;
export const POLICIES = Object.keys(RULES) as PolicyName[];

/** `<!-- defaults: retry -->`, whatever stands there now, and `<!-- end -->`. */
const MARKED = /(<!-- (defaults|events): ([\w ]+) -->\n)[\s\S]*?(<!-- end -->)/g;

/** The page of a policy, filled. */
export async function renderPolicy(name: PolicyName): Promise<string> {
  const file = `${FOLDER}${name}.md`;
  const text = readFileSync(file, 'utf8').replace(
    MARKED,
    (_all, begin: string, what: string, names: string, end: string) => {
      const filled = what === 'defaults' ? policyTable(names).join('\n\n') : eventsTable(names.split(' '));
      return `${begin}\n${filled}\n\n${end}`;
    },
  );
  return format(text, { ...(await resolveConfig(file)), parser: 'markdown' });
}

/** The picture of a policy. */
export const renderPicture = async (name: PolicyName) => draw(STORIES[name].title, await play(STORIES[name]));

/** What stands in the folder now. */
export const pageOf = (name: PolicyName) => readFileSync(`${FOLDER}${name}.md`, 'utf8');
export const pictureOf = (name: PolicyName) => readFileSync(`${FOLDER}${name}.svg`, 'utf8');
export const pagesThere = () => readdirSync(FOLDER).filter((name) => name.endsWith('.md'));

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const name of POLICIES) {
    writeFileSync(`${FOLDER}${name}.md`, await renderPolicy(name));
    writeFileSync(`${FOLDER}${name}.svg`, await renderPicture(name));
  }

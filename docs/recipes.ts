// Puts the files of docs/recipes/ into docs/recipes.md: `npx tsx docs/recipes.ts`. A block follows a line that links to
// its file. A test fails while the page is not fresh.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const DOCS = fileURLToPath(new URL('.', import.meta.url));

/** A line with a link to a file of recipes/, and the block below it. */
const SHOWN = /^(\[(recipes\/[\w-]+\.(tsx?))\]\(\2\)\n\n```)\3\n[\s\S]*?^```$/gm;

/** The page with each file as it is now. */
export function renderRecipes(): string {
  return readFileSync(`${DOCS}recipes.md`, 'utf8').replace(
    SHOWN,
    (_shown, before: string, file: string, language: string) =>
      `${before}${language}\n${readFileSync(DOCS + file, 'utf8')}\`\`\``,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(`${DOCS}recipes.md`, renderRecipes());

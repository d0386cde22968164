// Files that are named on the command line, and the scenarios that ship with the package.
import { readdirSync, readFileSync } from 'node:fs';
import type { Scenario } from '../sandbox/index.js';
import { UsageError } from './command.js';

/** @param about what to begin the message of a mistake with */
export function readJson(about: string, file: string | URL): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${about}: ${(error as Error).message}`);
  }
}

/** A scenario by the path of its file or, where it ships with the package, by its name. The sandbox checks it. */
export function readScenario(word: string, home: URL): Scenario {
  const about = `scenario ${word}`;
  if (/[./\\]/.test(word)) return readJson(about, word) as Scenario;
  const names = shippedScenarios(home);
  if (!names.includes(word))
    throw new UsageError(`there is no scenario "${word}"; there is ${names.join(', ')}, or ./a-file.json`);
  return readJson(about, new URL(`scenarios/${word}.json`, home)) as Scenario;
}

/** Names of the scenarios in the package. */
export const shippedScenarios = (home: URL): string[] =>
  readdirSync(new URL('scenarios/', home))
    .filter((name) => name.endsWith('.json') && name !== 'schema.json')
    .map((name) => name.replace(/\.json$/, ''))
    .sort();

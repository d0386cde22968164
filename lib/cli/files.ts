// Files that are named on the command line, and the scenarios that ship with the package.
import { readdirSync, readFileSync } from 'node:fs';
import type { Scenario } from '../sandbox/index.js';
import { checkScenario } from '../sandbox/scenario.js';
import { UsageError } from './command.js';

/** @param about what to begin the message of a mistake with */
export function readJson(about: string, file: string | URL): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(`${about}: ${code === 'ENOENT' ? 'there is no such file' : message}`);
  }
}

/** A scenario by the path of its file or, where it ships with the package, by its name. */
export function readScenario(word: string, home: URL): Scenario {
  const about = `scenario ${word}`;
  const scenario = readJson(about, fileOf(word, home));
  try {
    checkScenario(scenario);
    return scenario;
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message.replace('scenario', about)) : error;
  }
}

function fileOf(word: string, home: URL): string | URL {
  if (/[./\\]/.test(word)) return word;
  const names = shippedScenarios(home);
  if (!names.includes(word))
    throw new UsageError(`there is no scenario "${word}"; there is ${names.join(', ')}, or ./a-file.json`);
  return new URL(`scenarios/${word}.json`, home);
}

/** Names of the scenarios in the package. */
export const shippedScenarios = (home: URL): string[] =>
  readdirSync(new URL('scenarios/', home))
    .filter((name) => name.endsWith('.json') && name !== 'schema.json')
    .map((name) => name.replace(/\.json$/, ''))
    .sort();

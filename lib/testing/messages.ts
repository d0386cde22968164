// What a test is told about calls that it did not expect, and about answers that were never asked for.
import { redactText } from '../contract/redact.js';
import type { Script } from './script.js';

/** What the transport of a client ends with where there is no answer: the core takes it for `NOT_MOCKED`. */
export class NotMocked extends Error {
  readonly code = 'ERR_NOCK_NO_MATCH';
  override readonly name = 'NotMocked';
}

/** Where a call was meant to go: `POST /auth/login (login)`, and how a test writes it: `api.login`. */
export interface Target {
  readonly line: string;
  readonly name: string;
}

export function targetOf(method: string, path: string, operation?: string): Target {
  const shown = redactText(path);
  return operation === undefined
    ? { line: `${method} ${shown}`, name: `api.route('${method}', '${shown}')` }
    : { line: `${method} ${shown} (${operation})`, name: `api.${operation}` };
}

/** @param script what was scripted for it, all of it used up */
export function notMocked({ line, name }: Target, script: Script = []): string {
  if (script.length === 0) return `${line} is not mocked. Add: ${name}.succeeds()`;
  const answers = script.map(({ label }) => label).join(', ');
  return `${line} was called more often than scripted; used up: ${answers}. Add: .then.succeeds(), or .times(n) or .always() to the last one.`;
}

/** Outcomes of a script that nobody asked for. */
export function unusedOf(name: string, script: Script): string[] {
  return script
    .filter(({ left }) => left > 0 && left !== Infinity)
    .map(({ label, left }) => `${name}.${label} was not asked for${left > 1 ? `, ${left} times` : ''}.`);
}

// Checks the body of a call against the endpoint's row: every field the contract sends is required.
import type { Call } from './call.js';
import { endpointOf, type SandboxOperation } from './operations.js';

/** Problems by wire field, in the shape of the contract's validation example. */
export type Problems = Record<string, string[]>;

const SHORTEST_PASSWORD = 8;

/** Rules beyond "a text that is not empty"; each says what is wrong. */
const RULES: Readonly<Record<string, (text: string) => string | undefined>> = {
  email: (text) => (/^\S+@\S+$/.test(text) ? undefined : 'must be a valid email address.'),
  gender: (text) => (/^[mfdn]$/.test(text) ? undefined : 'must be one of m, f, d, n.'),
  reset_url: (text) => (text.includes('{hash}') ? undefined : 'must contain {hash}.'),
  new_password: longEnough,
};

/** Where `password` is a new one, and not the one the customer has. */
const SETS_PASSWORD: readonly SandboxOperation[] = ['register', 'updatePasswordByHash'];

/** What is wrong with the body of a call; `undefined` where nothing is. */
export function problemsOf({ operation, body = {} }: Call, shopId: number): Problems | undefined {
  const endpoint = endpointOf(operation);
  const problems: Problems = {};
  for (const field of Object.values(endpoint?.body ?? {})) {
    const problem = problemOf(operation, field, body[field]);
    if (problem) problems[field] = [`The ${field} ${problem}`];
  }
  if (endpoint?.shop === 'body' && body.shop_id !== shopId) problems.shop_id = [shopProblem(body.shop_id)];
  return Object.keys(problems).length > 0 ? problems : undefined;
}

/** What is wrong with the shop header of a call, where the row asks for one. */
export function shopHeaderProblems({ operation, headers }: Call, shopId: number): Problems | undefined {
  const given = headers['x-shop-id'];
  if (endpointOf(operation)?.shop !== 'header' || given === String(shopId)) return undefined;
  return { 'X-Shop-Id': [`The X-Shop-Id header is ${given === undefined ? 'required.' : 'not a shop.'}`] };
}

/** A field that was checked. */
export function textIn(body: Call['body'], field: string): string {
  const value = body?.[field];
  return typeof value === 'string' ? value : '';
}

function problemOf(operation: SandboxOperation, field: string, value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return 'field is required.';
  if (typeof value !== 'string') return 'must be a string.';
  if (field === 'password' && SETS_PASSWORD.includes(operation)) return longEnough(value);
  return RULES[field]?.(value);
}

function longEnough(text: string): string | undefined {
  return text.length >= SHORTEST_PASSWORD ? undefined : `must be at least ${SHORTEST_PASSWORD} characters.`;
}

function shopProblem(value: unknown): string {
  if (value === undefined) return 'The shop_id field is required.';
  return Number.isInteger(value) ? 'The shop_id is not a shop.' : 'The shop_id must be an integer.';
}

// Steps that several chapters take.
import { setTimeout as sleep } from 'node:timers/promises';
import { asResult, unwrap, type AuthError, type Result, type Session } from '../../../lib/index.js';
import { DEMO } from '../../../lib/sandbox/index.js';
import type { Stage } from './tell.js';

export const ADA = { email: DEMO.customer.email, password: DEMO.customer.password };

/** Ada has logged in already. */
export async function loggedIn({ auth, offstage }: Stage): Promise<Session> {
  return unwrap(await offstage(() => auth.login(ADA)));
}

/** The error of a call that must fail, with what the customer reads. */
export function failureOf<E extends AuthError>({ say }: Stage, result: Failable<E>): E {
  if (result.ok) throw new Error('This succeeded, and should not have.');
  const { error } = result;
  say('app', `${error.code}: “${error.userMessage}”`);
  return error;
}

type Failable<E> = { readonly ok: true } | Extract<Result<unknown, E>, { readonly ok: false }>;

/** Makes many calls; tells how often each status or error code came of them. */
export async function tallyOf(count: number, call: (index: number) => Promise<{ status: number }>) {
  const calls = Array.from({ length: count }, (_, index) => asResult(call(index)));
  const tally: Record<string, number> = {};
  for (const result of await Promise.all(calls)) {
    const name = result.ok ? result.value.status : result.error.code;
    tally[name] = (tally[name] ?? 0) + 1;
  }
  return tally;
}

/** Waits until something is so, or for as long as it should ever take. */
export async function until(isSo: () => boolean, longest = 3_000): Promise<void> {
  const startedAt = performance.now();
  while (!isSo() && performance.now() - startedAt < longest) await sleep(10);
}

/** What the server answered, in words. */
export function spell(answered: Readonly<Record<string, number>>): string {
  const parts = Object.entries(answered).map(
    ([status, count]) => `${status === 'none' ? 'nothing' : status} ×${count}`,
  );
  return `answered ${parts.join(', ')}`;
}

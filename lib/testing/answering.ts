// From an outcome of a script to an answer on the wire: waits, hangs, and the memory for refresh tokens that were used.
import type { AuthMode, Operation } from '../contract/endpoints.js';
import { isRecord } from '../contract/error-body.js';
import type { Reply } from './nock.js';
import { BROKEN, sampleOf, SPENT, type Sample } from './samples.js';
import type { Entry, Outcome, Script } from './script.js';
import { successOf } from './successes.js';

/** The call that is answered. */
export interface Asked {
  readonly operation: Operation;
  /** What it carried. */
  readonly auth: AuthMode;
  readonly body: unknown;
}

/** Ends a call for which a script has no answer. */
type Refuse = (text: string) => Promise<never>;

export interface Answering {
  /** The refusal of a refresh token that was rotated away, unless the script has something else than a success for it. */
  spent(body: unknown, script: Script | undefined, auth: AuthMode): Promise<Reply> | undefined;
  play(entry: Entry, asked: Asked, refuse: Refuse): Promise<Reply>;
  /** Forgets tokens. What waits gets no answer any more: an error could make a client call again. */
  reset(): void;
}

export function createAnswering(): Answering {
  const waiting = new Set<ReturnType<typeof setTimeout>>();
  const used = new Set<string>();

  function wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        waiting.delete(timer);
        resolve();
      }, ms);
      waiting.add(timer);
    });
  }

  function send(sample: Sample): Promise<Reply> {
    if (sample.is === 'error') return Promise.reject(brokenOff(sample.code));
    if (sample.is === 'silence') return new Promise(() => undefined);
    const { status, headers, body } = sample;
    if (body === undefined || typeof body === 'string') return Promise.resolve([status, body, headers]);
    const json = { 'content-type': 'application/json', ...headers };
    return Promise.resolve([status, JSON.stringify(body), json]);
  }

  function sampleFor(outcome: Outcome, { operation, auth, body }: Asked): Sample | undefined {
    switch (outcome.does) {
      case 'rotate':
        used.add(refreshTokenIn(body));
        return { is: 'answer', body: undefined, ...successOf(operation, undefined) };
      case 'succeed':
        return { is: 'answer', body: undefined, ...successOf(operation, outcome.body) };
      case 'answer':
        return { is: 'answer', ...outcome };
      case 'hang':
        return { is: 'silence' };
      case 'drop':
        return BROKEN;
      case 'fail': {
        const sample = sampleOf(outcome.as, operation, auth);
        if (sample?.is !== 'answer') return sample;
        const changed = isRecord(sample.body) ? { ...sample.body, ...outcome.fields } : sample.body;
        return { ...sample, headers: { ...sample.headers, ...outcome.headers }, body: changed };
      }
    }
  }

  return {
    spent(body, script, auth) {
      const upcoming = script?.find(({ left }) => left > 0)?.outcome.does ?? 'succeed';
      const isGood = upcoming === 'succeed' || upcoming === 'rotate';
      if (!isGood || !used.has(refreshTokenIn(body))) return undefined;
      const sample = sampleOf(SPENT, 'refresh', auth);
      return sample && send(sample);
    },
    async play({ outcome, label, delay }, asked, refuse) {
      const sample = sampleFor(outcome, asked);
      if (!sample)
        return refuse(`${label} cannot be the answer to ${asked.operation} with ${CARRIED[asked.auth]}.`);
      if (delay > 0) await wait(delay);
      return send(sample);
    },
    reset() {
      used.clear();
      for (const timer of waiting) clearTimeout(timer);
      waiting.clear();
    },
  };
}

const CARRIED: Readonly<Record<AuthMode, string>> = {
  basic: 'client credentials',
  bearer: 'a bearer token',
  none: 'no credentials',
};

function refreshTokenIn(body: unknown): string {
  return isRecord(body) && typeof body.refresh_token === 'string' ? body.refresh_token : '';
}

/** What a connection ends with that the other side closed. */
function brokenOff(code: string): Error {
  return Object.assign(new Error(`The mocked connection ended with ${code}.`), { code });
}

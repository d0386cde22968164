// Everything in holdfast that reads a text which somebody else wrote, and what holds of it whatever the text is.
import { strict as assert } from 'node:assert';
import { endedAt, recordOfText, textOfRecord } from '../../lib/browser/record-text.js';
import { below, isTricky } from '../../lib/bff/paths.js';
import { challengeOf } from '../../lib/contract/challenge.js';
import { classify } from '../../lib/contract/classify.js';
import { parseJson, readErrorBody } from '../../lib/contract/error-body.js';
import { FAILURES } from '../../lib/contract/failures.js';
import { redactText, redactValue } from '../../lib/contract/redact.js';
import { readNothing, readSessions, readTokens } from '../../lib/contract/success-body.js';
import { quotaWaitMs } from '../../lib/decide/quota.js';
import { LONGEST, retryAfterMs } from '../../lib/decide/retry-after.js';
import { resolveEndpoints } from '../../lib/endpoint-options.js';
import { resolveOptions } from '../../lib/options.js';
import { destinationOf, originOf, pathIn } from '../../lib/policies/destination.js';
import { sealFor } from '../../lib/redis/seal.js';
import { parseFaults } from '../../lib/sandbox/fault-parser.js';
import { resolveOptions as resolveSandbox } from '../../lib/sandbox/options.js';
import { lifetimeOf, readClaims } from '../../lib/session/claims.js';
import { grantOfText, textOfGrant } from '../../lib/session/grant-text.js';
import { AUTH_MODES, OPERATIONS } from '../contract/answers.js';

export interface Target {
  /** Words that lead further in, besides those that are tried everywhere. */
  readonly words: readonly string[];
  /** Throws where something does not hold. */
  readonly run: (text: string) => void;
}

const NOW = Date.parse('2026-11-22T12:00:00Z');
const SECRET = 'canary-secret-6q2x';
const KEYS = [{ id: 'k1', secret: SECRET.repeat(2) }];
const NAME = 'name';
const seal = sealFor(NAME, KEYS);

/** One of the messages that a bad text may be refused with, and no word of the text. */
function refusedWith(error: unknown, messages: readonly string[]): void {
  assert.ok(error instanceof Error);
  assert.equal(error.constructor, Error);
  assert.ok(messages.includes(error.message), error.message);
}

/** @throws where something else than a `TypeError` was thrown, or one that does not begin as ours do */
function refusedBy(makers: RegExp, resolve: () => unknown): void {
  try {
    resolve();
  } catch (error) {
    assert.ok(error instanceof Error);
    assert.equal(error.constructor, TypeError, error.stack);
    assert.match(error.message, makers);
  }
}

function isWait(ms: number | undefined): void {
  assert.ok(ms === undefined || (Number.isInteger(ms) && ms >= 0 && ms <= LONGEST), String(ms));
}

/** Texts that an error keeps are bounded, with the mark of the cut and what stands for a secret. */
function isBearable(text: string | undefined): void {
  assert.ok((text ?? '').length <= 2_000, String(text?.length));
}

export const TARGETS: Readonly<Record<string, Target>> = {
  'retry-after': {
    words: ['Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994', 'Fri, 31 Dec 9999 23:59:59 GMT'],
    run(text) {
      const [after, ms, date] = text.split('\n');
      for (const now of [NOW, 0, 8.64e15])
        isWait(retryAfterMs({ 'retry-after': after, 'retry-after-ms': ms, date }, now));
    },
  },
  quota: {
    words: [
      '"default";r=0;t=30',
      '"a";q=1',
      'limit=1, remaining=0, reset=5',
      '?1',
      ':AA==:',
      '("a" "b");r=0',
    ],
    run(text) {
      const [ratelimit, remaining, reset] = text.split('\n');
      const headers = { ratelimit, 'x-ratelimit-remaining': remaining, 'x-ratelimit-reset': reset };
      for (const refused of [true, false]) isWait(quotaWaitMs(headers, NOW, refused));
    },
  },
  challenge: {
    words: ['Bearer error="invalid_token"', 'DPoP', 'Negotiate', ', Basic', 'realm="a\\"b"'],
    run(text) {
      assert.ok([undefined, 'foreign'].includes(challengeOf(text, { details: [] })));
      assert.equal(challengeOf(text, { details: [], key: 'INVALID_TOKEN' }), undefined);
    },
  },
  'error-body': {
    // prettier-ignore
    words: ['"error":', '"message":', '"error_description":', '"hint":', '"context":', '"errors":', '"code":', '"type":', '"field":', '"path":', 'Bearer abcdef', 'eyJh.eyJh.x', SECRET],
    run(text) {
      for (const data of [text, new TextEncoder().encode(text), parseJson(text)]) {
        const body = readErrorBody(data, [SECRET]);
        for (const each of [body.key, body.message, body.description, body.hint]) isBearable(each);
        for (const { field, message } of body.details) [field, message].forEach(isBearable);
        assert.ok(body.details.length <= 50);
        assert.ok(!JSON.stringify(body).includes(SECRET));
        for (const operation of OPERATIONS)
          for (const auth of AUTH_MODES)
            for (const status of [undefined, 200, 400, 401, 403, 409, 429, 500, 999]) {
              const row = classify({ operation, auth, status, body });
              assert.ok((FAILURES as readonly unknown[]).includes(row));
            }
      }
    },
  },
  redact: {
    words: [
      'Basic dXNlcjpwYXNz',
      'Bearer ',
      'eyJhbGci.eyJzdWIi.c2ln',
      'def5020012345678901234567890',
      '"password":',
      SECRET,
    ],
    run(text) {
      assert.ok(!redactText(text, [SECRET]).includes(SECRET));
      const value = redactValue(parseJson(text) ?? text, [SECRET]);
      assert.ok(!JSON.stringify([value]).includes(SECRET));
      isBearable(redactText(text));
    },
  },
  'success-body': {
    // prettier-ignore
    words: ['"access_token":', '"refresh_token":', '"token_type":', '"bearer"', '"expires_in":', '"id":', '"created_at":', '"2026-01-01 00:00:00"', '<html>'],
    run(text) {
      for (const data of [text, parseJson(text)]) {
        readNothing(data);
        const tokens = readTokens(data)?.value;
        if (tokens) assert.ok(tokens.accessToken.reveal() !== '' && !((tokens.expiresIn ?? 1) <= 0));
        for (const { id, createdAt } of readSessions(data)?.value ?? [])
          assert.ok(id !== '' && !Number.isNaN(createdAt?.getTime()));
      }
    },
  },
  token: {
    words: ['"exp":', '"iat":', '"jti":', '"sub":', '"customerId":', '{"exp":1e308,"iat":-1e308}'],
    run(text) {
      const payload = Buffer.from(text, 'utf8').toString('base64url');
      for (const token of [text, `e30.${payload}.`, `e30.${text}.x`]) {
        const claims = readClaims(token);
        for (const [name, value] of Object.entries(claims))
          if (name === 'jti' || name === 'sub') assert.equal(typeof value, 'string');
          else assert.ok(Number.isFinite(value));
        for (const minted of [true, false])
          for (const expiresIn of [undefined, 0, 3_600_000, Infinity]) {
            const lifetime = lifetimeOf(claims, expiresIn, minted, NOW);
            assert.ok(lifetime === undefined || Number.isFinite(lifetime), String(lifetime));
          }
      }
    },
  },
  'grant-text': {
    words: ['"access":"a"', '"refresh":', '"expiresIn":', '"lifetime":', '"subject":'],
    run(text) {
      try {
        const grant = grantOfText(text);
        for (const each of [grant.lifetime, grant.tokens.expiresIn])
          assert.ok(each === undefined || Number.isFinite(each), String(each));
        assert.deepEqual(grantOfText(textOfGrant(grant)), grant);
      } catch (error) {
        refusedWith(error, ['What was stored are no tokens.']);
      }
    },
  },
  'record-text': {
    // prettier-ignore
    words: ['"gen":', '"ver":', '"fence":', '"grantedAt":', '"savedAt":', '"doubt":', '"coolUntil":', '"intent":{"fence":1,"phase":"sent","at":1,"until":2}', '"end":{"reason":"logout","because":"x"}', '"grant":"{\\"access\\":\\"a\\"}"'],
    run(text) {
      const at = endedAt(text);
      assert.ok(at === undefined || Number.isFinite(at));
      try {
        const [record] = recordOfText(text, NOW);
        const { gen, ver, fence, grantedAt, doubt = 0, coolUntil = 0, intent = { at: 0, until: 0 } } = record;
        for (const each of [gen, ver, fence, grantedAt, doubt, coolUntil, intent.at, intent.until])
          assert.ok(Number.isFinite(each), String(each));
        assert.deepEqual(recordOfText(textOfRecord(record, NOW), NOW), [record, false]);
      } catch (error) {
        refusedWith(error, [
          'What is stored of the session cannot be read.',
          'What was stored are no tokens.',
        ]);
      }
    },
  },
  sealed: {
    words: ['k1.', 'k2.', seal.close(grantOfText('{"access":"a"}'))],
    run(text) {
      try {
        assert.equal(seal.open(text).tokens.accessToken.reveal(), 'a');
      } catch (error) {
        refusedWith(error, [
          'The tokens in Redis were sealed with a key that is not among `keys`.',
          'The tokens in Redis are damaged, or were sealed with another secret.',
        ]);
      }
    },
  },
  path: {
    words: ['/bff', '/orders', '..', '%2e%2e', '%252e', '%2f', '%5c', '//', '%00', '?', '#', '@'],
    run(text) {
      below('/bff', text);
      if (isTricky(text)) return;
      // Whoever reads it next sees the same path, decoded once or twice or not at all.
      assert.equal(new URL(`http://here${text}`).pathname, text);
      let decoded = text;
      const unescaped = (all: string) =>
        all.replace(/%([\da-f]{2})/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
      for (let times = 0; times < 2; times += 1) {
        decoded = unescaped(decoded);
        assert.equal(decoded.split('/').length, text.split('/').length, decoded);
        assert.ok(!decoded.split('/').some((segment) => /^\.\.?$/.test(segment)), decoded);
        assert.doesNotMatch(decoded, /[\0-\x1f\x7f\\]/);
      }
    },
  },
  destination: {
    words: [
      'https://api.example',
      'http://evil.example',
      '//evil.example',
      '\\\\evil.example',
      '@evil.example',
      'data:',
      'javascript:',
    ],
    run(text) {
      const config = { baseURL: 'https://api.example/v1', url: text };
      const { url, origin } = destinationOf(config);
      assert.equal(typeof pathIn(config), 'string');
      // Credentials go by `origin`: it has to be where the bytes go.
      assert.equal(originOf(url), origin);
    },
  },
  policies: {
    // prettier-ignore
    words: ['"timeout":', '"attempt":', '"total":', '"retry":', '"retries":', '"statuses":', '"backoff":', '"budget":', '"cooldown":', '"breaker":', '"refresh":', '"limit":', '"jitter":', '"none"', '[500]'],
    run(text) {
      const policies = parseJson(text) as object | undefined;
      refusedBy(/^createHttpClient: /, () =>
        resolveOptions('createHttpClient', { baseURL: 'https://a.example', policies }),
      );
      refusedBy(/^createAuthClient: /, () => resolveEndpoints('createAuthClient', policies));
    },
  },
  failures: {
    // prettier-ignore
    words: ['{"id":"a","when":[{"status":[409]}],"code":"A","reaction":"fail","processed":"no","because":"b"}', '"when":', '"status":', '"2xx"', '"key":', '"operation":', '"cause":', '"kind":', '"rejected"', '"proof":', '"session":'],
    run(text) {
      const failures = parseJson(text) as [] | undefined;
      refusedBy(/^createHttpClient: /, () => {
        const { table } = resolveOptions('createHttpClient', { baseURL: 'https://a.example', failures });
        for (const status of [undefined, 200, 409, 500])
          assert.ok(
            table.includes(
              classify({ operation: 'login', auth: 'basic', status, body: { details: [] } }, table),
            ),
          );
      });
    },
  },
  faults: {
    // prettier-ignore
    words: ['"on":', '"any"', '"times":', '"always"', '"after":', '"delay":', '"status":500', '"headers":{"a":"b"}', '"body":', '"html":true', '"row":', '"drop":"after"', '"stall":true', '"truncate":true', '"rateLimit":{"limit":1,"per":1}', '"retryAfter":'],
    run(text) {
      refusedBy(/^fault/, () => {
        for (const { times, after, delay } of parseFaults(parseJson(text)))
          assert.ok(times > 0 && after >= 0 && delay >= 0 && delay <= LONGEST);
      });
    },
  },
  scenario: {
    // prettier-ignore
    words: ['"title":"a"', '"sandbox":', '"steps":', '"play":', '"expect":', '"at":', '"heal":true', '"faults":', '"stall":true', '"revoke":', '"customers":', '"clients":', '"lifetimes":', '"lockout":', '"clock":', '"outcomes":', '"calls":'],
    run(text) {
      refusedBy(/^(?:scenario|sandbox|fault)/, () => resolveSandbox({ scenario: parseJson(text) as never }));
    },
  },
};

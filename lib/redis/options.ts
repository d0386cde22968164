// The options of `redisCoordinator()` and `redisCooldowns()`, checked.
import { bad, check, checkFields, known, number, text, type Rule } from '../check-options.js';
import type { SealKey } from './seal.js';

/** Options of `redisCoordinator()`. */
export interface RedisOptions {
  /** Seal the tokens: the first one seals, each of them opens, so that a new one is put in front of the old. */
  readonly keys: readonly SealKey[];
  /** Behind the names of the sessions in Redis, 32 characters at least. With another one no session is found. */
  readonly nameSecret: string;
  /** In front of the names. Default `'holdfast'`. */
  readonly prefix?: string;
  /** How long a session is kept that nobody uses, ms: as long as a refresh token lives. Default 30 days. */
  readonly idle?: number;
  /** How long the end of a session is remembered, ms. Default a day. */
  readonly tombstone?: number;
  /** How long a step may take before it counts as failed, ms. Default 1 000. */
  readonly timeout?: number;
}

/** Options of `redisCooldowns()`. */
export interface RedisCooldownOptions {
  /** Behind the names of what is limited in Redis, 32 characters at least; the same for all who share. */
  readonly nameSecret: string;
  /** In front of the names. Default `'holdfast'`. */
  readonly prefix?: string;
  /** How long a step may take before a worker goes by what it knows itself, ms. Default 500. */
  readonly timeout?: number;
}

export type Settings = Required<RedisOptions>;

const DAY = 86_400_000;
const DEFAULTS = { prefix: 'holdfast', idle: 30 * DAY, tombstone: DAY, timeout: 1_000 } as const;

const secret: Rule = {
  says: 'a text of at least 32 characters',
  accepts: (value) => typeof value === 'string' && value.length >= 32,
};

/** Longer than any lease, so that no intent is forgotten before its time. */
const kept = number(60_000, 10 * 365 * DAY, ' of ms');

const RULES = {
  nameSecret: secret,
  prefix: {
    says: "letters, digits, '_', '-', ':' and '.', up to 64",
    accepts: (value) => text.accepts(value) && /^[\w:.-]{1,64}$/.test(value as string),
  },
  idle: kept,
  tombstone: kept,
  timeout: number(1, 60_000, ' of ms'),
} satisfies Readonly<Record<string, Rule>>;

const KEY: Readonly<Record<string, Rule>> = {
  id: {
    says: "letters, digits, '_' and '-', up to 32",
    accepts: (value) => typeof value === 'string' && /^[\w-]{1,32}$/.test(value),
  },
  secret,
};

/** @throws TypeError that names the option */
export function readOptions(maker: string, options: RedisOptions): Settings {
  known(maker, options, ['keys', ...Object.keys(RULES)]);
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const settings = { ...DEFAULTS, ...(Object.fromEntries(given) as unknown as RedisOptions) };
  checkFields(maker, '', settings, RULES);
  return Object.freeze({ ...settings, keys: readKeys(maker, settings.keys) });
}

/** @throws TypeError that names the option */
export function readCooldownOptions(
  maker: string,
  options: RedisCooldownOptions,
): Required<RedisCooldownOptions> {
  const rules = { nameSecret: RULES.nameSecret, prefix: RULES.prefix, timeout: RULES.timeout };
  known(maker, options, Object.keys(rules));
  const { nameSecret, prefix = DEFAULTS.prefix, timeout = 500 } = options;
  const settings = { nameSecret, prefix, timeout };
  checkFields(maker, '', settings, rules);
  return settings;
}

function readKeys(maker: string, keys: unknown): readonly SealKey[] {
  const allowed = 'a list of { id, secret }, at least one';
  // What was given may be a secret itself, so that only its type is told.
  if (!Array.isArray(keys) || keys.length === 0)
    bad(maker, 'keys', allowed, Array.isArray(keys) ? [] : typeof keys);
  return keys.map((key: unknown, index) => {
    const where = `keys[${index}]`;
    if (typeof key !== 'object' || key === null) bad(maker, where, 'an object { id, secret }', typeof key);
    known(maker, key, Object.keys(KEY), `${where}.`);
    checkFields(maker, `${where}.`, key, KEY);
    const { id, secret: behind } = key as SealKey;
    const first = keys.findIndex((other: SealKey) => other.id === id);
    check(maker, `${where}.id`, id, {
      says: 'another one than those before it',
      accepts: () => first === index,
    });
    return Object.freeze({ id, secret: behind });
  });
}

// A place at the record of one session in Redis: each method is one script.
import type { EndReason, Ending, Seen, Version } from '../decide/record.js';
import type { Grant, Seat } from '../session/coordinator.js';
import type { Hints, Listener } from './hints.js';
import type { Seal } from './seal.js';
import * as scripts from './scripts.js';
import { strange, type Script } from './steps.js';

/** What a seat needs of its coordinator. */
export interface Table {
  /** Rejects within a bounded time. */
  run(script: Script, key: string, args: readonly string[]): Promise<readonly string[]>;
  readonly hints: Hints;
  /** How long a session that nobody uses is kept, and how long its end, ms. */
  readonly idle: number;
  readonly tombstone: number;
  /** The coordinator was closed. */
  isClosed(): boolean;
}

/** Pauses between looks at a record that somebody else is about to change, ms. */
const FIRST_LOOK = 50;
const MOST = 250;

const REASONS: readonly string[] = [
  'logout',
  'revoked',
  'expired',
  'mismatch',
  'replaced',
] satisfies EndReason[];

/** @param id tells this seat from all others: it needs no hint of what it did itself */
export function seatAt(table: Table, key: string, id: string, seal: Seal): Seat {
  let onChange: (() => void) | undefined;
  let watched: { readonly at: Version; until: number } | undefined;

  const step = (script: Script, args: readonly (string | number)[] = [], keep = table.idle) =>
    table.run(script, key, [ms(keep), key, id, ...args.map(String)]);

  /** @param asked when: tokens may be older by the time that the answer took, and never younger */
  function seenIn([is, gen, ver, ...rest]: readonly string[], asked: number): Seen<Grant> {
    const version = { gen: count(gen), ver: count(ver) };
    if (is === 'end') return { ...version, end: endIn(rest) };
    const [age, sealed = ''] = rest;
    return { ...version, age: count(age) + performance.now() - asked, grant: seal.open(sealed) };
  }

  /** Hints may be lost, so whoever waits for somebody looks too, until the record has changed. */
  function watch(at: Version, forMs: number): void {
    const until = performance.now() + forMs;
    if (watched) {
      watched.until = until;
      return;
    }
    watched = { at, until };
    look(FIRST_LOOK);
  }

  function look(pause: number): void {
    const mine = watched;
    const timer = setTimeout(
      () => {
        if (!mine || watched !== mine) return;
        if (table.isClosed() || performance.now() > mine.until) {
          watched = undefined;
          return;
        }
        step(scripts.PEEK).then(
          ([is, gen, ver]) => {
            if (is !== 'tokens' || !isSame(mine.at, count(gen), count(ver))) changed(mine);
            else look(Math.min(MOST, pause * 2));
          },
          () => look(MOST),
        );
      },
      pause * (0.5 + Math.random() / 2),
    );
    timer.unref();
  }

  function changed(watch: typeof watched): void {
    if (watched !== watch) return; // a hint was faster
    watched = undefined;
    onChange?.();
  }

  // Held by the methods below and by nobody else: it goes with the session.
  const listener: Listener = {
    hint(message) {
      const [from, gen, ver] = message.split(' ');
      if (from === id) return;
      if (watched && !isSame(watched.at, Number(gen), Number(ver))) watched = undefined;
      onChange?.();
    },
  };

  return {
    async begin(grant, joins) {
      const [gen, ver] = await step(scripts.BEGIN, [seal.close(grant), flag(joins)]);
      return { gen: count(gen), ver: count(ver) };
    },
    async load() {
      const asked = performance.now();
      const reply = await step(scripts.LOAD);
      return reply[0] === 'none' ? undefined : seenIn(reply, asked);
    },
    async claim({ seen: at, lease, eager }) {
      const { gen, ver } = at;
      const asked = performance.now();
      const [is, first, ...rest] = await step(scripts.CLAIM, [gen, ver, ms(lease), flag(eager)]);
      switch (is) {
        case 'claimed':
          return {
            is,
            fence: count(first),
            ...(rest[0] !== undefined && { doubtFor: count(rest[0]) }),
          };
        case 'newer':
          return { is, seen: seenIn([first ?? '', ...rest], asked) };
        case 'busy':
          if (onChange) watch(at, count(first));
          return { is, ms: count(first) };
        case 'cooling':
          return { is, ms: count(first) };
        case 'lost':
          return { is };
        default:
          throw strange();
      }
    },
    mark: async (fence, lease) => yes(await step(scripts.MARK, [fence, ms(lease)])),
    commit: async ({ gen, ver }, grant) => yes(await step(scripts.COMMIT, [gen, ver, seal.close(grant)])),
    async cool(fence, forMs, doubtful) {
      await step(scripts.COOL, [fence, ms(forMs), flag(doubtful)]);
    },
    async end({ gen, ver = '' }, { reason, because, by = '' }) {
      const args = [gen, ver, reason, because, by];
      const [is, last, sealed] = await step(scripts.END, args, table.tombstone);
      if (is !== 'last') return undefined;
      return { ver: count(last), grant: lastOf(sealed) };
    },
    subscribe(then) {
      onChange = then;
      const stop = table.hints.listen(key, listener);
      return () => {
        if (onChange !== then) return;
        onChange = undefined;
        watched = undefined;
        stop();
      };
    },
  };

  /** It has ended, whether its tokens can be opened or not. */
  function lastOf(sealed: string | undefined): Grant | undefined {
    try {
      return sealed === undefined ? undefined : seal.open(sealed);
    } catch {
      return undefined;
    }
  }
}

function endIn([reason = '', because = '', by = '']: readonly string[]): Ending {
  if (!REASONS.includes(reason)) throw strange();
  return { reason: reason as EndReason, because, ...(by !== '' && { by: count(by) }) };
}

const isSame = (at: Version, gen: number, ver: number) => at.gen === gen && at.ver === ver;
const yes = ([answer]: readonly string[]) => answer === '1';
const flag = (value: boolean) => (value ? '1' : '0');

/** Whole, because Redis counts so; and no longer than a number can say. */
const ms = (value: number) => String(Math.ceil(Math.min(value, Number.MAX_SAFE_INTEGER / 4)));

function count(text: string | undefined): number {
  const value = Number(text);
  if (text === undefined || !Number.isSafeInteger(value)) throw strange();
  return value;
}

// A small world for the exhaustive search: two holders of one session, one store, one authorization server, and trouble.
// Every move that could happen next is a state of its own, so the search sees each interleaving of the real machine.
import * as rules from '../../lib/decide/record.js';
import { step } from '../../lib/decide/session-machine.js';
import type { Effect, Event, Holder, MachineTerms } from '../../lib/decide/session-events.js';

/** A token pair: its number, and whose it is. */
export interface Pair {
  readonly rt: number;
  readonly subject?: string;
}

/** The pure functions under search; a test breaks one of them to see the search find it. */
export const RULES = { ...rules, step };
export type Rules = typeof RULES;

interface Request {
  readonly kind: 'request';
  readonly rt: number;
  readonly sentAt: number;
  /** What the server has made of it, before anybody heard. */
  readonly came?: Pair | 'refused';
}

type Item =
  | { readonly kind: 'ask'; readonly effect: Effect<Pair> }
  | { readonly kind: 'wake'; readonly at: number }
  | Request;

interface Context {
  readonly holder: Holder<Pair>;
  /** What is under way, oldest first. */
  readonly items: readonly Item[];
  readonly waits: boolean;
  readonly crashed: boolean;
}

export interface World {
  readonly now: number;
  readonly contexts: readonly Context[];
  readonly record: rules.SessionRecord<Pair> | undefined;
  readonly server: {
    /** The refresh token that is good; 0 once the family is dead. */
    readonly live: number;
    readonly minted: number;
    readonly revoked: readonly number[];
  };
  /** Requests that their holder gave up and the server may yet carry out. */
  readonly ghosts: readonly Request[];
  readonly told: number;
  /** Tokens that reached a holder. */
  readonly heard: readonly number[];
  readonly left: {
    readonly needs: number;
    readonly losses: number;
    readonly crashes: number;
    readonly ends: number;
    readonly strangers: number;
    readonly pauses: number;
  };
  readonly broken?: string;
}

export interface Move {
  readonly name: string;
  readonly next: World;
}

export const TERMS: MachineTerms = { rotation: 'single-use', grace: 0, timeout: 1_000, per: 30_000 };
const LEASE = 2_000;
const MOST_VERSIONS = 3;

export function newWorld(left: World['left'], rule: Rules): World {
  const [record, version] = rule.begun<Pair>(undefined, { rt: 1, subject: 'ada' }, false, 0);
  const holder: Holder<Pair> = { held: { ...version, grant: { rt: 1, subject: 'ada' }, at: 0 }, begun: [] };
  const context: Context = { holder, items: [], waits: false, crashed: false };
  const server = { live: 1, minted: 1, revoked: [] };
  return { now: 0, contexts: [context, context], record, server, ghosts: [], told: 0, heard: [1], left };
}

const names = ['A', 'B'] as const;

/** Everything that can happen next. */
export function movesOf(world: World, terms: MachineTerms, rule: Rules): Move[] {
  const moves: Move[] = [];
  const add = (name: string, next: World) => void moves.push({ name, next });
  const { left } = world;
  for (const [index, context] of world.contexts.entries()) {
    const who = names[index]!;
    if (context.crashed) continue;
    const { holder, items } = context;
    const feed = (event: Event<Pair>, from = world) => deliver(from, index, event, terms, rule);
    if (left.needs > 0 && !holder.flight && !holder.end && holder.held.ver < MOST_VERSIONS)
      for (const usable of [true, false]) {
        const doubt = holder.doubt !== undefined;
        if (doubt && terms.rotation === 'strict' && usable) continue; // held back before it gets here
        const waiting = put(world, index, { ...context, waits: !usable });
        const need = { is: 'needed', because: '', usable, eager: false } as const;
        add(`${who} needs new tokens${usable ? ' soon' : ''}`, spend(feed(need, waiting), 'needs'));
      }
    if (left.ends > 0 && !holder.end)
      add(`${who} logs out`, spend(feed({ is: 'end', end: { reason: 'logout', because: '' } }), 'ends'));
    if (left.crashes > 0 && holder.flight)
      add(
        `${who} crashes`,
        spend(
          put(orphanRequests(world, context), index, { ...context, items: [], crashed: true }),
          'crashes',
        ),
      );
    if (context.waits && holder.flight?.step === 'waiting')
      add(
        `${who}'s callers leave`,
        feed({ is: 'abandoned' }, put(world, index, { ...context, waits: false })),
      );
    for (const [at, item] of items.entries()) {
      const rest = items.filter((_, place) => place !== at);
      const without = put(world, index, { ...context, items: rest });
      if (item.kind === 'ask') {
        const [next, event] = ask(world, item.effect, rule);
        const told = put(next, index, { ...context, items: rest });
        add(
          `${who}: ${item.effect.do}${event ? `, and hears ${JSON.stringify(event)}` : ''}`,
          event ? feed(event, told) : told,
        );
        if (left.losses > 0 && event) {
          add(
            `${who}: ${item.effect.do}, but the store is down`,
            spend(feed({ is: 'down' }, without), 'losses'),
          );
          add(
            `${who}: ${item.effect.do}, but the answer is lost`,
            spend(feed({ is: 'down' }, told), 'losses'),
          );
        }
      }
      if (item.kind === 'wake' && world.now >= item.at) add(`${who} wakes`, feed({ is: 'woke' }, without));
      if (item.kind === 'request') {
        const { came, sentAt, rt } = item;
        const late = world.now >= sentAt + terms.timeout;
        if (!came)
          for (const [name, next, outcome] of present(world, rt, terms, left.strangers > 0))
            add(
              `the server ${name} token ${rt} of ${who}`,
              put(next, index, { ...context, items: [...rest, { ...item, came: outcome }] }),
            );
        if (came && !late)
          add(
            `${who} hears from the server`,
            came === 'refused'
              ? feed(DEAD, without)
              : feed(
                  { is: 'granted', grant: came, renewed: OK },
                  { ...without, heard: [...world.heard, came.rt] },
                ),
          );
        if (late || left.losses > 0) {
          const ghost = came ? world.ghosts : [...world.ghosts, item];
          const lost = feed(late ? SILENT : UNCLEAR, { ...without, ghosts: late ? ghost : world.ghosts });
          // A connection that breaks ends the request on both sides; one that only stalls may go on over there.
          add(
            `${who} ${late ? 'waits no longer' : 'loses the connection'}`,
            late ? lost : spend(lost, 'losses'),
          );
        }
      }
    }
  }
  for (const [at, ghost] of world.ghosts.entries()) {
    const rest = world.ghosts.filter((_, place) => place !== at);
    if (world.now < ghost.sentAt + LEASE)
      for (const [name, next] of present(world, ghost.rt, terms, false))
        add(`the server ${name} token ${ghost.rt} of nobody`, { ...next, ghosts: rest });
  }
  const later = deadlines(world, terms).filter((at) => at > world.now);
  // Time that passes while a holder has something to do: that holder was paused.
  const paused = world.contexts.some(
    ({ items, crashed }) =>
      !crashed && items.some((item) => item.kind === 'ask' || (item.kind === 'wake' && item.at <= world.now)),
  );
  const then = () => tidy({ ...world, now: Math.min(...later) });
  if (later.length > 0 && !paused) add('time passes', then());
  if (later.length > 0 && paused && left.pauses > 0) add('a holder is paused', spend(then(), 'pauses'));
  return moves;
}

const OK = { status: 200, attempts: 1 };
const DEAD: Event<Pair> = { is: 'failed', mishap: { thrown: 'dead', says: 'dead' } };
const UNCLEAR: Event<Pair> = { is: 'failed', mishap: { thrown: 'unclear', says: 'unclear' } };
const SILENT: Event<Pair> = { is: 'failed', mishap: { thrown: 'silent', says: 'silent' } };

/** What the server may make of a refresh token. */
function present(
  world: World,
  rt: number,
  { rotation }: MachineTerms,
  stranger: boolean,
): [string, World, Pair | 'refused'][] {
  const { server } = world;
  if (rt === server.live) {
    const minted = server.minted + 1;
    const next = { ...world, server: { ...server, live: minted, minted } };
    const mine: [string, World, Pair] = ['takes', next, { rt: minted, subject: 'ada' }];
    return stranger ? [mine, ['mixes up', spend(next, 'strangers'), { rt: minted, subject: 'bob' }]] : [mine];
  }
  const live = rotation === 'strict' ? 0 : server.live;
  return [['refuses', { ...world, server: { ...server, live } }, 'refused']];
}

/** An event goes to a holder, and what its machine wants done is under way or done. */
function deliver(world: World, index: number, event: Event<Pair>, terms: MachineTerms, rule: Rules): World {
  const context = world.contexts[index]!;
  const [holder, effects] = rule.step(context.holder, event, terms, world.now);
  let next = put(world, index, { ...context, holder });
  const { held: before } = context.holder;
  if (holder.held.gen < before.gen || (holder.held.gen === before.gen && holder.held.ver < before.ver))
    next = { ...next, broken: 'I3: the version in hand went back' };
  for (const effect of effects) next = carryOut(next, index, effect, terms);
  return next;
}

function carryOut(world: World, index: number, effect: Effect<Pair>, terms: MachineTerms): World {
  const context = world.contexts[index]!;
  const add = (item: Item) => put(world, index, { ...context, items: [...context.items, item] });
  switch (effect.do) {
    case 'send': {
      const { rt } = effect.grant;
      const others = [...world.ghosts, ...world.contexts.flatMap(({ items }) => items)];
      const overlaps = others.some(
        (item) => item.kind === 'request' && item.rt === rt && !item.came && world.now < item.sentAt + LEASE,
      );
      const next = add({ kind: 'request', rt, sentAt: world.now });
      if (overlaps) return { ...next, broken: `I2: token ${rt} is presented while it is under way already` };
      if (context.holder.end) return { ...next, broken: 'I9: a holder refreshes after its end' };
      if (terms.rotation === 'strict' && rt < world.server.live && context.holder.flight?.usable)
        return { ...next, broken: `I2: used token ${rt} is presented though there is something to lose` };
      return next;
    }
    case 'revoke':
      return { ...world, server: { ...world.server, revoked: [...world.server.revoked, effect.grant.rt] } };
    case 'release': {
      const { held, end } = context.holder;
      const next = put(world, index, { ...context, waits: false });
      const { record } = world;
      if (effect.outcome.ok && end) return { ...next, broken: 'I5: callers go on after the end' };
      if (effect.outcome.ok && (!record || record.ver < held.ver))
        return { ...next, broken: 'I10: callers get tokens that are not saved' };
      return next;
    }
    case 'tell':
      return world;
    case 'ended':
      return { ...world, told: world.told + 1 };
    case 'wake':
      return add({ kind: 'wake', at: world.now + effect.afterMs });
    default:
      return add({ kind: 'ask', effect });
  }
}

/** The store carries out what a holder asked for. */
function ask(world: World, effect: Effect<Pair>, rule: Rules): [World, Event<Pair> | undefined] {
  const { record, now, server } = world;
  const keep = <A>([next, answer]: readonly [typeof record, A]): [World, A] => [check(world, next), answer];
  switch (effect.do) {
    case 'claim': {
      const [next, claim] = keep(rule.claimed(record, effect, now));
      return [next, { is: 'claim', claim }];
    }
    case 'mark': {
      const [next, ok] = keep(rule.marked(record, effect.fence, effect.lease, now));
      return [next, { is: 'marked', ok }];
    }
    case 'commit': {
      const [next, ok] = keep(rule.committed(record, effect.at, effect.grant, now));
      return [next, { is: 'committed', ok }];
    }
    case 'cool': {
      const [next] = keep(rule.cooled(record, effect.fence, effect.forMs, effect.doubtful, now));
      return [next, { is: 'settled' }];
    }
    case 'close': {
      const live = record?.grant?.rt === server.live;
      const [next, last] = keep(rule.ended(record, effect.at, effect.end));
      if (last && live)
        return [{ ...next, broken: 'I8: a session is ended whose refresh token is good' }, undefined];
      return [next, { is: 'closed', ok: last !== undefined }];
    }
    case 'end': {
      const [next, last] = keep(rule.ended(record, { gen: effect.gen }, effect.end));
      const revoked = last?.grant ? [...server.revoked, last.grant.rt] : server.revoked;
      return [{ ...next, told: next.told + (last ? 1 : 0), server: { ...next.server, revoked } }, undefined];
    }
    case 'load':
      return [world, record ? { is: 'seen', seen: rule.seenOf(record, now) } : { is: 'gone' }];
    default:
      throw new Error(effect.do);
  }
}

/** What must hold for every change of the record. */
function check(world: World, record: World['record']): World {
  const before = world.record;
  const next = { ...world, record };
  if (!before || !record || before === record) return next;
  if (record.gen < before.gen || (record.gen === before.gen && record.ver < before.ver))
    return { ...next, broken: 'I3: the version in the store went back' };
  if (before.end && record.gen === before.gen && !record.end)
    return { ...next, broken: 'I9: an ended session is alive again' };
  if (record.grant && record.grant.subject !== 'ada')
    return { ...next, broken: 'I22: the session passed to somebody else' };
  const [one, other] = [before.intent, record.intent];
  if (one && other && one.fence !== other.fence && world.now < one.until)
    return { ...next, broken: 'I1: two intents are alive' };
  return next;
}

/** What tells one world from another: moments count from now, and what no rule looks at is left out. */
export function keyOf({ now, contexts, record, server, ghosts, told, heard, left, broken }: World): string {
  const from = (moment = 0) => Math.max(0, moment - now);
  const since = (moment: number) => Math.min(2 * LEASE, now - moment);
  const old = (of: number | undefined) => of && Math.min(2, (record?.fence ?? 0) - of);
  const bare = (thing: object) =>
    Object.entries(thing).map(([name, value]) => {
      if (name === 'fence') return old(value as number);
      if (name === 'beganAt' || name === 'askedAt' || name === 'sentAt') return since(value as number);
      return name === 'because' ? 0 : (value as unknown);
    });
  const seen = contexts.map(({ holder, items, waits, crashed }) => [
    [holder.held.gen, holder.held.ver, holder.held.grant.rt, holder.end?.reason, holder.doubt !== undefined],
    holder.flight && bare(holder.flight),
    items.map((item) =>
      item.kind === 'wake' ? from(item.at) : bare(item.kind === 'ask' ? item.effect : item),
    ),
    [waits, crashed],
  ]);
  const { intent, gen, ver, grant, doubt, end } = record ?? {};
  const stored = [
    gen,
    ver,
    grant,
    intent?.phase,
    old(intent?.fence),
    from(intent?.until),
    doubt !== undefined,
    end?.reason,
  ];
  const under = ghosts.map(({ rt, sentAt }) => [rt, since(sentAt)]);
  const sees = [server.live, server.minted, [...new Set(server.revoked)].sort()];
  return JSON.stringify([seen, stored, sees, under, told, heard, left, broken]);
}

/** What must hold where nothing can happen any more. */
export function flawAtRest(world: World): string | undefined {
  const { contexts, record, server, told, heard } = world;
  if (contexts.some(({ crashed, holder }) => !crashed && holder.flight)) return 'I23: a refresh hangs';
  if (contexts.some(({ crashed, waits }) => !crashed && waits)) return 'I6: callers wait for ever';
  const crashed = contexts.some((each) => each.crashed);
  if (record?.end && told !== 1 && !crashed) return `I7: the end was told ${told} times`;
  // What the server minted and nobody ever heard of, nobody can revoke.
  if (
    record?.end?.reason === 'logout' &&
    !crashed &&
    heard.includes(server.live) &&
    !server.revoked.includes(server.live)
  )
    return 'I9: tokens stay valid after the logout';
  return undefined;
}

function deadlines({ contexts, ghosts, record }: World, terms: MachineTerms): number[] {
  const items = contexts.flatMap(({ items: all }) => all);
  return [
    ...items.flatMap((item) =>
      item.kind === 'wake' ? [item.at] : item.kind === 'request' ? [item.sentAt + terms.timeout] : [],
    ),
    ...ghosts.map(({ sentAt }) => sentAt + LEASE),
    ...(record?.intent ? [record.intent.until] : []),
  ];
}

const tidy = (world: World): World => ({
  ...world,
  ghosts: world.ghosts.filter(({ sentAt }) => world.now < sentAt + LEASE),
});

function put(world: World, index: number, context: Context): World {
  return { ...world, contexts: world.contexts.map((each, place) => (place === index ? context : each)) };
}

/** What a crashed holder has sent is on its way all the same. */
function orphanRequests(world: World, { items }: Context): World {
  const sent = items.filter((item): item is Request => item.kind === 'request' && !item.came);
  return { ...world, ghosts: [...world.ghosts, ...sent] };
}

function spend(world: World, what: keyof World['left']): World {
  return { ...world, left: { ...world.left, [what]: world.left[what] - 1 } };
}

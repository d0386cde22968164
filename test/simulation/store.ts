// The store as one client of a run sees it: in trouble by schedule, and watched.
import type { Awaitable, Coordinator, Grant, Seat } from '../../lib/index.js';
import type { AuthServer, Pair } from './server.js';
import type { World } from './world.js';

/** Who refreshes a session just now, by its key. */
export type Intents = Map<string, { readonly fence: number; readonly who: string; until: number }>;

export function storeOf(inner: Coordinator, who: string, world: World, intents: Intents): Coordinator {
  const { journal, faults, server } = world;
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  /**
   * @param note sees the answer when the step has taken effect
   * @param absent what it answers where there is no record
   * @param unheard called where it fails
   */
  function step<T>(
    what: string,
    carryOut: () => Awaitable<T>,
    note: (answer: T) => string,
    absent?: { answer: T },
    unheard?: () => void,
  ) {
    const fate = faults.step();
    const noted = (answer: T) => {
      journal.say(`${who}: ${what}: ${note(answer)}`);
      return answer;
    };
    if (!fate) {
      const answer = carryOut();
      return isPromise(answer) ? answer.then(noted) : noted(answer);
    }
    return inTrouble();

    async function inTrouble(): Promise<T> {
      await pause(fate!.before);
      if (fate!.fails) unheard?.();
      if (fate!.fails === 'before') {
        journal.say(`${who}: ${what}: the store does not get it`);
        throw new Error('The store did not get it.');
      }
      if (fate!.absent && absent) {
        journal.say(`${who}: ${what}: the store does not find the record`);
        return absent.answer;
      }
      const answer = noted(await carryOut());
      await pause(fate!.after);
      if (fate!.fails === 'after') {
        journal.say(`${who}: ${what}: the answer is lost`);
        throw new Error('The answer of the store was lost.');
      }
      return answer;
    }
  }

  function saved(pair: Pair): void {
    const era = world.eraOf(pair);
    if (!era) journal.broken('I22', `${pair.name} was saved, which is of no session here`);
    else if (pair.serial <= (era.saved.at(-1)?.serial ?? 0) || era.saved.includes(pair))
      journal.broken('I3', `${pair.name} was saved after ${era.saved.at(-1)?.name}`);
    else era.saved.push(pair);
  }

  return {
    open(key): Seat {
      const seat = inner.open(key);
      return {
        begin: (grant, joins) =>
          step(
            'begin',
            () => seat.begin(grant, joins),
            ({ gen, ver }) => {
              const pair = pairOf(server, grant.tokens.accessToken.reveal());
              if (joined(seat.load(), grant)) return `joins ${gen}.${ver}`;
              const era = world.eraOf(pair) ?? world.begin(pair.family, key);
              // Its answer was lost, and it began once more: for whoever was in by then, it replaced itself.
              if (!era.saved.includes(pair)) saved(pair);
              else {
                era.again = true;
                if (era.over === 'replaced') delete era.over; // also where another one had come in its place
              }
              for (const era of world.eras)
                if (era.key === key && era.family !== pair.family && era.saved.length > 0)
                  era.over ??= 'replaced';
              intents.delete(key);
              return `${pair.name} is ${gen}.${ver}`;
            },
          ),
        load: () =>
          step(
            'load',
            () => seat.load(),
            (seen) =>
              !seen ? 'nothing' : 'end' in seen ? `ended (${seen.end.reason})` : `${seen.gen}.${seen.ver}`,
            { answer: undefined },
          ),
        claim(terms) {
          const asked = performance.now();
          return step<Awaited<ReturnType<Seat['claim']>>>(
            `claim ${terms.seen.gen}.${terms.seen.ver}`,
            () => seat.claim(terms),
            (claim) => {
              if (claim.is !== 'claimed') return claim.is;
              const other = intents.get(key);
              if (other && other.fence !== claim.fence && performance.now() < other.until)
                journal.broken('I1', `${who} claims while the intent of ${other.who} is alive`);
              intents.set(key, { fence: claim.fence, who, until: asked + terms.lease });
              return `claimed with fence ${claim.fence}`;
            },
            { answer: { is: 'lost' } },
          );
        },
        mark(fence, lease) {
          const asked = performance.now();
          return step(
            `mark ${fence}`,
            () => seat.mark(fence, lease),
            (ok) => {
              const intent = intents.get(key);
              if (ok && intent?.fence === fence) intent.until = asked + lease;
              return String(ok);
            },
          );
        },
        commit: (at, grant) =>
          step(
            `commit ${at.gen}.${at.ver + 1}`,
            () => seat.commit(at, grant),
            (ok) => {
              const pair = pairOf(server, grant.tokens.accessToken.reveal());
              if (ok) saved(pair);
              if (ok) intents.delete(key);
              return `${pair.name}: ${ok}`;
            },
          ),
        cool: (fence, forMs, doubtful) =>
          step(
            `cool ${fence}`,
            () => seat.cool(fence, forMs, doubtful),
            () => {
              if (intents.get(key)?.fence === fence) intents.delete(key);
              return `for ${Math.round(forMs)} ms${doubtful ? ', in doubt' : ''}`;
            },
          ),
        end: (at, end) =>
          step(
            `end ${at.gen}.${at.ver ?? '*'} (${end.reason})`,
            () => seat.end(at, end),
            (last) => {
              if (!last) return 'nothing to end';
              intents.delete(key);
              const pair = last.grant && pairOf(server, last.grant.tokens.accessToken.reveal());
              if (pair) checkEnd(world, pair, end.reason);
              return `ended, last was ${pair?.name}`;
            },
            undefined,
            () => {
              for (const era of world.eras) if (era.key === key) era.unheard = true;
            },
          ),
        subscribe: (onChange) =>
          seat.subscribe(() => {
            if (world.plan.trouble.store === null) onChange();
            else for (const after of faults.hints()) setTimeout(onChange, after);
          }),
      };
    },
  };
}

/** A session that was there goes on, and nothing began. */
function joined(seen: Awaited<ReturnType<Seat['load']>> | PromiseLike<unknown>, { tokens }: Grant): boolean {
  if (!seen || 'then' in seen || !('grant' in seen)) return false;
  return seen.grant.tokens.accessToken.reveal() !== tokens.accessToken.reveal();
}

/** Only a verdict ends a session, and only one about its tokens. */
function checkEnd({ server, journal, plan, eraOf }: World, pair: Pair, reason: string): void {
  const era = eraOf(pair);
  if (era) era.closed = true;
  const { losses } = plan.trouble;
  if (reason === 'logout' && era?.over !== 'logout' && !era?.failed)
    journal.broken('I8', 'a session ended as if by logout(), which nobody called');
  if (reason === 'mismatch' && !era?.mixed)
    journal.broken('I8', 'a session ended for tokens of somebody else, which nobody got');
  if (reason !== 'expired' || era?.again) return;
  if (server.takes(pair)) journal.broken('I8', `a session ended whose refresh token ${pair.name} is good`);
  // Where no answer was lost, nothing that a client does may cost its session.
  const whole = !pair.family.lost && !pair.family.cut && !losses;
  if (whole && !['it was logged out', 'it was revoked'].includes(pair.family.dead ?? ''))
    journal.broken('I8', `a session is lost though no answer was: ${pair.family.dead ?? 'used up'}`);
}

function pairOf(server: AuthServer, access: string): Pair {
  const pair = server.pairOf(access);
  if (!pair) throw new Error('The store was given a token that nobody minted.');
  return pair;
}

function isPromise<T>(value: Awaitable<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value;
}

// Tells the chapters one after the other and holds what was seen against what is said.
import { isDeepStrictEqual } from 'node:util';
import { createAuthClient, type AuthClient, type EventName, type PolicyOptions } from '../../../lib/index.js';
import { DEMO, type Sandbox, type SandboxOptions } from '../../../lib/sandbox/index.js';
import { createPaint, createTimeline, follow, type Lane, type Timeline } from './timeline.js';

export interface Chapter {
  readonly title: string;
  /** Where the defaults would make the story longer. */
  readonly policies?: PolicyOptions;
  play(stage: Stage): Promise<unknown>;
}

/** What a chapter has to work with. */
export interface Stage {
  readonly sandbox: Sandbox;
  readonly auth: AuthClient;
  /** Writes a line that no event of the client does. */
  readonly say: (lane: Extract<Lane, 'app' | 'server'>, text: string) => void;
  /** Does what the story takes for granted, without telling it. */
  readonly offstage: <T>(prepare: () => Promise<T>) => Promise<T>;
  /** Turns the server's clock forward, ms. */
  readonly later: (ms: number) => void;
  /** How often the client told of this. */
  readonly told: (event: EventName) => number;
  /** Says something that must be true of what was seen. */
  readonly check: (says: string, seen: unknown, expected: unknown) => void;
}

export interface Telling {
  /** Starts the sandbox to play against. */
  readonly start: (options: SandboxOptions) => Promise<Sandbox>;
  readonly write: (line: string) => void;
  readonly colours?: boolean;
}

const EVENTS = ['attempt', 'retry', 'settled', 'queued', 'cooldown', 'refresh', 'sessionEnded'] as const;

/** What came of a chapter, or of all. */
interface Tally {
  good: boolean;
  checks: number;
  requests: number;
}

/** The exit code: 0 if every chapter was as told. */
export async function tell(chapters: readonly Chapter[], telling: Telling): Promise<number> {
  const { start, write, colours = false } = telling;
  const paint = createPaint(colours);
  const clock = { ahead: 0 };
  const startedAt = performance.now();
  const sandbox = await start({ now: () => Date.now() + clock.ahead });
  const failed: string[] = [];
  let checks = 0;
  let requests = 0;
  write(`${paint('title', 'holdfast')}: real HTTP against a sandbox at ${sandbox.url}`);
  try {
    for (const [index, chapter] of chapters.entries()) {
      const title = `${index + 1}. ${chapter.title}`;
      write(`\n${paint('title', title)}`);
      clock.ahead = 0;
      const tally = await play(chapter, sandbox, clock, createTimeline(write, paint));
      if (!tally.good) failed.push(title);
      checks += tally.checks;
      requests += tally.requests;
    }
  } finally {
    await sandbox.close();
  }
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  const sums = `${plural(chapters.length, 'chapter')}, ${checks} checks, ${requests} requests, ${seconds} s`;
  if (failed.length === 0) write(`\n${paint('checked', `All as told: ${sums}.`)}`);
  else write(`\n${paint('failed', `Not as told (${sums}): ${failed.join('; ')}`)}`);
  return failed.length === 0 ? 0 : 1;
}

/** One chapter: a fresh sandbox, a fresh client, and in the end both must have seen the same number of requests. */
async function play(
  chapter: Chapter,
  sandbox: Sandbox,
  clock: { ahead: number },
  timeline: Timeline,
): Promise<Tally> {
  const tally: Tally = { good: true, checks: 0, requests: 0 };
  sandbox.reset();
  const auth = createAuthClient({
    baseURL: sandbox.url,
    credentials: { clientId: DEMO.client.id, clientSecret: DEMO.client.secret },
    shopId: DEMO.shopId,
    policies: chapter.policies ?? {},
  });
  const counts = new Map<EventName, number>();
  for (const name of EVENTS) auth.on(name, () => counts.set(name, (counts.get(name) ?? 0) + 1));
  follow(auth, timeline);

  const stage: Stage = {
    sandbox,
    auth,
    say: timeline.say,
    async offstage(prepare) {
      timeline.mute(true);
      return prepare().finally(() => timeline.mute(false));
    },
    later(ms) {
      clock.ahead += ms;
    },
    told: (event) => counts.get(event) ?? 0,
    check(says, seen, expected) {
      tally.checks += 1;
      const isSo = isDeepStrictEqual(seen, expected);
      tally.good &&= isSo;
      const but = `: expected ${JSON.stringify(expected)}, saw ${JSON.stringify(seen)}`;
      timeline.say(isSo ? 'checked' : 'failed', says + (isSo ? '' : but));
    },
  };
  try {
    await chapter.play(stage);
    tally.requests = sandbox.counts().received;
    const says = `${plural(tally.requests, 'request')} at the server, as the client told`;
    stage.check(says, stage.told('attempt'), tally.requests);
  } catch (error) {
    tally.good = false;
    timeline.say('failed', error instanceof Error ? error.message : String(error));
  } finally {
    auth.close();
  }
  return tally;
}

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

// The timeline: one line for each thing that happens, with the time and who does it. Events that come in swarms are
// counted into one line.
import type { AuthClient, EventMap } from '../../../lib/index.js';

/** Who does something: the application, the server, or a part of the client. */
export type Lane = 'app' | 'server' | 'wire' | 'gate' | 'session' | 'checked' | 'failed';

export interface Timeline {
  /** A line of its own. */
  readonly say: (lane: Lane, text: string) => void;
  /** A line for the same thing however often it happens; `afterMs` is shown as a range. */
  readonly count: (lane: Lane, text: string, afterMs?: number) => void;
  /** Leaves out what happens until it is called with `false`. */
  readonly mute: (muted: boolean) => void;
}

interface Swarm {
  readonly at: number;
  readonly lane: Lane;
  readonly text: string;
  readonly delays: number[];
  count: number;
}

const WIDTH = 100;
const INDENT = 20;
/** Longest that a swarm is counted before it is printed, ms. */
const PATIENCE = 600;

/** What was checked has no time of its own. */
const MARKS: { readonly [L in Lane]?: string } = { checked: '      ✓', failed: '      ✗' };

const STYLES: Readonly<Record<Lane | 'title' | 'time', string>> = {
  title: '1',
  time: '2',
  app: '36',
  server: '35',
  wire: '0',
  gate: '33',
  session: '34',
  checked: '32',
  failed: '31',
};

export type Paint = (style: keyof typeof STYLES, text: string) => string;

export function createPaint(colours: boolean): Paint {
  return (style, text) => (colours ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text);
}

export function createTimeline(write: (line: string) => void, paint: Paint): Timeline {
  let startedAt: number | undefined;
  let swarms: Swarm[] = [];
  let isMuted = false;

  function print(at: number, lane: Lane, text: string): void {
    if (isMuted) return;
    startedAt ??= at;
    const mark = MARKS[lane];
    const time = mark ? '' : `${Math.round(at - startedAt)} ms`;
    const [first = '', ...rest] = wrap(text, WIDTH - INDENT);
    write(`${paint('time', time.padStart(9))}  ${paint(lane, (mark ?? lane).padEnd(INDENT - 11) + first)}`);
    for (const line of rest) write(' '.repeat(INDENT) + paint(lane, line));
  }

  function flush(): void {
    const due = swarms;
    swarms = [];
    for (const { at, lane, text, count, delays } of due) {
      const times = count > 1 ? ` ×${count}` : '';
      print(at, lane, text + times + (delays.length > 0 ? `, again in ${range(delays)} ms` : ''));
    }
  }

  return {
    mute(muted) {
      flush();
      isMuted = muted;
    },
    say(lane, text) {
      flush();
      print(performance.now(), lane, text);
    },
    count(lane, text, afterMs) {
      const at = performance.now();
      if (at - (swarms[0]?.at ?? at) > PATIENCE) flush();
      let swarm = swarms.find((each) => each.lane === lane && each.text === text);
      if (!swarm) swarms.push((swarm = { at, lane, text, count: 0, delays: [] }));
      swarm.count += 1;
      if (afterMs !== undefined) swarm.delays.push(afterMs);
    },
  };
}

/** Lets the client's own events write the timeline. */
export function follow(auth: AuthClient, { say, count }: Timeline): void {
  const name = ({ method, route }: EventMap['attempt' | 'queued']) => `${method.toUpperCase()} ${route}`;
  const answer = ({ status, code = '' }: { readonly status?: number; readonly code?: string }) =>
    `← ${[status ?? 'nothing', code].join(' ').trim()}`;
  auth.on('attempt', (event) => count('wire', `→ ${name(event)}${event.attempt > 1 ? ' again' : ''}`));
  auth.on('retry', (event) => count('wire', answer(event), event.afterMs));
  auth.on('settled', (event) => {
    if (event.attempts === 0) count('wire', `not sent: ${event.code ?? ''}`);
    else count('wire', event.ok ? answer(event) : `${answer(event)}, final`);
  });
  auth.on('queued', (event) => count('gate', `${name(event)} waits in line`));
  auth.on('cooldown', ({ forMs }) => count('gate', `closed for ${forMs} ms`));
  auth.on('refresh', ({ phase, version, code }) =>
    say('session', `refresh ${phase}${code ? `: ${code}` : `, tokens no. ${version} in hand`}`),
  );
  auth.on('sessionEnded', ({ reason, because }) => say('session', `ended (${reason}): ${because}`));
}

function range(numbers: readonly number[]): string {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)].map(Math.round);
  return least === most ? String(least) : `${least}–${most}`;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = [lines.at(-1), word].filter((part) => part !== undefined).join(' ');
    if (lines.length > 0 && longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

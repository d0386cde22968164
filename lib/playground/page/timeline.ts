// The timeline as data: from the events of a client to lanes, one a call, in bursts. Pure; the page only draws it.
import type { EventMap } from '../../index.js';
import type { Told } from '../protocol.js';

/** What a call does: it waits in line, is under way, waits to repeat, for a limit to pass, or for a token. */
export type Doing = 'line' | 'sent' | 'backoff' | 'cooldown' | 'token';

export interface Stretch {
  readonly is: Doing;
  readonly from: number;
  /** Absent while it lasts. */
  readonly to?: number;
  readonly attempt?: number;
  /** Of an attempt that failed: the row of the failure table. */
  readonly row?: string;
  readonly status?: number;
}

type Settled = EventMap['settled'];

export interface Lane {
  readonly call: number;
  readonly method: string;
  readonly route: string;
  readonly operation: string;
  readonly from: number;
  readonly stretches: readonly Stretch[];
  /** Absent while the call lives. */
  readonly end?: Pick<Settled, 'at' | 'ok' | 'attempts' | 'ms' | 'status' | 'code' | 'because'>;
}

/** Calls that were alive together, or nearly so. */
export interface Burst {
  readonly id: number;
  /** What somebody asked for; absent where the calls came by themselves. */
  readonly title?: string;
  readonly from: number;
  /** The last thing that happened in it. */
  readonly last: number;
  readonly lanes: readonly Lane[];
  readonly refreshes: number;
  /** How often each row of the failure table fired, by its id. */
  readonly rows: Readonly<Record<string, number>>;
}

export interface SessionView {
  readonly key: string;
  readonly status: 'live' | 'refreshing' | 'ended';
  readonly version: number;
  readonly because?: string;
}

export interface View {
  /** Newest first. */
  readonly bursts: readonly Burst[];
  readonly session: SessionView | undefined;
  readonly refreshes: number;
  /** What was asked for; the next call begins its burst. */
  readonly act?: string | undefined;
  /** When each closed bucket opens, by its name. */
  readonly opensAt: Readonly<Record<string, number>>;
}

export const EMPTY: View = { bursts: [], session: undefined, refreshes: 0, opensAt: {} };

/** What comes later than this after the last call ended begins a burst of its own, ms. */
const PAUSE = 600;
const MOST_BURSTS = 8;
const MOST_LANES = 200;
const TOGETHER: ReadonlySet<string> = new Set(['request', 'refresh']);
/** A call that was not heard of for this long at its beginning waited for a token, ms. */
const NOTABLE = 5;

/** Somebody asked for calls: those that come now belong together, whatever else is alive. */
export const act = (view: View, title: string): View => ({ ...view, act: title });

/** What the events so far come to, and one more. */
export function hear(view: View, { name, event }: Told): View {
  switch (name) {
    case 'refresh':
      return refreshed(view, event);
    case 'sessionStarted':
      return { ...view, session: { key: event.session, status: 'live', version: 1 } };
    case 'sessionEnded':
      if (view.session?.key !== event.session) return view;
      return { ...view, session: { ...view.session, status: 'ended', because: event.because } };
    case 'breaker':
      return view;
    case 'cooldown':
      return { ...view, opensAt: { ...view.opensAt, [event.bucket]: event.at + event.forMs } };
    case 'failure':
      return onLane(view, event, (lane) => failed(lane, event), event.row);
    case 'attempt':
      return onLane(view, event, (lane) => begin(lane, event.at, { is: 'sent', attempt: event.attempt }));
    case 'queued':
      return onLane(view, event, (lane) =>
        begin(lane, event.at, { is: event.reason === 'cooldown' ? 'cooldown' : 'line' }),
      );
    case 'retry':
      return onLane(view, event, (lane) => begin(lane, event.at, { is: 'backoff' }));
    case 'settled':
      return onLane(view, event, (lane) => settled(lane, event));
  }
}

type CallEvent = EventMap['attempt' | 'failure' | 'queued' | 'retry' | 'settled'];

function onLane(view: View, event: CallEvent, change: (lane: Lane) => Lane, row?: string): View {
  const { call, method, route, operation, at } = event;
  const home = view.bursts.find(({ lanes }) => lanes.some((lane) => lane.call === call));
  const title = operation === 'request' && !home ? view.act : undefined;
  const [newest] = view.bursts;
  const burst: Burst =
    home ??
    (newest && title === undefined && joins(newest, at, operation)
      ? newest
      : {
          id: call,
          from: at,
          last: at,
          lanes: [],
          refreshes: 0,
          rows: {},
          ...(title !== undefined && { title }),
        });
  const lane = burst.lanes.find((each) => each.call === call);
  const changed = change(lane ?? { call, method, route, operation, from: at, stretches: [] });
  const next: Burst = {
    ...burst,
    from: Math.min(burst.from, changed.from),
    last: Math.max(burst.last, at),
    lanes: lane ? burst.lanes.map((each) => (each === lane ? changed : each)) : [...burst.lanes, changed],
    rows: row === undefined ? burst.rows : { ...burst.rows, [row]: (burst.rows[row] ?? 0) + 1 },
  };
  const bursts = view.bursts.includes(burst)
    ? view.bursts.map((each) => (each === burst ? next : each))
    : [next, ...view.bursts].slice(0, MOST_BURSTS);
  return { ...view, bursts, act: title === undefined ? view.act : undefined };
}

/** A refresh goes with whoever needs it; a login and its like stand for themselves. */
function joins({ lanes, last }: Burst, at: number, operation: string): boolean {
  if (operation === 'refresh') return true;
  if (operation !== 'request' || lanes.some((lane) => !TOGETHER.has(lane.operation))) return false;
  return lanes.length < MOST_LANES && (lanes.some(({ end }) => !end) || at - last < PAUSE);
}

/** Ends what the lane did, and begins what it does now. */
function begin(lane: Lane, at: number, next: Omit<Stretch, 'from'>): Lane {
  return { ...lane, stretches: [...closed(lane.stretches, at), { ...next, from: at }] };
}

function closed(stretches: readonly Stretch[], at: number, more: Partial<Stretch> = {}): readonly Stretch[] {
  const last = stretches.at(-1);
  return last?.to === undefined && last
    ? [...stretches.slice(0, -1), { ...last, ...more, to: at }]
    : stretches;
}

/** The attempt is over; what its row asks for begins, unless another event tells when. */
function failed(lane: Lane, { at, row, status, reaction }: EventMap['failure']): Lane {
  const stretches = closed(lane.stretches, at, { row, ...(status !== undefined && { status }) });
  if (reaction !== 'refresh' && reaction !== 'cooldown') return { ...lane, stretches };
  return {
    ...lane,
    stretches: [...stretches, { is: reaction === 'refresh' ? 'token' : 'cooldown', from: at }],
  };
}

function settled(lane: Lane, { at, ok, attempts, ms, status, code, because }: Settled): Lane {
  const from = at - ms;
  const first = lane.stretches[0]?.from ?? at;
  const before: Stretch[] = first - from > NOTABLE ? [{ is: 'token', from, to: first }] : [];
  const last = lane.stretches.at(-1);
  const more = ok && last?.is === 'sent' && status !== undefined ? { status } : {};
  return {
    ...lane,
    from: Math.min(lane.from, from),
    stretches: [...before, ...closed(lane.stretches, at, more)].filter(({ from: begun, to }) => begun !== to),
    end: {
      at,
      ok,
      attempts,
      ms,
      ...(status !== undefined && { status }),
      ...(code !== undefined && { code }),
      ...(because !== undefined && { because }),
    },
  };
}

function refreshed(view: View, { session: key, phase, version }: EventMap['refresh']): View {
  const session = view.session?.key === key ? view.session : undefined;
  const status = phase === 'started' ? 'refreshing' : 'live';
  const counts = phase === 'succeeded' ? 1 : 0;
  const [newest, ...older] = view.bursts;
  return {
    ...view,
    refreshes: view.refreshes + counts,
    bursts: newest ? [{ ...newest, refreshes: newest.refreshes + counts }, ...older] : [],
    session: session && session.status !== 'ended' ? { ...session, version, status } : view.session,
  };
}

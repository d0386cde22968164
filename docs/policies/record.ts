// What a client tells of its calls, as lanes to be drawn: one for each call, with its attempts and its waits.
import type { AuthClient, EventMap } from '../../lib/index.js';

/** A stretch of time, ms since the story began. */
export interface Span {
  readonly from: number;
  readonly to: number;
  /** What came of it, such as a status; empty where the picture needs no word. */
  readonly text: string;
  readonly ok: boolean;
}

/** One call. */
export interface Lane {
  readonly name: string;
  readonly startedAt: number;
  readonly attempts: readonly Span[];
  readonly endedAt: number;
  /** `200`, or a code. */
  readonly outcome: string;
  readonly ok: boolean;
}

export interface Recording {
  readonly lanes: readonly Lane[];
  /** What concerns many calls: a closed bucket, a refresh, an open breaker. */
  readonly bands: readonly Span[];
  readonly endedAt: number;
}

interface OpenLane {
  name: string;
  startedAt: number;
  attempts: { from: number; to: number | undefined; text: string; ok: boolean }[];
  endedAt: number;
  outcome: string;
  ok: boolean;
}

/** Listens to a client from now on; the result says what was heard. */
export function record(on: AuthClient['on']): () => Recording {
  const beganAt = Date.now();
  const lanes = new Map<number, OpenLane>();
  const bands: { from: number; to: number; text: string; ok: boolean }[] = [];
  const since = (at: number) => at - beganAt;
  const laneOf = ({ call, method, route, at }: EventMap['attempt' | 'queued' | 'failure' | 'settled']) => {
    const name = `${method.toUpperCase()} ${route}`;
    const lane = lanes.get(call) ?? {
      name,
      startedAt: since(at),
      attempts: [],
      endedAt: NaN,
      outcome: '',
      ok: false,
    };
    lanes.set(call, lane);
    return lane;
  };
  /** The last attempt is over. */
  const close = ({ attempts }: OpenLane, at: number, text: string, ok: boolean) => {
    const last = attempts.at(-1);
    if (last && last.to === undefined) Object.assign(last, { to: since(at), text, ok });
  };

  on('queued', laneOf);
  on('attempt', (event) =>
    laneOf(event).attempts.push({ from: since(event.at), to: undefined, text: '', ok: true }),
  );
  on('failure', (event) => close(laneOf(event), event.at, String(event.status ?? event.code), false));
  on('settled', (event) => {
    const { ok, at, ms, status, code = '' } = event;
    const lane = laneOf(event);
    const outcome = ok ? String(status) : code;
    close(lane, at, outcome, ok);
    Object.assign(lane, { startedAt: since(at) - ms, endedAt: since(at), outcome, ok });
  });
  on('cooldown', ({ at, forMs }) => {
    bands.push({ from: since(at), to: since(at) + forMs, text: 'bucket closed', ok: false });
  });
  on('refresh', ({ at, phase }) => {
    if (phase === 'started') bands.push({ from: since(at), to: NaN, text: 'refresh', ok: true });
    else Object.assign(bands.at(-1)!, { to: since(at) });
  });
  on('breaker', ({ at, state }) => {
    if (state === 'open') bands.push({ from: since(at), to: NaN, text: 'breaker open', ok: false });
    else if (state === 'half-open') Object.assign(bands.at(-1)!, { to: since(at) });
  });

  return () => {
    const done = [...lanes.values()].map((lane) => ({
      ...lane,
      attempts: lane.attempts.map((each) => ({ ...each, to: each.to ?? lane.endedAt })),
    }));
    return { lanes: done, bands, endedAt: Math.max(...done.map(({ endedAt }) => endedAt)) };
  };
}

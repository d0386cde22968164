// Draws bursts: a heading with their sums, the rows of the failure table that fired, an axis, and the lanes.
import { FAILURES } from '../../contract/failures.js';
import type { FailureRow } from '../../contract/failure-row.js';
import { make, write } from './dom.js';
import { counted, duration, sumOf, ticks, titleOf } from './figures.js';
import { createLane, type DrawnLane } from './lanes.js';
import type { Burst } from './timeline.js';

interface DrawnBurst {
  readonly root: HTMLDetailsElement;
  draw(burst: Burst, now: number): void;
}

const TABLE: readonly FailureRow[] = FAILURES;
const SHORTEST = 100;
/** Room that a mark of the axis takes, px. */
const MARK = 76;

/** Draws into an element; call it again whenever something has changed. */
export function createBursts(into: HTMLElement) {
  let drawn = new Map<number, DrawnBurst>();
  return (bursts: readonly Burst[], now: number): void => {
    const next = new Map<number, DrawnBurst>();
    for (const burst of bursts) {
      const known = drawn.get(burst.id);
      if (!known) for (const { root } of drawn.values()) root.open = false; // the newest is what one looks at
      next.set(burst.id, known ?? createBurst());
    }
    for (const [id, { root }] of drawn) if (!next.has(id)) root.remove();
    for (const each of [...next.values()].reverse()) if (!each.root.isConnected) into.prepend(each.root);
    drawn = next;
    for (const burst of bursts) drawn.get(burst.id)?.draw(burst, now);
  };
}

function createBurst(): DrawnBurst {
  const title = make('span', { class: 'title' });
  const facts = make('span', { class: 'facts' });
  const fired = make('ul', { class: 'fired', 'aria-label': 'Rows of the failure table that fired' });
  const axis = make('div', { class: 'axis', 'aria-hidden': 'true' });
  const list = make('ol', { class: 'lanes' });
  const root = make(
    'details',
    { class: 'burst', open: true },
    make('summary', {}, title, ' ', facts),
    fired,
    make('div', { class: 'lane axis-row', 'aria-hidden': 'true' }, axis),
    list,
  );
  const lanes = new Map<number, DrawnLane>();
  let last: Burst | undefined;
  let lastWidth = 0;
  let rows: Burst['rows'] | undefined;

  return {
    root,
    draw(burst, now) {
      const sum = sumOf(burst);
      const isAlive = burst.lanes.some(({ end }) => !end);
      const width = axis.clientWidth;
      if (burst === last && !isAlive && width === lastWidth) return;
      last = burst;
      lastWidth = width;
      write(title, `${titleOf(burst)} at ${new Date(burst.from).toLocaleTimeString()}`);
      write(facts, factsOf(sum));
      root.dataset.alive = String(isAlive);
      if (rows !== burst.rows) fired.replaceChildren(...Object.entries(burst.rows).map(firedRow));
      rows = burst.rows;
      if (!root.open) return;
      const spanMs = isAlive ? roomy(now - burst.from) : Math.max(sum.ms, SHORTEST);
      drawAxis(axis, spanMs, width);
      for (const lane of burst.lanes) {
        let known = lanes.get(lane.call);
        if (!known) {
          known = createLane();
          lanes.set(lane.call, known);
          // A refresh is what the others wait for.
          if (lane.operation === 'refresh') list.prepend(known.root);
          else list.append(known.root);
        }
        known.draw(lane, { from: burst.from, spanMs, now, width });
      }
    },
  };
}

function factsOf({ alive, ok, failed, refreshes, ms }: ReturnType<typeof sumOf>): string {
  const parts = [
    `✓ ${ok} ok`,
    `✕ ${failed} failed`,
    counted(refreshes, 'refresh', 'refreshes'),
    duration(ms),
  ];
  return [...(alive > 0 ? [`… ${alive} under way`] : []), ...parts]
    .map((part) => part.replaceAll(' ', '\u00a0'))
    .join(' · ');
}

/** While calls live the span grows in steps, so that what is drawn stays where it is for a while. */
function roomy(ms: number): number {
  let span = 250;
  while (span < ms) span *= 1.3;
  return span;
}

function drawAxis(axis: HTMLElement, spanMs: number, width: number): void {
  const key = `${spanMs} ${width}`;
  if (axis.dataset.key === key) return;
  axis.dataset.key = key;
  axis.replaceChildren(
    ...ticks(spanMs, Math.max(2, Math.floor(width / MARK))).map((at) => {
      const mark = make('span', {}, duration(at));
      mark.style.left = `${(at / spanMs) * 100}%`;
      return mark;
    }),
  );
}

/** A row as the contract has it: how often it fired, what it means, what is done, and why. */
function firedRow([id, count]: [id: string, count: number]): HTMLElement {
  const row = TABLE.find((each) => each.id === id);
  const item = make('li', {}, make('b', {}, `${count} × ${id}`));
  if (row) item.append(` ${row.code} → ${row.reaction}. ${row.because}`);
  return item;
}

// Draws a lane: who calls, what it did when, how it ended. The bar is for the eye; the same is told in words.
import { make, write } from './dom.js';
import { duration } from './figures.js';
import { nameOf, outcomeOf, rowsOf, storyOf } from './words.js';
import type { Lane, Stretch } from './timeline.js';

/** Which part of time the width of a bar stands for. */
export interface Scale {
  readonly from: number;
  readonly spanMs: number;
  readonly now: number;
  /** Width of a bar, px. */
  readonly width: number;
}

export interface DrawnLane {
  readonly root: HTMLElement;
  draw(lane: Lane, scale: Scale): void;
}

/** Room that a letter takes, px. */
const LETTER = 6.5;

export function createLane(): DrawnLane {
  const name = make('span', { class: 'name' });
  const bar = make('span', { class: 'bar', 'aria-hidden': 'true' });
  const outcome = make('span', { class: 'outcome' });
  const rows = make('span', { class: 'rows' });
  const story = make('span', { class: 'unseen' });
  const root = make('li', { class: 'lane' }, name, bar, make('span', { class: 'end' }, outcome, rows), story);
  let last: Lane | undefined;
  let lastSpan = 0;

  return {
    root,
    draw(lane, scale) {
      const isSame = lane === last && scale.spanMs === lastSpan;
      if (isSame && lane.end) return;
      drawBar(bar, lane.stretches, scale);
      if (isSame) return;
      last = lane;
      lastSpan = scale.spanMs;
      write(name, nameOf(lane));
      write(outcome, outcomeOf(lane));
      write(rows, rowsOf(lane));
      root.dataset.end = lane.end ? (lane.end.ok ? 'ok' : 'failed') : 'alive';
      const told = storyOf(lane);
      write(story, told);
      bar.title = told;
    },
  };
}

function drawBar(bar: HTMLElement, stretches: readonly Stretch[], scale: Scale): void {
  while (bar.childElementCount > stretches.length) bar.lastElementChild?.remove();
  for (const [index, stretch] of stretches.entries()) {
    const known = bar.children[index];
    const part = known instanceof HTMLElement ? known : bar.appendChild(make('span', {}, make('i')));
    const to = stretch.to ?? Math.max(scale.now, stretch.from);
    const share = (to - stretch.from) / scale.spanMs;
    part.className = `is-${stretch.is}${stretch.row === undefined ? '' : ' failed'}`;
    part.style.left = percent((stretch.from - scale.from) / scale.spanMs);
    part.style.width = percent(share);
    const label = labelOf(stretch, to);
    if (part.firstElementChild instanceof HTMLElement)
      write(part.firstElementChild, label.length * LETTER + 8 <= share * scale.width ? label : '');
  }
}

const percent = (share: number) => `${(Math.min(Math.max(share, 0), 1) * 100).toFixed(2)}%`;

function labelOf({ is, from, row, status }: Stretch, to: number): string {
  if (is === 'sent')
    return row === undefined ? String(status ?? '') : [status, row].filter(Boolean).join(' ');
  return is === 'line' || is === 'token' ? '' : duration(to - from);
}

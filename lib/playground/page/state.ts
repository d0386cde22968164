// The strip of figures at the top: session, token, gate, and what the sandbox counted.
import type { Seen } from '../protocol.js';
import { make, write } from './dom.js';
import { duration, gateOf } from './figures.js';
import type { View } from './timeline.js';

const FIGURES = {
  session: 'Session',
  version: 'Token version',
  refreshes: 'Refreshes granted',
  gate: 'Gate',
  waiting: 'In line',
  received: 'Requests at the server',
} as const;

type Figure = keyof typeof FIGURES;

export function createState(into: HTMLElement) {
  const fields = Object.fromEntries(
    Object.entries(FIGURES).map(([name, label]) => {
      const value = make('dd', { 'data-figure': name }, '–');
      into.append(make('div', {}, make('dt', {}, label), value));
      return [name, value];
    }),
  ) as Record<Figure, HTMLElement>;

  return (view: View, seen: Seen | undefined, now: number): void => {
    const { session } = view;
    const { opensIn, waiting } = gateOf(view, now);
    const isOpen = session !== undefined && session.status !== 'ended';
    write(fields.session, session?.status ?? 'none');
    write(fields.version, isOpen ? String(session.version) : '–');
    write(fields.gate, opensIn > 0 ? `closed, ${duration(Math.ceil(opensIn / 100) * 100)}` : 'open');
    fields.gate.dataset.closed = String(opensIn > 0);
    write(fields.waiting, String(waiting));
    write(fields.refreshes, String(seen?.refreshes ?? '–'));
    write(fields.received, String(seen?.received ?? '–'));
  };
}

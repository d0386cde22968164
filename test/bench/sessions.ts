// What a hundred thousand sessions cost the process that knows of them.
import { table, type Scenario } from './report.js';
import type { SessionsOrder, SessionsResult } from './sessions-worker.js';
import { startWorker } from './workers.js';

const SESSIONS = 100_000;
const VARIANTS = ['kept', 'held'] as const;
type Variant = (typeof VARIANTS)[number];

export const sessions: Scenario<'holdfast', Variant> = {
  clients: ['holdfast'],
  variants: VARIANTS,
  async measure(_, variants) {
    const rows: string[][] = [];
    for (const variant of variants) {
      const worker = startWorker('sessions', ['--max-old-space-size=3000']);
      const order: SessionsOrder = { sessions: SESSIONS, held: variant === 'held' };
      const { bytes, left, begin, find } = await worker.ask<SessionsResult>('many', order);
      worker.stop();
      rows.push([variant, ...[bytes, left, begin, find].map((figure) => figure.toFixed(0))]);
    }
    const head = ['sessions', 'bytes for each', 'bytes left of each', 'µs to begin one', 'µs to find one'];
    return { name: 'sessions', text: table(head, rows), charts: {} };
  },
};

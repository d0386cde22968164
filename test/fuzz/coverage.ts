// What of the code in lib/ has run, block by block, as V8 counts it. Start it before that code is loaded: what was
// compiled earlier is not counted.
import { Session } from 'node:inspector/promises';

export interface Tracker {
  /** Number of blocks that ran since the last look at any tracker, and never before in this one. */
  fresh(): Promise<number>;
  /** Blocks that ran, and all that are known. */
  seen(): { readonly ran: number; readonly known: number };
}

/** Starts counting; each tracker begins with nothing. */
export async function startCoverage(): Promise<() => Tracker> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

  return () => {
    const known = new Set<string>();
    const ran = new Set<string>();
    return {
      async fresh() {
        const before = ran.size;
        const { result } = await session.post('Profiler.takePreciseCoverage');
        for (const { url, functions } of result) {
          const file = /\/lib\/(.*)$/.exec(url)?.[1];
          if (file === undefined || url.includes('node_modules')) continue;
          // A block that ran as often as the one around it is not listed: it counts as that one does.
          for (const { ranges } of functions)
            for (const { startOffset, endOffset, count } of ranges) {
              const block = `${file}:${startOffset}-${endOffset}`;
              known.add(block);
              if (count > 0) ran.add(block);
            }
        }
        return ran.size - before;
      },
      seen: () => ({ ran: ran.size, known: known.size }),
    };
  };
}

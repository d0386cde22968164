// Who waits is counted by what was told of each call, so that the count comes back to nothing whatever happens.
import { expect } from 'chai';
import type { EventMap } from '../../lib/index.js';
import { createStories } from '../../lib/otel/stories.js';

const call = {
  at: 1,
  call: 1,
  operation: 'request',
  method: 'get',
  origin: undefined,
  route: '/',
  bucket: 'b',
} as const;
const queued = (reason: EventMap['queued']['reason']) => ({ ...call, reason, depth: 1 });

describe('Stories of calls', () => {
  let counts: Record<string, number>;
  let attempts: unknown[];
  const stories = () => {
    counts = {};
    attempts = [];
    return createStories({
      waits: (reason, by) => (counts[reason] = (counts[reason] ?? 0) + by),
      attempted: ({ number, failure }) => attempts.push([number, failure?.code]),
    });
  };

  it('count a call where it waits now, and nowhere else', () => {
    const told = stories();
    told.queued(queued('concurrency'));
    told.queued(queued('concurrency'));
    expect(counts).to.deep.equal({ concurrency: 1 });
    told.queued(queued('cooldown'));
    expect(counts).to.deep.equal({ concurrency: 0, cooldown: 1 });
    told.attempt({ ...call, attempt: 1 });
    expect(counts).to.deep.equal({ concurrency: 0, cooldown: 0 });
  });

  it('count a call no longer that ended while it waited', () => {
    const told = stories();
    told.queued(queued('outage'));
    expect(told.settled({ ...call, ok: false, attempts: 0, ms: 5, code: 'ABORTED' }).attempts).to.deep.equal(
      [],
    );
    expect([counts, attempts]).to.deep.equal([{ outage: 0 }, []]);
  });
});

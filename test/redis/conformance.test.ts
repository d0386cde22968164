// The coordinator on Redis passes the suite that every coordinator has to pass, with each driver and a real server.
import { coordinatorConformance, type Stage } from '../../lib/testing/index.js';
import type { Connected } from './drivers.js';
import { ALL_DRIVERS } from './older-drivers.js';
import { coordinatorAt, useRedis } from './server.js';

/** Waits for longer than all others together, so that it begins before them. */
const LONGEST = /^With a store in trouble/;

describe('The coordinator on Redis', function () {
  this.timeout(60_000);
  const server = useRedis({ flush: false });

  /** Two processes have a connection each; and a Redis that has just restarted knows no script. */
  async function stage(connect: (url: string) => Promise<Connected>): Promise<Stage> {
    await server().admin.script('FLUSH');
    const ends = await Promise.all([connect(server().url), connect(server().url)]);
    const [one, two] = [coordinatorAt(ends[0].client), coordinatorAt(ends[1].client)];
    return {
      coordinators: [one, two],
      close() {
        for (const each of [one, two, ...ends]) each.close();
      },
    };
  }

  const suites = Object.entries(ALL_DRIVERS).map(([name, connect]) => ({
    name,
    cases: coordinatorConformance({ stage: () => stage(connect) }),
  }));
  // Cases mostly wait, so that each is run with all drivers at once.
  const runs = new Map<string, readonly Promise<void>[]>();
  function begin(what: string): readonly Promise<void>[] {
    const begun = runs.get(what) ?? suites.map(({ cases }) => cases.find(({ name }) => name === what)!.run());
    for (const run of begun) run.catch(() => undefined); // whoever waits for it is told
    runs.set(what, begun);
    return begun;
  }
  before(() => {
    for (const { name } of suites[0]!.cases) if (LONGEST.test(name)) void begin(name);
  });

  for (const [index, { name, cases }] of suites.entries())
    describe(`with ${name}`, () => {
      for (const { name: what } of cases)
        it(what, async () => {
          await begin(what)[index];
        });
    });
});

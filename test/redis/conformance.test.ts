// The coordinator on Redis passes the suite that every coordinator has to pass, with both drivers and a real server.
import { coordinatorConformance, type Stage } from '../../lib/testing/index.js';
import { coordinatorAt, DRIVERS, useRedis } from './server.js';

/** Waits for longer than all others together, so that it begins before them. */
const LONGEST = /^With a store in trouble/;

for (const [name, connect] of Object.entries(DRIVERS))
  describe(`The coordinator on Redis, with ${name}`, function () {
    this.timeout(60_000);
    const server = useRedis({ flush: false });

    /** Two processes have a connection each; and a Redis that has just restarted knows no script. */
    async function stage(): Promise<Stage> {
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

    const cases = coordinatorConformance({ stage });
    let longest: Promise<void>[];
    before(() => {
      longest = cases.filter((each) => LONGEST.test(each.name)).map(({ run }) => run());
      for (const each of longest) each.catch(() => undefined);
    });
    for (const { name: what, run } of cases)
      it(what, () => (LONGEST.test(what) ? Promise.all(longest) : run()));
  });

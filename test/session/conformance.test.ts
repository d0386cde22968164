// The coordinators of this package pass the suite that every coordinator has to pass, in virtual time.
import { memoryCoordinator } from '../../lib/index.js';
import { coordinatorConformance } from '../../lib/testing/index.js';
import { virtualTime } from '../support/virtual-time.js';

describe('The coordinator in memory', function () {
  this.timeout(20_000);
  const time = virtualTime();
  const stage = () => {
    const coordinator = memoryCoordinator({ idle: 60_000 });
    return { coordinators: [coordinator, coordinator] as const };
  };
  for (const { name, run } of coordinatorConformance({ stage, pass: time.pass })) it(name, run);
});

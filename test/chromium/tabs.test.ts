// Two real tabs pass the suite of coordinators: each case runs in one, and its second coordinator works in the other.
import type { Page } from 'playwright-core';
import { coordinatorConformance } from '../../lib/testing/index.js';
import { useTroubles } from '../support/troubles.js';
import { useChromium } from './chromium.js';

const OPTIONS = { storage: 'indexeddb' } as const;

describe('In Chromium, two tabs of one session', function () {
  this.timeout(60_000);
  const { openTabs } = useChromium();
  const troubles = useTroubles();
  let tab: Page;
  before(async () => {
    const [here, there] = await openTabs(`${troubles().origin}/page`, 2);
    await there!.evaluate((options) => globalThis.inPage.serve(options), OPTIONS);
    tab = here!;
  });

  const never = () => Promise.reject(new Error('The cases run in the page.'));
  for (const { name } of coordinatorConformance({ stage: never }))
    it(name, () =>
      tab.evaluate(([one, options]) => globalThis.inPage.conform(one, options), [name, OPTIONS] as const),
    );
});

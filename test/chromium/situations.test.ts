// The situations of the integration suite, in a real browser: what a page can know has the same name there.
import type { Page } from 'playwright-core';
import { sentence } from '../support/expected.js';
import { SITUATIONS } from '../support/situations.js';
import type { Plan } from '../support/trial.js';
import { useTroubles } from '../support/troubles.js';
import { useChromium } from './chromium.js';

describe('In Chromium', () => {
  const { open } = useChromium();
  const troubles = useTroubles();
  let page: Page;
  before(async function () {
    this.timeout(60_000);
    page = await open(`${troubles().origin}/page`);
  });
  const attempt = (plan: Plan) => page.evaluate((one) => globalThis.inPage.attempt(one), plan);

  for (const adapter of ['xhr', 'fetch'] as const)
    describe(`over the ${adapter} adapter`, () => {
      for (const situation of SITUATIONS)
        for (const expected of situation.inPage?.expected ?? situation.expected)
          it(`${situation.about}: ${sentence(expected)}`, () =>
            troubles().play(situation, expected, (plan) => attempt({ ...plan, adapter })));
    });
});

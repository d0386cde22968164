// A client secret in a browser: whoever has the page has the secret.
import { expect } from 'chai';
import { useTroubles } from '../support/troubles.js';
import { bundle, useChromium } from './chromium.js';

describe('In Chromium, a client secret', () => {
  const { open } = useChromium();
  const troubles = useTroubles();

  for (const place of ['page', 'worker', 'shared worker'] as const)
    it(`is refused in a ${place}, with what to do instead, and is not shown`, async () => {
      const page = await open(`${troubles().origin}/page`);
      const said = await page.evaluate(
        ([where, code]) =>
          new Promise<unknown>((resolve) => {
            new BroadcastChannel('secret').onmessage = ({ data }) => resolve(data);
            const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
            if (where === 'worker') new Worker(url);
            else if (where === 'shared worker') new SharedWorker(url);
            else document.head.append(Object.assign(document.createElement('script'), { src: url }));
          }),
        [place, await bundle('secret.ts')] as const,
      );
      expect(said).to.match(/^TypeError: createAuthClient: credentials are no secret in a browser/);
      expect(said).to.contain('holdfast/bff').and.not.to.contain('top secret');
    });
});

// What the page of the Chromium suite can do: calls by plan, as in Node.
import { createBrowserClient } from '../../lib/browser/index.js';
import { attempt, share, type Crowd } from '../support/trial.js';
import { tab } from './shop-tab.js';
import { conform, serve } from './two-tabs.js';

const controller = new AbortController();

const page = {
  attempt,
  controller,
  conform,
  serve,
  shop: createBrowserClient({ baseURL: new URL('/bff', location.href).href }),
  tab,
  share: (crowd: Crowd) => share(controller.signal, crowd),
};

declare global {
  var inPage: typeof page;
}
globalThis.inPage = page;

// What the page of the Chromium suite can do: calls by plan, as in Node.
import { attempt, share, type Crowd } from '../support/trial.js';
import { conform, serve } from './two-tabs.js';

const controller = new AbortController();

const page = {
  attempt,
  controller,
  conform,
  serve,
  share: (crowd: Crowd) => share(controller.signal, crowd),
};

declare global {
  var inPage: typeof page;
}
globalThis.inPage = page;

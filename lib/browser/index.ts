// The public surface of `holdfast/browser`: the client of a page with a backend, and one session for all tabs without one.
export { createBrowserClient, type BrowserClient, type BrowserClientOptions } from './client.js';
export {
  browserCoordinator,
  type BrowserCoordinator,
  type BrowserOptions,
  type TabEnding,
} from './coordinator.js';

// The public surface of `holdfast/browser`: one session for all tabs.
export { browserCoordinator, type BrowserCoordinator, type BrowserOptions } from './coordinator.js';

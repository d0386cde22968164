// The public surface of `holdfast/testing`: for those who test code of theirs with holdfast.
export {
  coordinatorConformance,
  type ConformanceCase,
  type ConformanceOptions,
  type Stage,
} from './conformance.js';
export { describePolicies } from './describe-policies.js';
export { mockAuthApi, type Mock, type MockedApi, type MockOptions } from './mock-auth-api.js';
export type { Call, SentBody } from './calls.js';
export type { MockableCode, MockableRow } from './mockable.js';
export type { Nock } from './nock.js';
export type { Outcomes, OutcomesOf, Step } from './script.js';
export type { SentSecret } from './sealed.js';
export { virtualTime, type VirtualTime } from './virtual-time.js';
export type { SessionBody, TokenBody } from './successes.js';

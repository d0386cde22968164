// holdfast/sandbox: the authentication API to run on one's own machine, faults included. Node's modules only.
export { startSandbox, type Sandbox } from './sandbox.js';
export { DEMO } from './demo.js';
export type { Scenario, ScenarioExpectation, ScenarioPlay, ScenarioStep } from './scenario.js';
export type { SandboxClient, SandboxCustomer, SandboxOptions } from './options.js';
export type { FaultInForce, FaultKind, FaultRule, RateLimit } from './fault-rules.js';
export type { Counts, LoggedRequest, OperationCounts } from './ledger.js';
export type { SandboxOperation } from './operations.js';

// holdfast/sandbox: the authentication API to run on one's own machine, faults included. Node's modules only.
export { startSandbox, type Sandbox } from './sandbox.js';
export { DEMO, type SandboxClient, type SandboxCustomer, type SandboxOptions } from './options.js';
export type { FaultKind, FaultRule, RateLimit } from './fault-rules.js';
export type { Counts, LoggedRequest, OperationCounts } from './ledger.js';
export type { SandboxOperation } from './operations.js';

// The public surface of `holdfast`.
export {
  createAuthClient,
  type AuthClient,
  type BeginOptions,
  type Gender,
  type LoginError,
  type Person,
} from './auth-client.js';
export { createHttpClient, type HttpClient } from './http-client.js';
export type { RefreshError, Session } from './session.js';
export type { ResumeError } from './sessions.js';
export type { Awaitable, Coordinator, Grant, Seat } from './session/coordinator.js';
export { grantOfText, textOfGrant } from './session/grant-text.js';
export { memoryCoordinator } from './memory.js';
export type { MemoryOptions } from './session/memory-coordinator.js';
export type { Claim, ClaimTerms, Ending, Last, Seen, Version } from './decide/record.js';
export type { Saved, SaveTokens, Tokens } from './session/store.js';
export type { SessionState } from './session/session-core.js';
export type { SessionInfo } from './contract/success-body.js';
export type { OperationCallOptions, OperationError } from './operations.js';
export type { RequestError, Schema, SchemaRequest } from './request.js';
export type { RequestOptions } from './begin.js';
export type { BucketRequest } from './facts.js';
export type { AuthClientOptions, HttpClientOptions, Policies, PolicyOptions } from './options.js';
export type { EndpointChanges, EndpointOptions, LogoutChanges } from './endpoint-options.js';
export type { BodyFactory } from './policies/body.js';
export { createGovernor, type GovernorOptions } from './governor.js';
export type { Governor } from './policies/governor.js';
export type { Cooldowns, Leave, Lesson, News, SharedLimit, Standing, Tally } from './decide/shared-limit.js';
export type { EndReason, EventMap, EventName, Listener } from './ports.js';
export {
  AuthError,
  isAuthError,
  type AuthErrorFields,
  type AuthErrorOf,
  type Messages,
} from './contract/auth-error.js';
export { asResult, unwrap, type Result } from './contract/result.js';
export type { Detail } from './contract/answer.js';
export type { Code, FailureCode, Kind } from './contract/codes.js';
export type { EndpointName, Operation } from './contract/endpoints.js';
export type { CodesOf } from './contract/failure-types.js';
export type { FailureRow, Reaction, When } from './contract/failure-row.js';

// `describePolicies()`: how a client is configured, as data that a test can compare.
import type { AuthClient, HttpClient, Policies } from '../index.js';
import { POLICIES_OF } from '../instance.js';

/**
 * The policies of a client with all defaults filled in, as JSON-able data of its own. A client of `createHttpClient()`
 * has no `refresh`.
 * @throws TypeError where it is no client of holdfast
 */
export function describePolicies(client: AuthClient<string>): Policies;
export function describePolicies(client: HttpClient): Omit<Policies, 'refresh'>;
export function describePolicies(client: AuthClient<string> | HttpClient): Partial<Policies> {
  const policies = POLICIES_OF.get(client);
  if (!policies)
    throw new TypeError(
      'describePolicies: the client must be one that createAuthClient() or createHttpClient() of this copy of holdfast made.',
    );
  const { refresh, ...all } = structuredClone(policies);
  return 'resume' in client ? { ...all, refresh } : all;
}

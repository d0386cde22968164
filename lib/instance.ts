// The axios instances that users hold: plain axios, with the wire as their transport and one interceptor of ours that
// turns whatever ended a call into an `AuthError`. It was there first, so theirs see what users see.
import axios, { type AxiosInstance, type AxiosRequestConfig } from 'axios';
import { toBody } from './policies/body.js';
import { settle } from './policies/settle.js';
import { Failure } from './policies/failure.js';
import { beginCall, ownOf } from './begin.js';
import type { Policies, Resolved } from './options.js';
import type { Emit, Identity } from './ports.js';
import type { Wire } from './wire.js';

/** By client, for `describePolicies()` of `holdfast/testing`. */
export const POLICIES_OF = new WeakMap<object, Policies>();

/** The identity of calls that carry nothing of ours. */
export function nobody(emit: Emit): Identity {
  return { mode: 'none', key: 'nobody', ready: () => undefined, credential: () => undefined, emit };
}

/** An instance whose calls are made for `identity`. */
export function createInstance(wire: Wire, identity: Identity, resolved: Resolved): AxiosInstance {
  return settling(bareInstance(wire, identity, resolved), resolved);
}

/** Instances derived from it by `create()` settle their calls in the same way. */
function settling(instance: AxiosInstance, telling: Pick<Resolved, 'table' | 'messages'>): AxiosInstance {
  const create = instance.create.bind(instance);
  instance.create = (more) => settling(create(more), telling);
  instance.interceptors.response.use(
    (response) => {
      const own = ownOf(response.config);
      if (own) own.outcome = { response: { ...response } }; // theirs may change what it says
      return response;
    },
    (thrown: unknown) => {
      const own = ownOf(requestBehind(thrown));
      const error = settle(thrown, own?.operation ?? 'request', telling);
      if (own) own.outcome = { error };
      throw error;
    },
  );
  return instance;
}

/** The same without the interceptor: for calls of our own, which no user's interceptor may see. */
export function bareInstance(
  wire: Wire,
  identity: Identity,
  resolved: Pick<Resolved, 'baseURL' | 'axios' | 'policies' | 'bucket' | 'terms'>,
): AxiosInstance {
  const { policies, bucket, terms } = resolved;
  const caller = { identity, policies, bucket, terms };
  const instance = axios.create({
    ...resolved.axios,
    baseURL: resolved.baseURL,
    adapter: wire.adapter((config, id) => beginCall(config, id, caller)),
  });
  // What somebody set on axios itself must not replace a credential or a policy of ours.
  instance.defaults.timeout = 0;
  instance.defaults.auth = undefined;
  const { common } = instance.defaults.headers;
  for (const name of Object.keys(common)) if (/^authorization$/i.test(name)) common[name] = undefined;
  instance.defaults.transformRequest = [toBody([instance.defaults.transformRequest ?? []].flat())];
  return instance;
}

function requestBehind(thrown: unknown): AxiosRequestConfig | undefined {
  if (thrown instanceof Failure) return thrown.config.call.facts.request;
  return axios.isAxiosError(thrown) ? thrown.config : undefined;
}

// Checks the axios defaults of a config: those that would undermine a policy, and those that axios breaks down on.
import axios, { AxiosHeaders, type AxiosRequestConfig } from 'axios';
import { aFunction, bad, check, either, isPlain, oneOf, optional, type Rule } from './check-options.js';

/** Axios defaults that would undermine what a policy guarantees, and what to use instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  baseURL: 'the option baseURL',
  timeout: 'policies.timeout',
  maxRedirects: 'nothing: redirects are never followed',
  auth: 'the option credentials',
  signal: 'signal of the single request',
  cancelToken: 'signal of the single request',
};

const anAdapter = either(oneOf('http', 'xhr', 'fetch'), aFunction);
const adapters: Rule = {
  says: `${anAdapter.says}, or a list of those`,
  accepts: (value) =>
    Array.isArray(value)
      ? value.length > 0 && value.every((each) => anAdapter.accepts(each))
      : anAdapter.accepts(value),
};

const someHeaders: Rule = {
  says: 'an object of headers',
  accepts: (value) => isPlain(value) || value instanceof AxiosHeaders,
};

/** @throws TypeError naming the default that cannot be set, or that axios cannot use */
export function checkAxios(maker: string, defaults: AxiosRequestConfig = {}): void {
  const { headers, adapter } = defaults;
  check(maker, 'axios.headers', headers, optional(someHeaders));
  check(maker, 'axios.adapter', adapter, optional(adapters));
  const header = Object.keys(headers ?? {}).find((name) => /^authorization$/i.test(name));
  if (header !== undefined && maker === 'createAuthClient')
    throw new TypeError(`${maker}: axios.headers.${header} cannot be set here; use the option credentials.`);
  for (const [name, instead] of Object.entries(INSTEAD))
    if (name in defaults) throw new TypeError(`${maker}: axios.${name} cannot be set here; use ${instead}.`);
  const parts = { 'axios.headers': { headers }, axios: defaults };
  for (const [name, part] of Object.entries(parts))
    if (!canCopy(part)) bad(maker, name, 'what axios can copy', part);
}

/** Axios copies what it is given, and never ends where something contains itself. */
function canCopy(part: AxiosRequestConfig): boolean {
  try {
    axios.mergeConfig(part, part);
    return true;
  } catch {
    return false;
  }
}

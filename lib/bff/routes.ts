// What a request asks for: one of the operations that a browser may have carried out, who is signed in, or a resource.
import { BFF } from '../contract/bff.js';
import { ENDPOINTS } from '../contract/endpoints.js';
import type { Resource, Settings } from './options.js';
import { below } from './paths.js';
import { methodRefused, REFUSALS, type Refusal } from './refusals.js';

/** Operations of the application; those that begin a session renew the cookie. */
export type Beginning = 'register' | 'login' | 'guestLogin' | 'updatePasswordByHash';
export type OpenOperation = Beginning | 'sendPasswordResetEmail';
/** Operations of a customer. */
export type OwnOperation = 'updatePassword' | 'validate' | 'listSessions' | 'revoke' | 'logout';

/** The allow-list. Tokens are exchanged and refreshed by the backend alone, so there is no row for that here. */
const OPEN = [
  'register',
  'login',
  'guestLogin',
  'sendPasswordResetEmail',
  'updatePasswordByHash',
] as const satisfies readonly OpenOperation[];
const OWN = [
  'updatePassword',
  'validate',
  'listSessions',
  'revoke',
  'logout',
] as const satisfies readonly OwnOperation[];

export type Route =
  | { readonly is: 'open'; readonly operation: OpenOperation }
  | {
      readonly is: 'own';
      readonly operation: OwnOperation;
      readonly params: Readonly<Record<string, string>>;
    }
  | { readonly is: 'session' }
  | { readonly is: 'resource'; readonly resource: Required<Resource>; readonly rest: string }
  | { readonly is: 'refused'; readonly refusal: Refusal };

const refused = (refusal: Refusal): Route => ({ is: 'refused', refusal });

/** @param path relative to the backend's `basePath`, known to be plain */
export function createRouter({
  resetUrl,
  resources,
}: Pick<Settings, 'resetUrl' | 'resources'>): (method: string, path: string) => Route {
  const rows: readonly (readonly [method: string, pattern: string, make: (params: Params) => Route])[] = [
    ...OPEN.filter((operation) => operation !== 'sendPasswordResetEmail' || resetUrl !== undefined).map(
      (operation) => rowOf(operation, () => ({ is: 'open', operation })),
    ),
    ...OWN.map((operation) => rowOf(operation, (params) => ({ is: 'own', operation, params }))),
    ['GET', BFF.sessionPath, () => ({ is: 'session' })],
  ];
  for (const { path } of resources)
    for (const [, pattern] of rows)
      if (below(path, pattern) !== undefined)
        throw new TypeError(`createBff: resources[${JSON.stringify(path)}] would hide the route ${pattern}.`);

  return (method, path) => {
    const here = rows.flatMap(([allowed, pattern, make]) => {
      const params = match(pattern, path);
      return params ? [{ allowed, make, params }] : [];
    });
    const row = here.find(({ allowed }) => allowed === method);
    if (row) return row.make(row.params);
    if (here.length > 0) return refused(methodRefused(here.map(({ allowed }) => allowed)));
    for (const { path: prefix, ...resource } of resources) {
      const rest = below(prefix, path);
      if (rest === undefined) continue;
      if (!resource.methods.includes(method)) return refused(methodRefused(resource.methods));
      return { is: 'resource', resource, rest };
    }
    return refused(REFUSALS.notFound);
  };
}

type Params = Readonly<Record<string, string>>;

function rowOf(operation: OpenOperation | OwnOperation, make: (params: Params) => Route) {
  const { method, path } = ENDPOINTS[operation];
  return [method.toUpperCase(), path, make] as const;
}

/** The parts of a path that a pattern of the endpoint table has in braces. */
function match(pattern: string, path: string): Params | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: [string, string][] = [];
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined ? value !== part : value === '') return undefined;
    if (name !== undefined) params.push([name, decoded(value)]);
  }
  return Object.fromEntries(params);
}

/** Bytes that are no UTF-8 stay as they are written. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

// Where the routes of a server differ from those of the reference API: changes to the endpoint table.
import { checkFields, known, oneOf, text, type Rule } from './check-options.js';
import { ENDPOINTS, type Endpoint, type EndpointName } from './contract/endpoints.js';
import { isRecord } from './contract/error-body.js';
import { ABSOLUTE, originOf } from './policies/destination.js';

/** What a config may say of an operation; whatever is left out stays as it is. */
export interface EndpointChanges extends Partial<Pick<Endpoint, 'method' | 'repeats'>> {
  /** Relative to `baseURL`, or an address at one of the `origins`. */
  readonly path?: string;
  /** How the fields are sent. Default `'json'`; a token endpoint of OAuth 2.0 takes a `'form'`. */
  readonly encoding?: 'json' | 'form';
  /** Other names on the wire, by input field: `{ email: 'username' }`. */
  readonly body?: Readonly<Record<string, string>>;
  /** Fields that are always sent, besides those of the row: `{ scope: 'openid' }`. */
  readonly fixed?: Readonly<Record<string, string>>;
}

/** What a config may say of the end of a session. */
export interface LogoutChanges extends EndpointChanges {
  /**
   * `'basic'`: the application revokes the session's refresh token, as RFC 7009 has it, which goes as `token`. Default
   * `'bearer'`: the session logs itself out.
   */
  readonly auth?: 'bearer' | 'basic';
}

/** Changes to the endpoint table. */
export type EndpointOptions = {
  readonly [Op in EndpointName]?: Op extends 'logout' ? LogoutChanges : EndpointChanges;
};

const fields: Rule = {
  says: 'a map of texts that are not empty',
  accepts: (value) => isRecord(value) && Object.values(value).every(text.accepts),
};

const RULES: Readonly<Record<keyof EndpointChanges, Rule>> = {
  method: oneOf('get', 'post', 'put', 'delete'),
  path: text,
  repeats: oneOf('any', 'once', 'never'),
  encoding: oneOf('json', 'form'),
  body: fields,
  fixed: fields,
};
const LOGOUT_RULES: Readonly<Record<keyof LogoutChanges, Rule>> = {
  ...RULES,
  auth: oneOf('bearer', 'basic'),
};

/** A call of the application that leads elsewhere would carry its tokens there, and no credentials. */
const leadsTo = (origins: ReadonlySet<string>): Rule => ({
  says: 'a path, or an address at the origin of baseURL or one of origins',
  accepts: (path) =>
    typeof path === 'string' && path !== '' && (!ABSOLUTE.test(path) || origins.has(originOf(path) ?? '')),
});

/**
 * The endpoint table with the changes of a config.
 * @param origins that an address among them may lead to
 * @throws TypeError naming the first bad one
 */
export function resolveEndpoints(
  maker: string,
  changes: EndpointOptions = {},
  origins?: ReadonlySet<string>,
): Record<EndpointName, Endpoint> {
  known(maker, changes, Object.keys(ENDPOINTS), 'endpoints.');
  const rows = Object.entries<Endpoint>(ENDPOINTS).map(([name, row]) => {
    const change = changes[name as EndpointName];
    if (!change) return [name, row] as const;
    const rules = {
      ...(name === 'logout' ? LOGOUT_RULES : RULES),
      ...(origins && { path: leadsTo(origins) }),
    };
    return [name, changed(maker, `endpoints.${name}.`, row, change, rules)] as const;
  });
  return Object.fromEntries(rows) as Record<EndpointName, Endpoint>;
}

function changed(
  maker: string,
  where: string,
  given: Endpoint,
  change: LogoutChanges,
  rules: Readonly<Record<string, Rule>>,
): Endpoint {
  known(maker, change, Object.keys(rules), where);
  checkFields(maker, where, change, rules, Object.keys(change));
  const { body: names = {}, fixed, ...rest } = change;
  // A call that carries no token in its header has it in its body.
  const row: Endpoint = rest.auth === 'basic' ? { ...given, body: { token: 'token' } } : given;
  known(maker, names, Object.keys({ ...row.body, ...row.optional }), `${where}body.`);
  const renamed = (all: Endpoint['body']) =>
    Object.fromEntries(Object.entries(all ?? {}).map(([input, wire]) => [input, names[input] ?? wire]));
  return {
    ...row,
    ...rest,
    ...(row.body && { body: renamed(row.body) }),
    ...(row.optional && { optional: renamed(row.optional) }),
    ...(fixed && { fixed: { ...row.fixed, ...fixed } }),
  };
}

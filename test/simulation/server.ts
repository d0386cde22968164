// An authorization server in memory that rotates tokens, and does with a used refresh token what its profile says.
import type { Rotation } from '../../lib/decide/rotation.js';
import { jwt } from '../session/tokens.js';

/** One login of a customer, with all pairs that came of it. */
export interface Family {
  readonly id: number;
  readonly subject: string;
  readonly pairs: Pair[];
  /** Why nothing of it is good any more. */
  dead?: string;
  /** Tokens of it were minted, and their answer reached nobody. */
  lost?: true;
  /** A client was closed in the middle of a refresh, which is a loss like any other. */
  cut?: true;
}

export interface Pair {
  readonly name: string;
  readonly serial: number;
  readonly family: Family;
  readonly access: string;
  readonly refresh: string;
  readonly parent: Pair | undefined;
  readonly mintedAt: number;
  /** The refresh token was taken first, ms. */
  usedAt?: number;
  /** The access token is refused, whatever its age. */
  stale?: true;
}

export interface ServerOptions {
  readonly rotation: Rotation;
  /** Life of an access token, ms. */
  readonly lifetime: number;
  /** How long a used refresh token is taken again where the profile is `grace`, ms. */
  readonly grace: number;
}

/** Stands in every token, so that it is found wherever it must not be. */
export const MARK = 'ThisIsSecret';

export interface AuthServer {
  readonly options: ServerOptions;
  login(subject: string): Pair;
  /** The pair of an access token; `undefined`: never minted here. */
  pairOf(access: string): Pair | undefined;
  isGood(pair: Pair): boolean;
  /** A refresh with this token: new tokens, or none. */
  refresh(token: string): Pair | undefined;
  /** The refresh token of this pair would be taken now. */
  takes(pair: Pair): boolean;
  /** Ends the whole login, if its access token is good. */
  logout(access: string): boolean;
  /** What the token endpoint answers with. */
  bodyOf(pair: Pair, bare: boolean): object;
}

export function createServer(options: ServerOptions): AuthServer {
  const { rotation, lifetime, grace } = options;
  const families: Family[] = [];
  const byAccess = new Map<string, Pair>();
  const byRefresh = new Map<string, Pair>();
  const now = () => performance.now();

  function mint(family: Family, parent: Pair | undefined): Pair {
    const serial = family.pairs.length + 1;
    const name = `${family.subject}${family.id}-${serial}`;
    const pair: Pair = {
      name,
      serial,
      family,
      parent,
      access: `${jwt({ sub: family.subject, jti: name })}${MARK}`,
      refresh: rotation === 'none' && parent ? parent.refresh : `${MARK}-refresh-${name}`,
      mintedAt: now(),
    };
    family.pairs.push(pair);
    byAccess.set(pair.access, pair);
    byRefresh.set(pair.refresh, pair);
    return pair;
  }

  const children = (pair: Pair) => pair.family.pairs.filter(({ parent }) => parent === pair);

  function takes(pair: Pair): boolean {
    if (pair.family.dead) return false;
    if (rotation === 'none' || pair.usedAt === undefined) return true;
    if (rotation === 'grace') return now() - pair.usedAt < grace;
    return rotation === 'parent-of-active' && children(pair).every(({ usedAt }) => usedAt === undefined);
  }

  return {
    options,
    login(subject) {
      const family: Family = { id: families.length + 1, subject, pairs: [] };
      families.push(family);
      return mint(family, undefined);
    },
    pairOf: (access) => byAccess.get(access),
    isGood: (pair) => !pair.family.dead && !pair.stale && now() - pair.mintedAt < lifetime,
    refresh(token) {
      const pair = byRefresh.get(token);
      if (!pair) return undefined;
      if (!takes(pair)) {
        if (rotation === 'strict' || rotation === 'grace')
          pair.family.dead ??= `its refresh token ${pair.name} came twice`;
        return undefined;
      }
      pair.usedAt ??= now();
      // The old access token dies at once where the reference API does it.
      if (rotation === 'single-use' || rotation === 'strict') pair.stale = true;
      return mint(pair.family, pair);
    },
    takes,
    logout(access) {
      const pair = byAccess.get(access);
      if (!pair || pair.family.dead || pair.stale) return false;
      if (now() - pair.mintedAt >= lifetime) return false;
      pair.family.dead = 'it was logged out';
      return true;
    },
    bodyOf: (pair, bare) => ({
      token_type: 'Bearer',
      access_token: pair.access,
      expires_in: lifetime / 1_000,
      ...(!bare && { refresh_token: pair.refresh }),
    }),
  };
}

// The user's own store: new tokens go there before anybody gets them.
import { Secret } from '../contract/secret.js';
import type { TokenSet } from '../contract/success-body.js';
import { MOST_SAVES } from '../decide/session-saving.js';
import type { Grant, Seat } from './coordinator.js';

/** Tokens as plain texts, for a store of the user's own. */
export interface Tokens {
  /** As the server issued it, without `Bearer`. */
  readonly accessToken: string;
  /** Absent where there is none, or where the server keeps the one it gave before. */
  readonly refreshToken?: string;
  /** Remaining lifetime of the access token, ms, if it is known. */
  readonly expiresIn?: number;
}

/** Whose tokens they are. */
export interface Saved {
  /** `session.key`. */
  readonly key: string;
  /** What they take the place of: a store that still holds them may be written to. */
  readonly replaced: Tokens;
}

/** Saves tokens in a store of the user's own. */
export type SaveTokens = (tokens: Tokens, session: Saved) => unknown;

export function textOf({ accessToken, refreshToken }: TokenSet, expiresIn: number | undefined): Tokens {
  return {
    accessToken: accessToken.reveal(),
    ...(refreshToken && { refreshToken: refreshToken.reveal() }),
    ...(expiresIn !== undefined && { expiresIn }),
  };
}

/**
 * A place at the record where new tokens count once they are saved. A save that fails is trouble with the store, so that
 * the session tries again; the last of them gives up, and the record has the tokens all the same: with those of before
 * it would refuse every later refresh.
 * @param first the tokens that the store has
 * @param timeout longest that a save may take, ms
 */
export function savedBy(save: SaveTokens, key: string, seat: Seat, first: Grant, timeout: number): Seat {
  const text = ({ tokens, lifetime }: Grant) => textOf(tokens, lifetime);
  let replaced = text(first);
  let failures = 0;
  return {
    ...seat,
    async commit(at, grant) {
      const tokens = text(grant);
      try {
        await within(timeout, () => save(tokens, { key, replaced }));
        replaced = tokens;
      } catch (thrown) {
        failures += 1;
        if (failures < MOST_SAVES) throw thrown;
      }
      failures = 0;
      return seat.commit(at, grant);
    },
  };
}

/** A store that never answers must not hold up a session for ever. */
export async function within<T>(ms: number, work: () => T): Promise<Awaited<T>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('The store did not answer.')), ms);
  });
  try {
    return await Promise.race([work(), late]); // what it throws at once is a failure like any other
  } finally {
    clearTimeout(timer);
  }
}

/** The tokens of a store as a session takes them. */
export function tokenSetOf({ accessToken, refreshToken, expiresIn }: Tokens): TokenSet {
  return {
    accessToken: new Secret(accessToken),
    ...(refreshToken !== undefined && { refreshToken: new Secret(refreshToken) }),
    ...(expiresIn !== undefined && { expiresIn }),
  };
}

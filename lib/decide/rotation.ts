// What a server does with a refresh token that was used already, and so what may be presented a second time. It matters
// when the answer to a refresh is lost: nobody knows then whether the server has taken the token.

/**
 * `'single-use'`: refuses it, and that is all (the reference API). `'strict'`: takes it for stolen and ends the whole
 * session. `'grace'`: takes it for a while. `'parent-of-active'`: takes it until its successor is used. `'none'`: never
 * replaces it.
 */
export type Rotation = 'none' | 'grace' | 'parent-of-active' | 'single-use' | 'strict';

export interface RotationPolicy {
  /** What the server does with a refresh token that was used already. Default `'single-use'`. */
  readonly rotation: Rotation;
  /** How long a used refresh token is taken again where `rotation` is `'grace'`, ms. Default 10 000. */
  readonly grace: number;
}

/**
 * Whether a refresh token may be presented again after its answer was lost.
 * @param doubtFor how long ago it was presented first, ms
 * @param usable the access token in hand is good still, so that there is something to lose
 */
export function mayPresentAgain(
  { rotation, grace }: RotationPolicy,
  doubtFor: number,
  usable: boolean,
): boolean {
  if (!usable) return true; // the alternative is the end of the session
  if (rotation === 'strict') return false;
  return rotation !== 'grace' || doubtFor < grace;
}

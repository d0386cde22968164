// One refresh for each refresh token, whoever holds it: a backend that resumes the same session for each incoming
// request holds it several times, and a server takes a refresh token once.
import type { Secret } from './contract/secret.js';
import type { Renewal } from './session/runner.js';

/** How long the answer stands for those who still hold the old token, ms. */
const GRACE = 60_000;
const MOST = 1_000;

/** Makes `renew` answer everyone who asks with the same refresh token by the same renewal. */
export function shareRenewals(
  renew: (refreshToken: Secret, again: boolean) => Promise<Renewal>,
): (refreshToken: Secret, again: boolean) => Promise<Renewal> {
  const renewals = new Map<string, { readonly at: number; readonly renewal: Promise<Renewal> }>();

  function forgetOld(now: number): void {
    // Insertion order is age.
    for (const [token, { at }] of renewals) {
      if (now - at < GRACE && renewals.size <= MOST) return;
      renewals.delete(token);
    }
  }

  return (refreshToken, again) => {
    const now = performance.now();
    forgetOld(now);
    const token = refreshToken.reveal();
    const known = renewals.get(token);
    if (known) return known.renewal;
    const renewal = renew(refreshToken, again);
    renewals.set(token, { at: now, renewal });
    const forget = () => void renewals.delete(token);
    renewal.then(({ tokens }) => {
      // Nothing was used up: whoever asks with the same token later means the next refresh.
      if ((tokens.refreshToken?.reveal() ?? token) === token) forget();
    }, forget); // a failure may be tried again
    return renewal;
  };
}

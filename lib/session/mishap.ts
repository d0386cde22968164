// What the failure of a refresh says about the refresh token.
import type { Mishap } from '../decide/session-events.js';
import type { RenewalFailure } from '../ports.js';

export function mishapOf(thrown: unknown): Mishap {
  const { row, status, unclear, retryAfter } = (thrown ?? {}) as RenewalFailure;
  return {
    thrown,
    says: row?.session === 'end' ? 'dead' : unclear === 0 ? 'refused' : isSilent() ? 'silent' : 'unclear',
    told: retryAfter,
    ...(row?.code === 'CLIENT_CLOSED' && { explained: true }),
    code: row?.code,
    because: row?.because,
  };

  /** No answer came, though the server may have sent one. */
  function isSilent(): boolean {
    return unclear !== undefined && status === undefined;
  }
}

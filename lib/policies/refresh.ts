// A call whose access token was refused gets a newer one, whoever fetches it, and is sent once more.
import type { AxiosInstance } from 'axios';
import type { FailureTable } from '../contract/classify.js';
import type { SessionRefusal } from '../ports.js';
import { Failure, failureOf, type WireConfig } from './failure.js';

export function installRefresh(wire: AxiosInstance, table: FailureTable): void {
  wire.interceptors.response.use(null, async (failure: unknown) => {
    if (!(failure instanceof Failure) || failure.reaction !== 'refresh') throw failure;
    await failure.renewal?.catch((thrown: unknown) => {
      // The call was sent and refused: that is what it reports, whatever became of the session meanwhile.
      if (isRefusal(thrown) && thrown.cause === 'session-ended')
        throw failure.giveUp('Not refreshed: the session is over.');
      if (isRefusal(thrown) && thrown.cause === 'unsendable')
        throw failure.giveUp('Not refreshed: the session has no refresh token.');
      throw withoutToken(failure.config, thrown, table);
    });
    failure.mustBeReplayable();
    return wire(failure.config);
  });
}

/**
 * Begins the refresh that a refused call needs, or joins it. Before the call gives back its place: who takes it must
 * find that the token is being replaced, and not leave with the refused one.
 */
export function beginRefresh(failure: Failure): void {
  if (failure.reaction !== 'refresh') return;
  const { call } = failure.config;
  const { identity } = call.facts;
  if (!identity.refresh) failure.giveUp('Not refreshed: this call was made with a fixed token.');
  // A token that somebody else got, before this call left, is no new one: it may have expired as well.
  else if (call.refusedSince !== undefined && call.grantedAt >= call.refusedSince)
    failure.giveUp('Not refreshed again: the new token was refused too.');
  else {
    call.refusedSince ??= call.sentAt;
    // Also where the body cannot be sent again: the next call needs the new token all the same.
    failure.renewal = identity.refresh(call.version, call);
    failure.renewal.catch(() => undefined); // the policy below the judge waits for it, a moment later
  }
}

/** The failure of a call whose session has nothing to send with: its own refusal, or that of the refresh. */
export function withoutToken(config: WireConfig, thrown: unknown, table: FailureTable): unknown {
  if (thrown instanceof Failure)
    return new Failure(config, thrown.row, thrown).giveUp(
      'It came from the refresh that this call waited for.',
      thrown.retryAfter,
    );
  if (!isRefusal(thrown)) return thrown;
  const failure = failureOf(config, thrown.cause, table);
  failure.retryAfter = thrown.retryAfter;
  return failure;
}

function isRefusal(thrown: unknown): thrown is SessionRefusal {
  return typeof thrown === 'object' && thrown !== null && 'cause' in thrown && !(thrown instanceof Error);
}

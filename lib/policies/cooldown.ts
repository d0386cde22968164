// A limited call goes back to the gate, which the limit has closed for everyone, and leaves again when it may.
import type { AxiosInstance, AxiosResponse } from 'axios';
import { Failure } from './failure.js';

export function installCooldown(wire: AxiosInstance): void {
  wire.interceptors.response.use(null, async (failure: unknown): Promise<AxiosResponse> => {
    if (!(failure instanceof Failure) || failure.reaction !== 'cooldown') throw failure;
    const { call } = failure.config;
    failure.mustBeReplayable();
    const { attempts, waited } = call;
    try {
      return await wire(failure.config);
    } catch (later) {
      const turnedAway = later instanceof Failure && call.attempts === attempts && call.waited === waited;
      if (!turnedAway || later.row !== failure.row) throw later;
      // Turned away at once: what the server told this call counts, not what is left of it a moment later.
      throw failure.giveUp(later.because ?? '', Math.max(failure.told ?? 0, later.retryAfter ?? 0));
    }
  });
}

// A limited call goes back to the gate, which the limit has closed for everyone, and leaves again when it may.
import type { AxiosInstance } from 'axios';
import { Failure } from './failure.js';

export function installCooldown(wire: AxiosInstance): void {
  wire.interceptors.response.use(null, (failure: unknown) => {
    if (!(failure instanceof Failure) || failure.reaction !== 'cooldown') throw failure;
    if (!failure.config.call.facts.replayable)
      throw failure.giveUp('Not sent again: the body is a stream and can be sent only once.');
    return wire(failure.config);
  });
}

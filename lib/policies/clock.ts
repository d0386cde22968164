// The server's clock, as the answers of one client tell it.
import type { AxiosResponse } from 'axios';
import { observed, type ServerClock } from '../decide/clock.js';

export interface Clock {
  /** What is known; `undefined`: no answer told its date, as in browsers, where scripts do not see it. */
  readonly known: ServerClock | undefined;
  /** @param sentAt when the attempt left that it answers */
  heard(answer: AxiosResponse, sentAt: number): void;
}

export function createClock(): Clock {
  let known: ServerClock | undefined;
  let last: unknown;
  return {
    get known() {
      return known;
    },
    heard({ headers }, sentAt) {
      const { date, age } = headers;
      // Most answers of a second have the same date; one that comes from a cache has an old one.
      if (typeof date !== 'string' || date === last || age !== undefined) return;
      last = date;
      const told = Date.parse(date);
      if (Number.isFinite(told)) known = observed(known, told, sentAt, performance.now());
    },
  };
}

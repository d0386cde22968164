// The chapters of the demo, in order.
import { cooldown, lostAnswer, oneRefresh, outage, revoked } from './bad-days.js';
import { deactivated, expiredLink, login, takenEmail, wrongPassword } from './first-answers.js';
import type { Chapter } from './tell.js';

export const CHAPTERS: readonly Chapter[] = [
  login,
  wrongPassword,
  deactivated,
  expiredLink,
  takenEmail,
  oneRefresh,
  outage,
  lostAnswer,
  cooldown,
  revoked,
];

// Chapters about a server on a bad day: what the client does about it before anyone hears of it.
import { setTimeout as sleep } from 'node:timers/promises';
import { asResult, unwrap } from '../../../lib/index.js';
import type { FaultRule } from '../../../lib/sandbox/index.js';
import { failureOf, loggedIn, spell, tallyOf, until } from './steps.js';
import type { Chapter } from './tell.js';

const CALLS = 50;

export const oneRefresh: Chapter = {
  title: 'Fifty calls with an expired token, and one refresh',
  async play(stage) {
    const { sandbox, say, check } = stage;
    const session = await loggedIn(stage);
    sandbox.expireAccessTokens();
    say('server', 'lets every access token expire');
    say('app', `asks for her orders, ${CALLS} times at once`);
    const tally = await tallyOf(CALLS, () => session.http.get('/orders'));
    const { operations, refreshTokens } = sandbox.counts();
    say('server', spell(operations.listOrders.answered));
    check('fifty of fifty succeeded', tally, { 200: CALLS });
    check('with one refresh', operations.refresh.answered, { 200: 1 });
    check('no refresh token was shown twice', refreshTokens.repeated, 0);
    check('no call was sent more than twice', operations.listOrders.received <= 2 * CALLS, true);
  },
};

const TROUBLES: readonly (readonly [says: string, fault: FaultRule])[] = [
  ['answers 500 to everyone', { on: '/orders', times: 'always', status: 500 }],
  ['answers 424 to everyone', { on: '/orders', times: 'always', status: 424 }],
  ['hangs up on everyone', { on: '/orders', times: 'always', drop: 'before' }],
];

export const outage: Chapter = {
  title: 'An outage of one second',
  policies: { retry: { retries: 20, backoff: { max: 400 } } },
  async play(stage) {
    const { sandbox, say, check, told } = stage;
    const session = await loggedIn(stage);
    const calls = tallyOf(10, async (index) => {
      await sleep(index * 40);
      return session.http.get('/orders/1');
    });
    say('app', 'asks for an order every 40 ms, ten times');
    for (const [says, fault] of TROUBLES) {
      sandbox.heal();
      sandbox.fault(fault);
      say('server', says);
      await sleep(350);
    }
    sandbox.heal();
    say('server', 'is back');
    const tally = await calls;
    const { answered, received } = sandbox.counts().operations.getOrder;
    say('server', spell(answered));
    check('ten of ten succeeded', tally, { 200: 10 });
    check('each was answered once', answered['200'], 10);
    check('every repeat was announced', told('retry'), received - 10);
  },
};

export const lostAnswer: Chapter = {
  title: 'An order whose answer is lost',
  async play(stage) {
    const { sandbox, say, check } = stage;
    const session = await loggedIn(stage);
    sandbox.fault({ on: 'createOrder', drop: 'after', times: 2 });
    say('server', 'will make the next two orders, and hang up before it says so');
    say('app', 'orders, without an idempotency key');
    const plain = failureOf(stage, await asResult(session.http.post('/orders', { article: 7 })));
    check('not repeated, since it may have worked', [plain.code, plain.ambiguous], ['CONNECTION_LOST', true]);
    say('app', 'orders something else, with an idempotency key');
    const idempotencyKey = true;
    const keyed = await session.http.post('/orders', { article: 8 }, { holdfast: { idempotencyKey } });
    check('repeated, and done', keyed.status, 201);
    check('two orders were asked for, and two were made', sandbox.counts().ordersMade, 2);
  },
};

const LIMIT = 12;
const REFUSED = 4;

export const cooldown: Chapter = {
  title: `A server that takes ${LIMIT} calls a second`,
  async play(stage) {
    const { sandbox, say, check, told } = stage;
    const session = await loggedIn(stage);
    sandbox.fault({ on: '/orders', rateLimit: { limit: LIMIT, per: 1_000 } });
    const served: number[] = [];
    const ask = async (index: number) => {
      const answer = await session.http.get('/orders');
      served.push(index);
      return answer;
    };
    say('app', `asks ${LIMIT + REFUSED} times at once`);
    const first = tallyOf(LIMIT + REFUSED, ask);
    await until(() => told('queued') >= REFUSED);
    say('app', `asks ${LIMIT - REFUSED} times more`);
    const later = tallyOf(LIMIT - REFUSED, (index) => ask(LIMIT + REFUSED + index));
    const tallies = [await first, await later];

    const { answered } = sandbox.counts().operations.listOrders;
    say('server', spell(answered));
    check('everyone was served', tallies, [{ 200: LIMIT + REFUSED }, { 200: LIMIT - REFUSED }]);
    check('four were refused, once each', answered, { 200: 2 * LIMIT, 429: REFUSED });
    const arrivals = sandbox.requests().flatMap((each) => (each.operation === 'listOrders' ? each.atMs : []));
    const [before = 0, after = 0] = arrivals.slice(LIMIT + REFUSED - 1);
    check('nothing was sent during the cooldown', after - before > 700, true);
    const waited = served.slice(LIMIT);
    check(
      'those in line left in the order they came',
      waited,
      [...waited].sort((a, b) => a - b),
    );
  },
};

export const revoked: Chapter = {
  title: 'A session that is revoked elsewhere, and ends once',
  async play(stage) {
    const { sandbox, say, check } = stage;
    const phone = await loggedIn(stage);
    const laptop = await loggedIn(stage);
    const logins = unwrap(await stage.offstage(() => laptop.listSessions()));
    say('app', `sees ${logins.length} logins on the laptop, and revokes the one on the phone`);
    unwrap(await laptop.revoke(phone.state.tokenId));
    say('app', 'asks thirty times on the phone');
    const tally = await tallyOf(30, () => phone.http.get('/orders'));
    check('thirty calls learn that the session is over', tally, { INVALID_TOKEN: 30 });
    check('the refresh token was tried once', sandbox.counts().refreshTokens.presented, 1);
    check('the session ended once', stage.told('sessionEnded'), 1);
    say('app', 'asks once more on the phone');
    const { received } = sandbox.counts();
    failureOf(stage, await asResult(phone.http.get('/orders')));
    check('nothing was sent', sandbox.counts().received, received);
    say('app', 'asks on the laptop');
    const { status } = await laptop.http.get('/orders');
    check('the laptop goes on', status, 200);
  },
};

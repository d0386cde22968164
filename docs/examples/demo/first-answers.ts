// Chapters about answers that are final: the client passes them on at once, each under its own code.
import { unwrap } from '../../../lib/index.js';
import { DEMO } from '../../../lib/sandbox/index.js';
import { ADA, failureOf } from './steps.js';
import type { Chapter } from './tell.js';

const HOUR = 3_600_000;
const GRACE = { firstName: 'Grace', lastName: 'Hopper', gender: 'f', password: 'nanoseconds' } as const;

export const login: Chapter = {
  title: 'Ada logs in',
  async play({ auth, sandbox, say, check }) {
    say('app', `login(${ADA.email})`);
    const session = unwrap(await auth.login(ADA));
    say('app', `has a session for customer ${session.state.customerId ?? '?'}`);
    const orders = await session.http.get<unknown[]>('/orders');
    say('app', `has a list of ${orders.data.length} orders`);
    check('one login, answered 200', sandbox.counts().operations.login.answered, { 200: 1 });
    check('the next call carried the bearer', sandbox.requests().at(-1)?.auth, 'bearer');
  },
};

export const wrongPassword: Chapter = {
  title: 'A wrong password',
  async play(stage) {
    const { auth, sandbox, say, check } = stage;
    say('app', `login(${ADA.email}) with a typo`);
    const error = failureOf(stage, await auth.login({ ...ADA, password: 'correct hose' }));
    check('the code is USER_NOT_FOUND', error.code, 'USER_NOT_FOUND');
    check('final: asked once', sandbox.counts().operations.login.answered, { 404: 1 });
  },
};

export const deactivated: Chapter = {
  title: 'A customer who was deactivated',
  async play(stage) {
    const { auth, sandbox, say, check } = stage;
    const { email, password } = DEMO.deactivated;
    say('app', `login(${email})`);
    const error = failureOf(stage, await auth.login({ email, password }));
    check('the code is USER_DEACTIVATED', error.code, 'USER_DEACTIVATED');
    check('final: asked once', sandbox.counts().operations.login.answered, { 403: 1 });
  },
};

export const expiredLink: Chapter = {
  title: 'A reset link that has expired',
  async play(stage) {
    const { auth, sandbox, say, check } = stage;
    say('app', `sendPasswordResetEmail(${ADA.email})`);
    const resetUrl = 'https://shop.example/reset?hash={hash}';
    unwrap(await auth.sendPasswordResetEmail({ email: ADA.email, resetUrl }));
    const hash = sandbox.resetHash(ADA.email);
    stage.later(HOUR);
    say('server', 'an hour goes by');
    say('app', 'updatePasswordByHash() with the link of the mail');
    const error = failureOf(stage, await auth.updatePasswordByHash({ hash, password: 'a new horse' }));
    check('the code is PASSWORD_RESET_HASH_EXPIRED', error.code, 'PASSWORD_RESET_HASH_EXPIRED');
    const { answered } = sandbox.counts().operations.updatePasswordByHash;
    check('final: asked once', answered, { 406: 1 });
    const { ok } = await stage.offstage(() => auth.login(ADA));
    check('the old password still works', ok, true);
  },
};

export const takenEmail: Chapter = {
  title: 'An e-mail address that is taken, by somebody else or by oneself',
  async play(stage) {
    const { auth, sandbox, say, check } = stage;
    say('app', `register(${ADA.email})`);
    const taken = failureOf(stage, await auth.register({ ...GRACE, email: ADA.email }));
    check('taken, without doubt', [taken.code, taken.ambiguous], ['USER_ALREADY_EXISTS', false]);

    const own = { ...GRACE, email: 'grace@example.com' };
    sandbox.fault({ on: 'register', drop: 'after' });
    say('server', 'will register the next one, and hang up before it says so');
    say('app', `register(${own.email})`);
    const lost = failureOf(stage, await auth.register(own));
    check('not repeated, since it may have worked', [lost.code, lost.ambiguous], ['CONNECTION_LOST', true]);
    say('app', `register(${own.email}) once more, as people do`);
    const again = failureOf(stage, await auth.register(own));
    check('taken, perhaps by herself', [again.code, again.ambiguous], ['USER_ALREADY_EXISTS', true]);
    say('app', 'offers to log in before it says that the address is taken');
    const { ok } = await auth.login({ email: own.email, password: own.password });
    check('it was her own account', ok, true);
  },
};

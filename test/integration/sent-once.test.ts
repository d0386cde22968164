// What must not be done twice is sent once when nobody knows whether it was done, and the error says so.
import type { AxiosAdapter, AxiosResponse } from 'axios';
import { expect } from 'chai';
import type { AuthClient, AuthError, Result, Session } from '../../lib/index.js';
import { DEMO, type FaultRule, type Sandbox } from '../../lib/sandbox/index.js';
import { ADA, GRACE, QUICK, until, useStage, warmUp } from './stage.js';

interface Scene {
  readonly sandbox: Sandbox;
  readonly auth: AuthClient;
  readonly session: Session;
}

type Outcome = Promise<
  Result<unknown, Pick<AuthError<string>, 'code' | 'ambiguous' | 'attempts' | 'status'>>
>;

const UNREPEATABLE = {
  register: ({ auth }: Scene): Outcome => auth.register(GRACE),
  sendPasswordResetEmail: ({ auth }: Scene): Outcome =>
    auth.sendPasswordResetEmail({ email: ADA.email, resetUrl: 'https://shop.example/reset?hash={hash}' }),
  updatePasswordByHash: ({ auth, sandbox }: Scene): Outcome =>
    auth.updatePasswordByHash({ password: 'a new password', hash: sandbox.resetHash(ADA.email) }),
  exchangeCode: ({ auth, sandbox }: Scene): Outcome =>
    auth.exchangeCode({ code: sandbox.authorizationCode(ADA.email) }),
  updatePassword: ({ session }: Scene): Outcome =>
    session.updatePassword({ password: ADA.password, newPassword: 'a new password' }),
} as const;

const UNCLEAR: readonly (readonly [about: string, code: string, fault: FaultRule])[] = [
  ['a 500', 'API_EXCEPTION', { status: 500, times: 'always' }],
  ['a 424', 'API_EXCEPTION', { status: 424, times: 'always' }],
  ['an HTML 502', 'API_EXCEPTION', { status: 502, html: true, times: 'always' }],
  [
    'a connection that dropped after the work was done',
    'CONNECTION_LOST',
    { drop: 'after', times: 'always' },
  ],
  ['an answer that came to a halt', 'TIMEOUT', { stall: true, times: 'always' }],
  ['an answer that broke off', 'CONNECTION_LOST', { truncate: true, times: 'always' }],
];

const IMPATIENT = { policies: { ...QUICK, timeout: { attempt: 100 } } };

describe('After an unclear failure', () => {
  const stage = useStage();
  before(() => warmUp());

  for (const [about, code, fault] of UNCLEAR)
    for (const [operation, call] of Object.entries(UNREPEATABLE))
      it(`${operation} is not sent again: ${about}`, async () => {
        const scene = await stage.loggedIn(undefined, IMPATIENT);
        scene.sandbox.fault({ ...fault, on: operation as keyof typeof UNREPEATABLE });
        const result = await call(scene);
        expect(!result.ok && result.error).to.include({ code, ambiguous: true, attempts: 1 });
        expect(scene.sandbox.counts().operations[operation as keyof typeof UNREPEATABLE].received).to.equal(
          1,
        );
      });

  for (const [operation, call] of Object.entries({
    register: (auth: AuthClient, signal: AbortSignal) => auth.register(GRACE, { signal }),
    exchangeCode: (auth: AuthClient, signal: AbortSignal) =>
      auth.exchangeCode({ code: 'a-code' }, { signal }),
  }))
    it(`${operation} that was aborted under way says that it was sent and may have worked`, async () => {
      const { sandbox, auth } = await stage.loggedIn();
      const name = operation as 'register' | 'exchangeCode';
      sandbox.fault({ on: name, delay: 2_000 });
      const controller = new AbortController();
      const pending = call(auth, controller.signal);
      await until(() => sandbox.counts().operations[name].received === 1);
      controller.abort();
      const result = await pending;
      expect(!result.ok && result.error).to.include({ code: 'ABORTED', attempts: 1, ambiguous: true });
    });

  it('a registration that is aborted while its success is on the way to the caller may have worked', async () => {
    const controller = new AbortController();
    const carriedOut: AxiosAdapter = (config) => {
      const response = { status: 201, statusText: 'Created', headers: {}, config };
      const data = () => {
        queueMicrotask(() => controller.abort()); // between the look at the body and the end of the call
        return { access_token: 'access', refresh_token: 'refresh' };
      };
      return Promise.resolve(
        Object.defineProperty(response, 'data', { get: data }) as unknown as AxiosResponse,
      );
    };
    const auth = stage.client('http://127.0.0.1:9', { axios: { adapter: carriedOut } });
    const result = await auth.register(GRACE, { signal: controller.signal });
    expect(!result.ok && result.error).to.include({ code: 'ABORTED', attempts: 1, ambiguous: true });
  });

  it('a call that was aborted before it left is not ambiguous', async () => {
    const { sandbox, auth } = await stage.loggedIn();
    const result = await auth.register(GRACE, { signal: AbortSignal.abort() });
    expect(!result.ok && result.error).to.include({ code: 'ABORTED', attempts: 0, ambiguous: false });
    expect(sandbox.counts().operations.register.received).to.equal(0);
  });

  for (const operation of ['login', 'guestLogin'] as const)
    it(`${operation} is sent at most twice`, async () => {
      const { sandbox, auth } = await stage.loggedIn();
      sandbox.fault({ on: operation, status: 500, times: 'always' });
      const before = sandbox.counts().operations[operation].received;
      const result = operation === 'login' ? await auth.login(ADA) : await auth.guestLogin(GRACE);
      expect(!result.ok && result.error).to.include({ code: 'API_EXCEPTION', attempts: 2 });
      expect(sandbox.counts().operations[operation].received - before).to.equal(2);
    });

  it('a login goes through at the second try', async () => {
    const { sandbox, auth } = await stage.loggedIn();
    sandbox.fault({ on: 'login', drop: 'before' });
    expect(await auth.login(ADA)).to.include({ ok: true, attempts: 2 });
  });

  it('a POST of the session is not sent again, unless it carries an idempotency key', async () => {
    const { sandbox, session } = await stage.loggedIn();
    sandbox.fault({ on: 'createOrder', drop: 'after' });
    const lost = await session.http.post('/orders', { article: 1 }).catch((error: unknown) => error);
    expect(lost).to.include({ code: 'CONNECTION_LOST', attempts: 1, ambiguous: true });
    sandbox.fault({ on: 'createOrder', drop: 'after' });
    const { status, headers } = await session.http.post(
      '/orders',
      { article: 2 },
      { holdfast: { idempotencyKey: true } },
    );
    expect([status, headers['idempotency-replayed']]).to.deep.equal([201, 'true']);
    expect(sandbox.counts()).to.include({ ordersMade: 2 });
  });

  it('a GET is sent again until it works', async () => {
    const { sandbox, session } = await stage.loggedIn();
    sandbox.fault([
      { on: 'listOrders', drop: 'after' },
      { on: 'listOrders', status: 503 },
      { on: 'listOrders', truncate: true },
    ]);
    const response = await session.http.get('/orders');
    expect(response).to.include({ status: 200, attempts: 4 });
  });
});

describe('A registration that may have worked', () => {
  const stage = useStage();

  it('is ambiguous when the person tries again and reads "already exists"', async () => {
    const { sandbox, auth } = await stage.loggedIn();
    sandbox.fault({ on: 'register', drop: 'after' });
    const first = await auth.register(GRACE);
    expect(!first.ok && first.error).to.include({ code: 'CONNECTION_LOST', ambiguous: true });
    const second = await auth.register(GRACE);
    expect(!second.ok && second.error).to.include({
      code: 'USER_ALREADY_EXISTS',
      status: 409,
      ambiguous: true,
    });
    expect(sandbox.counts().operations.register.received).to.equal(2);
  });

  it('is ambiguous after a 500 too', async () => {
    const { sandbox, auth } = await stage.loggedIn();
    sandbox.fault([
      { on: 'register', status: 500 },
      { on: 'register', status: 409 },
    ]);
    const first = await auth.register(GRACE);
    const second = await auth.register(GRACE);
    expect(!first.ok && first.error).to.include({ code: 'API_EXCEPTION', status: 500, ambiguous: true });
    expect(!second.ok && second.error).to.include({ code: 'USER_ALREADY_EXISTS', ambiguous: true });
  });

  it('is ambiguous within one call that repeats it under an idempotency key', async () => {
    const { sandbox, auth } = await stage.loggedIn();
    sandbox.fault([
      { on: 'register', status: 500 },
      { on: 'register', status: 409 },
    ]);
    const result = await auth.register(GRACE, { idempotencyKey: true });
    expect(!result.ok && result.error).to.include({
      code: 'USER_ALREADY_EXISTS',
      ambiguous: true,
      attempts: 2,
    });
    expect(sandbox.counts().operations.register.received).to.equal(2);
  });

  it('is nobody else’s: another address reads a plain "already exists"', async () => {
    const { sandbox, auth } = await stage.loggedIn();
    sandbox.fault({ on: 'register', status: 500 });
    await auth.register(GRACE);
    const other = await auth.register({ ...GRACE, email: DEMO.otherCustomer.email });
    expect(!other.ok && other.error).to.include({ code: 'USER_ALREADY_EXISTS', ambiguous: false });
  });

  it('is plain where nothing was unclear: refused, limited, or taken from the start', async () => {
    const { sandbox, auth } = await stage.loggedIn();
    sandbox.fault({ on: 'register', status: 429, headers: { 'retry-after-ms': '20' } });
    const result = await auth.register({ ...GRACE, email: ADA.email });
    expect(!result.ok && result.error).to.include({
      code: 'USER_ALREADY_EXISTS',
      ambiguous: false,
      attempts: 2,
    });
  });

  it('goes on as usual where it had not worked', async () => {
    const { sandbox, auth } = await stage.loggedIn();
    sandbox.fault({ on: 'register', drop: 'before' });
    expect((await auth.register(GRACE)).ok).to.equal(false);
    expect((await auth.register(GRACE)).ok).to.equal(true);
  });

  it('makes a used reset hash ambiguous in the same way', async () => {
    const { sandbox, auth } = await stage.loggedIn();
    const input = { password: 'a new password', hash: sandbox.resetHash(ADA.email) };
    sandbox.fault({ on: 'updatePasswordByHash', drop: 'after' });
    await auth.updatePasswordByHash(input);
    const second = await auth.updatePasswordByHash(input);
    expect(!second.ok && second.error).to.include({ code: 'PASSWORD_RESET_HASH_EXPIRED', ambiguous: true });
    expect((await auth.login({ ...ADA, password: input.password })).ok, 'it had worked').to.equal(true);
  });
});

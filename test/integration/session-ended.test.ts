// What ends a session: a verdict on its refresh token, once, however many calls wait for it.
import { expect } from 'chai';
import { isAuthError, type EventMap } from '../../lib/index.js';
import { ADA, rejection, times, useStage } from './stage.js';

describe('A dead refresh token', () => {
  const stage = useStage();

  for (const generation of [8, 9] as const)
    for (const keyCase of ['upper', 'lower'] as const)
      it(`ends the session once for 200 waiting calls: library ${generation}, keys in ${keyCase} case`, async () => {
        const { sandbox, auth, session } = await stage.loggedIn({ generation, keyCase });
        const endings: EventMap['sessionEnded'][] = [];
        session.on('sessionEnded', (event) => endings.push(event));
        const clientWide: EventMap['sessionEnded'][] = [];
        auth.on('sessionEnded', (event) => clientWide.push(event));
        sandbox.revokeCustomer(ADA.email);

        const errors = await times(200, () => rejection(session.http.get('/orders')));
        for (const error of errors)
          expect(error).to.include({
            code: 'INVALID_TOKEN',
            kind: 'session',
            userMessage: 'Your session has expired. Please log in again.',
            operation: 'request',
          });
        expect(errors.filter((error) => isAuthError(error) && error.attempts > 0)).to.have.length.within(
          1,
          16,
        );
        const first = errors.find((error) => isAuthError(error) && error.hint === 'Token has been revoked');
        expect(first).to.include({ status: generation === 8 ? 401 : 400 });
        expect(sandbox.counts().operations.refresh.received).to.equal(1);
        expect(endings).to.have.length(1);
        expect(endings[0]).to.include({ session: session.key, reason: 'expired' });
        expect(clientWide).to.deep.equal(endings);
        expect(session.state.status).to.equal('ended');
        expect(session.state.ended).to.include({ reason: 'expired' });
      });

  it('leaves nothing to send: later calls fail with SESSION_ENDED and reach no server', async () => {
    const { sandbox, session } = await stage.loggedIn();
    sandbox.revokeCustomer(ADA.email);
    await rejection(session.http.get('/orders'));
    const before = sandbox.counts().received;
    const errors = [
      await rejection(session.http.get('/orders')),
      await rejection(session.accessToken()),
      ...(await Promise.all([session.validate(), session.refresh(), session.listSessions()])).map(
        (result) => !result.ok && result.error,
      ),
    ];
    for (const error of errors) expect(isAuthError(error, 'SESSION_ENDED')).to.equal(true);
    expect(errors[0]).to.include({ attempts: 0, retryable: false });
    expect(sandbox.counts().received).to.equal(before);
  });

  it('that has expired ends the session like one that was revoked', async () => {
    let clock = Date.now();
    const { sandbox, session } = await stage.loggedIn({
      now: () => clock,
      lifetimes: { access: 60_000, refresh: 120_000 },
    });
    clock += 120_000;
    const error = await rejection(session.http.get('/orders'));
    expect(error).to.include({ code: 'INVALID_TOKEN', hint: 'Token has expired' });
    expect(session.state.status).to.equal('ended');
    expect(sandbox.counts().operations.refresh.received).to.equal(1);
  });

  it('of one session leaves the other sessions of the client alone', async () => {
    const { sandbox, auth, session } = await stage.loggedIn();
    const other = await auth.login({ email: 'ben@example.com', password: 'battery staple' });
    sandbox.revokeCustomer(ADA.email);
    await rejection(session.http.get('/orders'));
    expect(session.state.status).to.equal('ended');
    expect(other.ok && other.value.state.status).to.equal('live');
    expect(other.ok && (await other.value.http.get('/orders')).status).to.equal(200);
  });

  it('is not needed: a refused access token without a refresh token ends the session, once', async () => {
    const { sandbox, auth, session } = await stage.loggedIn();
    const lone = auth.resume({ accessToken: session.tokens().accessToken });
    const endings: unknown[] = [];
    lone.on('sessionEnded', (event) => endings.push(event));
    sandbox.expireAccessTokens();
    const errors = await times(10, () => rejection(lone.http.get('/orders')));
    for (const error of errors) expect(error).to.include({ code: 'INVALID_TOKEN', status: 401, attempts: 1 });
    expect(endings).to.have.length(1);
    expect(sandbox.counts().operations.refresh.received).to.equal(0);
  });
});

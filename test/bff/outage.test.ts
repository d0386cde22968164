// The store of the sessions is away: who can be logged out then, who cannot, and what becomes of it.
import { expect } from 'chai';
import { unwrap } from '../../lib/index.js';
import { ADA, rejection } from '../integration/stage.js';
import { COOKIE, onOneStore, useBff } from './stage.js';

describe('While the store of the sessions is away', () => {
  const stage = useBff();

  /** Two backends on one store; Ada is signed in at the first, and the second has not heard of her. */
  async function signedIn() {
    const { store, one, two } = await onOneStore(stage);
    const ada = one.visitor();
    const session = unwrap(await ada.client.login(ADA));
    const there = two.visitor();
    there.jar.set(COOKIE, ada.jar.get(COOKIE)!);
    return { store, sandbox: one.sandbox, two, ada, session, there };
  }

  it('a logout where the session is not at hand has not happened: the cookie stays, and asking again works', async () => {
    const { store, sandbox, two, ada, session, there } = await signedIn();
    const logout = () =>
      two.post('/auth/logout', '', {
        cookie: `${COOKIE}=${ada.jar.get(COOKIE)!}`,
        authorization: `Bearer ${session.tokens().accessToken}`,
      });
    store.isAway = true;
    const failed = await logout();
    expect(failed).to.deep.include({ status: 503 });
    expect(failed.body).to.include({ error: 'SESSION_UNAVAILABLE' });
    expect(failed.headers).not.to.have.property('set-cookie');
    expect(sandbox.counts().operations.logout.received).to.equal(0);
    expect((await session.http.get('/orders')).status, 'still signed in').to.equal(200);

    store.isAway = false;
    const done = await logout();
    expect(done.status).to.equal(204);
    expect(done.headers['set-cookie']?.[0]).to.match(/Max-Age=0/);
    expect(sandbox.counts().operations.logout.answered).to.deep.equal({ 204: 1 });
    expect(unwrap(await there.client.session())).to.equal(undefined);
    await rejection(session.http.get('/orders'));
  });

  it('a logout where the session is at hand has happened, and the others hear of it when the store is back', async () => {
    const { store, sandbox, ada, session, there } = await signedIn();
    const cookie = ada.jar.get(COOKIE)!;
    expect(unwrap(await there.client.session())).not.to.equal(undefined); // at hand in the other backend too
    store.isAway = true;
    expect((await session.logout()).ok).to.equal(true);
    expect(ada.jar.size).to.equal(0);
    expect(sandbox.counts().operations.logout.answered).to.deep.equal({ 204: 1 });
    ada.jar.set(COOKIE, cookie); // somebody kept it
    expect(unwrap(await ada.client.session())).to.equal(undefined);

    store.isAway = false;
    const looks = async () => unwrap(await there.client.session()) === undefined;
    let isOver = await looks();
    for (let tries = 0; !isOver && tries < 200; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      isOver = await looks();
    }
    expect(isOver).to.equal(true);
  });
});

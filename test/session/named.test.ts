// A login that is told the name of its session.
import { expect } from 'chai';
import { memoryCoordinator, unwrap } from '../../lib/index.js';
import { ADA, rejection, useStage } from '../integration/stage.js';

describe('A login that names its session', () => {
  const stage = useStage();

  it('is found by that name, as any session', async () => {
    const { url } = await stage.sandbox();
    const auth = stage.client(url, { coordinator: memoryCoordinator({ idle: 60_000 }) });
    const session = unwrap(await auth.login(ADA, { key: 'till-7' }));
    expect(session.key).to.equal('till-7');
    expect(unwrap(await auth.resume('till-7'))).to.equal(session);
  });

  it('takes the place of the session that had the name', async () => {
    const { url } = await stage.sandbox();
    const auth = stage.client(url, { coordinator: memoryCoordinator({ idle: 60_000 }) });
    const before = unwrap(await auth.login(ADA, { key: 'till-7' }));
    const now = unwrap(await auth.login(ADA, { key: 'till-7' }));
    expect(before.state.ended).to.deep.include({ reason: 'replaced' });
    expect((await now.http.get('/orders')).status).to.equal(200);
    expect(unwrap(await auth.resume('till-7'))).to.equal(now);
  });

  it('takes no token for a name, and nothing that is no text; nothing is sent then', async () => {
    const sandbox = await stage.sandbox();
    const auth = stage.client(sandbox.url);
    for (const key of ['', 'eyJhbGciOi.eyJzdWIiOi.c2ln', 7 as never])
      expect(String(await rejection(auth.login(ADA, { key })))).to.match(/^TypeError: login: key must be/);
    expect(sandbox.requests()).to.deep.equal([]);
  });
});

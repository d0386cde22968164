// A server that keeps the refresh token: each refresh asks it anew, though the token is the same every time.
import { expect } from 'chai';
import { virtualTime } from '../support/virtual-time.js';
import { authBench, isRefresh } from '../policies/clients.js';

for (const [says, more] of [
  ['leaves it out of its answer', {}],
  ['sends it again', { refresh_token: 'rt-1' }],
] as const)
  describe(`A server that keeps the refresh token and ${says}`, () => {
    const time = virtualTime();
    const bench = () => {
      let minted = 1;
      return authBench((sent) => {
        if (!isRefresh(sent)) return sent.headers.authorization === `Bearer at-${minted}` ? 200 : 401;
        minted += 1;
        return { data: { access_token: `at-${minted}`, token_type: 'Bearer', ...more }, after: 50 };
      });
    };

    it('is asked again by a refresh that comes within a minute', async () => {
      const { resume } = bench();
      const session = resume();
      for (const access of ['at-2', 'at-3']) {
        expect(await time.finish(session.refresh())).to.include({ ok: true, attempts: 1 });
        expect(session.tokens()).to.include({ accessToken: access, refreshToken: 'rt-1' });
      }
    });

    it('is asked once by sessions that refresh at the same time', async () => {
      const { resume, wire } = bench();
      const sessions = [resume(), resume()];
      await time.finish(Promise.all(sessions.map((session) => session.refresh())));
      expect(sessions.map((session) => session.tokens().accessToken)).to.deep.equal(['at-2', 'at-2']);
      expect(wire.sent.filter(isRefresh)).to.have.length(1);
    });
  });

// Whether somebody has an account: told as the API tells it, or not at all.
import { expect } from 'chai';
import { DEMO } from '../../lib/sandbox/index.js';
import { ADA, GRACE } from '../integration/stage.js';
import { useBff } from './stage.js';

describe('Who has an account', () => {
  const stage = useBff();
  const nobody = { email: 'nobody@example.com' };

  it('is told where nothing else was asked for', async () => {
    const { client } = (await stage.backend()).visitor();
    const mail = await client.sendPasswordResetEmail(nobody);
    if (!mail.ok) expect(mail.error.code).to.equal('USER_NOT_FOUND');
    expect(mail.ok).to.equal(false);
  });

  it('is not told by the answer to a reset mail', async () => {
    const backend = await stage.backend({ maskAccounts: true });
    const answers = [];
    for (const { email } of [nobody, ADA, DEMO.deactivated])
      answers.push(await backend.post('/auth/password/send-reset-email', { email }));
    const said = answers.map(({ status, text, headers }) => ({
      status,
      text,
      headers: { ...headers, date: '' },
    }));
    expect(said[0]!.status).to.equal(204);
    expect(said[1]).to.deep.equal(said[0]);
    expect(said[2]).to.deep.equal(said[0]);
  });

  it('is not told by name where somebody registers or shops as a guest', async () => {
    const { client } = (await stage.backend({ maskAccounts: true })).visitor();
    const person = { ...GRACE, email: ADA.email };
    for (const refused of [await client.register(person), await client.guestLogin(person)]) {
      if (!refused.ok) expect(refused.error).to.deep.include({ code: 'VALIDATION_FAILED', details: [] });
      expect(refused.ok).to.equal(false);
    }
  });

  it('is not told by a login: a wrong password and an unknown address answer the same', async () => {
    const backend = await stage.backend({ maskAccounts: true });
    const wrong = await backend.post('/auth/login', { ...ADA, password: 'wrong' });
    const unknown = await backend.post('/auth/login', { ...nobody, password: 'wrong' });
    expect([wrong.status, wrong.text]).to.deep.equal([404, unknown.text]);
  });

  it('hides nothing that a customer has to know', async () => {
    const backend = await stage.backend({ maskAccounts: true });
    const { client } = backend.visitor();
    const short = await client.register({ ...GRACE, password: 'x' });
    if (!short.ok && short.error.code === 'VALIDATION_FAILED')
      expect(short.error.details[0]).to.include({ field: 'password' });
    backend.sandbox.fault({ on: 'sendPasswordResetEmail', status: 503, times: 20 });
    const away = await client.sendPasswordResetEmail(ADA);
    if (!away.ok) expect(away.error.code).to.equal('API_EXCEPTION');
    expect([short.ok, away.ok]).to.deep.equal([false, false]);
  });
});

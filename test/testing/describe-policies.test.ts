// describePolicies(): a configuration can be asserted, in both kinds of clients.
import { expect } from 'chai';
import { DEFAULTS } from '../../lib/options.js';
import { createAuthClient, createHttpClient } from '../../lib/index.js';
import { describePolicies } from '../../lib/testing/index.js';
import { BASE, CREDENTIALS, useKit } from './stage.js';

describe('describePolicies()', () => {
  const kit = useKit();

  it('tells the defaults of a client that was told nothing', () => {
    const { refresh, ...rest } = DEFAULTS;
    expect(describePolicies(kit.client({ policies: {} }))).to.deep.equal({ ...rest, refresh });
    expect(describePolicies(kit.http({ policies: {} }))).to.deep.equal(rest);
  });

  it('tells what was changed, with the defaults beside it', () => {
    const policies = {
      retry: { retries: 1, statuses: [503], backoff: { max: 9 } },
      breaker: { enabled: true },
    };
    for (const client of [
      createAuthClient({ baseURL: BASE, policies }),
      createHttpClient({ baseURL: BASE, policies }),
    ]) {
      const told = describePolicies(client as ReturnType<typeof createHttpClient>);
      expect(told.retry).to.deep.equal({
        ...DEFAULTS.retry,
        retries: 1,
        statuses: [503],
        backoff: { ...DEFAULTS.retry.backoff, max: 9 },
      });
      expect(told.breaker).to.deep.equal({ ...DEFAULTS.breaker, enabled: true });
      expect(told.timeout).to.deep.equal(DEFAULTS.timeout);
      client.close();
    }
  });

  it('is plain data without secrets, and changing it changes nothing', () => {
    const client = kit.client({ credentials: CREDENTIALS });
    const told = describePolicies(client);
    expect(JSON.parse(JSON.stringify(told))).to.deep.equal(told);
    expect(JSON.stringify(told)).to.not.include(CREDENTIALS.clientId);
    (told.retry.statuses as number[]).push(418);
    (told.timeout as { attempt: number }).attempt = 1;
    expect(describePolicies(client).retry.statuses).to.not.include(418);
    expect(describePolicies(client).timeout.attempt).to.equal(DEFAULTS.timeout.attempt);
  });

  it('of anything else is a TypeError', () => {
    for (const other of [undefined, null, {}, kit.client().http, () => 1, 'client'])
      expect(() => describePolicies(other as never)).to.throw(
        TypeError,
        /^describePolicies: the client must be one/,
      );
  });
});

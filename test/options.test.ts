// Options of clients that are not what they should be: each is named, with what was given and what is allowed.
import { AxiosHeaders } from 'axios';
import { expect } from 'chai';
import { createAuthClient, createHttpClient, memoryCoordinator } from '../lib/index.js';

const baseURL = 'https://api.example/v1';
const CREDENTIALS = { clientId: 'c', clientSecret: 's3cr3t-value' };
const cycle: Record<string, unknown> = {};
cycle['own'] = cycle;

const BAD: Readonly<Record<string, readonly [change: object, message: RegExp]>> = {
  'a map in the place of policies': [{ policies: new Map() }, /policies must be an object; got \{\}/],
  'a date in the place of one policy': [{ policies: { retry: new Date(0) } }, /policies\.retry must be an object/],
  'a value that has no JSON': [{ policies: { timeout: { total: { toJSON: () => undefined } } } }, /timeout\.total must be a number of ms .*; got a value of type object/],
  'a number that JSON does not have': [{ policies: { timeout: { total: NaN } } }, /timeout\.total must be .*; got NaN/],
  'credentials with a name too many': [{ credentials: { ...CREDENTIALS, clientSecrets: 's3cr3t-value' } }, /there is no option credentials\.clientSecrets; known are clientId, clientSecret/],
  'a transport that there is not': [{ axios: { adapter: 'htttp' } }, /axios\.adapter must be 'http' or 'xhr' or 'fetch', or a function.*; got "htttp"/],
  'a list of no transports': [{ axios: { adapter: [] } }, /axios\.adapter must be/],
  'a text as headers': [{ axios: { headers: 'a: b' } }, /axios\.headers must be an object of headers; got "a: b"/],
  'nothing as headers': [{ axios: { headers: null } }, /axios\.headers must be an object of headers; got null/],
  'headers that contain themselves': [{ axios: { headers: cycle } }, /axios\.headers must be what axios can copy/],
  'axios defaults that contain themselves': [{ axios: { params: cycle } }, /axios must be what axios can copy/],
}; // prettier-ignore

describe('createAuthClient() does not take', () => {
  for (const [name, [change, message]] of Object.entries(BAD))
    it(name, () => {
      const make = () => createAuthClient({ baseURL, ...change } as never).close();
      expect(make).to.throw(TypeError, message).that.has.property('message').that.does.not.contain('s3cr3t');
    });

  it('a map in the place of all options, and neither does anything else', () => {
    expect(() => createHttpClient(new Map() as never)).to.throw(TypeError, 'the options must be an object');
    expect(() => memoryCoordinator(new Date() as never)).to.throw(TypeError, 'the options must be an object');
  });

  it('but takes the headers that axios makes, and options that a module exports', async () => {
    const module = (await import('node:path')) as object;
    expect(Object.prototype.toString.call(module)).to.equal('[object Module]');
    expect(() => createHttpClient(module as never)).to.throw(TypeError, 'there is no option');
    const axios = { adapter: ['fetch', 'http'], headers: new AxiosHeaders({ 'X-A': 'b' }) };
    createAuthClient({ baseURL, credentials: CREDENTIALS, axios: axios as never }).close();
  });
});

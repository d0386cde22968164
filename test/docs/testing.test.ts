// docs/testing.md: names every outcome, handle and option that the kit has.
import { expect } from 'chai';
import { mockAuthApi, virtualTime, type MockedApi } from '../../lib/testing/index.js';
import { OPERATIONS } from '../../lib/contract/endpoints.js';
import { textOf } from './pages.js';

const page = textOf('docs/testing.md');

describe('docs/testing.md', () => {
  let api: MockedApi;
  before(() => {
    api = mockAuthApi({ baseURL: 'https://page.example.com/v1' });
  });
  after(() => api.restore());

  it('names every outcome, and what a step has', () => {
    const outcomes = Object.keys(api.refresh).filter((name) => name !== 'calls');
    expect(outcomes).to.include.members(['rotates', 'fails', 'delays']);
    for (const name of outcomes) expect(page).to.include(`\`${name}(`);
    const step = api.login.succeeds();
    for (const name of Object.keys(step)) expect(page, name).to.match(new RegExp(`\`${name}[(\`]`));
  });

  it('names every handle', () => {
    const handles = Object.keys(api).filter((name) => !(OPERATIONS as readonly string[]).includes(name));
    expect(handles).to.include.members(['anything', 'route', 'done']);
    for (const name of handles) expect(page, name).to.match(new RegExp(`\`(api\\.)?${name}[(\`.]`));
    const time = virtualTime();
    time.restore();
    for (const name of Object.keys(time)) expect(page).to.include(`time.${name}(`);
  });

  it('names every option, and every field of a call', () => {
    for (const option of ['baseURL', 'endpoints', 'nock']) expect(page).to.include(`| \`${option}\` `);
    for (const field of ['operation', 'method', 'path', 'query', 'headers', 'body'])
      expect(page).to.include(`\`${field}\``);
  });
});

// decide/surroundings: who counts as a browser. What a real one says of itself is in test/chromium/secret.test.ts.
import { expect } from 'chai';
import { isBrowser } from '../../lib/decide/surroundings.js';
import { createAuthClient } from '../../lib/index.js';

const DOM = { product: 'Gecko', userAgent: 'Mozilla/5.0', appCodeName: 'Mozilla' };
const node = { versions: { node: '20.19.0' } };

/** What each has of the globals that were looked at. */
const OTHERS: Readonly<Record<string, object>> = {
  'Node 20': { process: node },
  'Node 22, which has a navigator': { process: node, navigator: {} },
  'Node with jsdom or happy-dom': { process: node, navigator: DOM, window: {}, document: {} },
  'Electron’s main process': {
    process: { versions: { ...node.versions, electron: '36.0.0' } },
  },
  Bun: { process: node, navigator: { userAgent: 'Bun/1.2' }, Bun: {} },
  'Deno, and a worker of it': {
    navigator: { userAgent: 'Deno/2.0' },
    Deno: {},
    WorkerGlobalScope: {},
  },
  'Cloudflare Workers': { navigator: { userAgent: 'Cloudflare-Workers' }, WorkerGlobalScope: {} },
  'an edge runtime that has a self and no navigator': { self: {}, EdgeRuntime: 'edge-runtime' },
  'React Native': { navigator: { product: 'ReactNative' }, window: {} },
  NativeScript: { navigator: { product: 'NativeScript' } },
};

describe('A browser', () => {
  it('is told by what HTML says of its navigator, also where a bundler brings a process without versions', () => {
    expect(isBrowser({ navigator: DOM })).to.equal(true);
    expect(isBrowser({ navigator: DOM, process: { versions: {} } })).to.equal(true);
    expect(isBrowser({ navigator: DOM, process: {} })).to.equal(true);
  });

  for (const [name, world] of Object.entries(OTHERS))
    it(`is not ${name}`, () => {
      expect(isBrowser(world)).to.equal(false);
    });
});

describe('createAuthClient() with credentials', () => {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  const put = (value: PropertyDescriptor) => Object.defineProperty(globalThis, 'navigator', value);
  afterEach(() => {
    if (own) put(own);
    else Reflect.deleteProperty(globalThis, 'navigator');
  });

  it('works in Node, also in a test that gives it a navigator of jsdom', () => {
    put({ value: DOM, configurable: true });
    const credentials = { clientId: 'shop', clientSecret: 'top secret' };
    createAuthClient({ baseURL: 'https://api.example.com', credentials }).close();
  });
});

// The core in a browser bundle: no module of Node, nothing of the other subpaths, and how much it weighs.
import { brotliCompressSync } from 'node:zlib';
import { expect } from 'chai';
import { build } from 'esbuild';
import { installed, manifest, type Installed } from './installed.js';

/**
 * What each import weighs in this version, as a bound against growth by accident; docs/decisions/0011-bytes.md says what
 * it is made of. Bytes, minified and compressed with brotli: holdfast and all it brings but axios, which an axios user
 * has anyway.
 */
const LIMITS = { createAuthClient: 37_600, createHttpClient: 26_300 };

/** All that a subpath exports, as a page could import it; the others need Node. */
const SUBPATHS = {
  holdfast: 38_000,
  'holdfast/browser': 39_600,
  'holdfast/otel': 3_000,
  'holdfast/testing': 49_000,
};

/** Most that `holdfast/browser` may weigh besides the core. */
const MORE_FOR_TABS = 4_000;

describe('package: in a browser', function () {
  this.timeout(60_000);
  let it_: Installed;
  before(async () => {
    it_ = await installed();
  });

  async function bundle(code: string, external: string[] = []) {
    const { outputFiles, metafile } = await build({
      stdin: { contents: code, resolveDir: it_.project },
      absWorkingDir: it_.project,
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'browser', // an import of a Node module is an error here
      conditions: ['browser'],
      metafile: true,
      write: false,
      logLevel: 'silent',
      external,
    });
    const { inputs } = Object.values(metafile.outputs)[0]!;
    return {
      /** Files that something is left of. */
      files: Object.keys(inputs).filter((file) => inputs[file]!.bytesInOutput > 0),
      code: outputFiles[0]!.contents,
    };
  }

  for (const entry of ['holdfast', 'holdfast/browser'])
    it(`${entry} needs no module of Node, and no other subpath`, async () => {
      const { files } = await bundle(`export * from '${entry}';`);
      expect(files.some((file) => /holdfast\/dist\/[\w-]+\.js$/.test(file))).to.equal(true);
      expect(
        files.filter((file) => /holdfast\/dist\/(sandbox|testing|redis|bff|otel)\//.test(file)),
      ).to.deep.equal([]);
    });

  it('holdfast/testing can be bundled for a page, where nobody has nock', async () => {
    const { code } = await bundle(`export * from 'holdfast/testing';`);
    expect(code.length).to.be.greaterThan(10_000);
  });

  it('would have told: the sandbox does need Node', async () => {
    const failure: unknown = await bundle(`export * from 'holdfast/sandbox';`).catch(
      (error: unknown) => error,
    );
    expect(String(failure)).to.contain('Could not resolve "node:');
  });

  for (const [name, limit] of Object.entries(LIMITS))
    it(`weighs at most ${limit / 1_000} kB beyond axios for ${name}`, async function () {
      const { code } = await bundle(`export { ${name} } from 'holdfast';`, ['axios']);
      const weight = brotliCompressSync(code).length;
      this.test!.title += `: ${(weight / 1_000).toFixed(1)} kB`;
      expect(weight).to.be.at.most(limit);
    });

  it(`weighs at most ${MORE_FOR_TABS / 1_000} kB more with all of holdfast/browser`, async function () {
    const core = `export { createAuthClient } from 'holdfast';`;
    const weigh = async (code: string) => brotliCompressSync((await bundle(code, ['axios'])).code).length;
    const more = (await weigh(`${core} export * from 'holdfast/browser';`)) - (await weigh(core));
    this.test!.title += `: ${(more / 1_000).toFixed(1)} kB`;
    expect(more).to.be.within(1, MORE_FOR_TABS);
  });

  it('weighs for each subpath of a page what it may', async () => {
    const weights: Record<string, { kB: number; limit: number }> = {};
    for (const [entry, limit] of Object.entries(SUBPATHS)) {
      const { code } = await bundle(`export * from '${entry}';`, ['axios', '@opentelemetry/api']);
      weights[entry] = { kB: brotliCompressSync(code).length / 1_000, limit: limit / 1_000 };
    }
    console.table(weights);
    for (const [entry, { kB, limit }] of Object.entries(weights))
      expect(kB, entry).to.be.within(limit / 2, limit);
  });

  it('has all its dependencies in that weight', async () => {
    const { files } = await bundle(`export { createAuthClient } from 'holdfast';`, ['axios']);
    for (const name of Object.keys(manifest.dependencies).filter((each) => each !== 'axios'))
      expect(
        files.some((file) => file.includes(`node_modules/${name}/`)),
        name,
      ).to.equal(true);
  });

  it('leaves out operations, sessions and the reading of tokens for createHttpClient', async () => {
    const text = (code: Uint8Array) => new TextDecoder().decode(code);
    const { code } = await bundle(`export { createHttpClient } from 'holdfast';`, ['axios']);
    const whole = await bundle(`export * from 'holdfast';`, ['axios']);
    for (const ofSessions of ['/oauth/token', 'sessionEnded', 'onTokens', 'Invalid token specified']) {
      expect(text(whole.code)).to.contain(ofSessions);
      expect(text(code)).not.to.contain(ofSessions);
    }
  });

  it('is dropped where it is not used', async () => {
    const { code } = await bundle(`import 'holdfast';`);
    expect(code.length).to.be.lessThan(100);
  });
});

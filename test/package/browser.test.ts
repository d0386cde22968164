// The core in a browser bundle: no module of Node, nothing of the other subpaths, and how much it weighs.
import { brotliCompressSync } from 'node:zlib';
import { expect } from 'chai';
import { build } from 'esbuild';
import { installed, manifest, type Installed } from './installed.js';

/**
 * The weight that this version has, as a bound against growth by accident; the aim is 12 kB (docs/performance.md).
 * Bytes, minified and compressed with brotli: holdfast and all it brings but axios, which an axios user has anyway.
 * About a quarter are p-queue, axios-retry and jwt-decode, another the rows and sentences of the contract.
 */
const LIMIT = 28 * 1024;

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
    return { files: Object.keys(metafile.inputs), code: outputFiles[0]!.contents };
  }

  it('needs no module of Node', async () => {
    const { files } = await bundle(`export * from 'holdfast';`);
    expect(files.some((file) => file.endsWith('holdfast/dist/wire.js'))).to.equal(true);
    expect(
      files.filter((file) => /holdfast\/dist\/(sandbox|testing|redis|bff|otel)\//.test(file)),
    ).to.deep.equal([]);
  });

  it('would have told: the sandbox does need Node', async () => {
    const failure: unknown = await bundle(`export * from 'holdfast/sandbox';`).catch(
      (error: unknown) => error,
    );
    expect(String(failure)).to.contain('Could not resolve "node:');
  });

  it(`weighs at most ${LIMIT / 1024} kB beyond axios`, async function () {
    const { code, files } = await bundle(`export * from 'holdfast';`, ['axios']);
    for (const name of Object.keys(manifest.dependencies).filter((each) => each !== 'axios'))
      expect(
        files.some((file) => file.includes(`node_modules/${name}/`)),
        name,
      ).to.equal(true);
    const weight = brotliCompressSync(code).length;
    this.test!.title += `: ${(weight / 1024).toFixed(1)} kB`;
    expect(weight).to.be.at.most(LIMIT);
  });

  it('is dropped where it is not used', async () => {
    const { code } = await bundle(`import 'holdfast';`);
    expect(code.length).to.be.lessThan(100);
  });
});

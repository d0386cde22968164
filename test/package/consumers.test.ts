// Projects that use the package: compiled by the oldest and the newest TypeScript that can, built by three bundlers.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { COMPILERS, useCompilers } from './compilers.js';
import { entries, installed, repository, run, type Installed } from './installed.js';

/** As a user writes it: every subpath, and a switch that names each code of an operation. */
const USING = `
import axios, { type AxiosInstance } from 'axios';
import { createAuthClient, createHttpClient, isAuthError, unwrap, type AuthClient, type OperationError, type Schema } from 'holdfast';
${['bff', 'browser', 'otel', 'redis', 'sandbox', 'testing'].map((name) => `import * as ${name} from 'holdfast/${name}';`).join('\n')}

const auth: AuthClient = createAuthClient({ baseURL: 'https://auth.example.com/v1', shopId: 1 });
declare const texts: Schema<string[]>;

type Refused = OperationError<'validate'>;
export function told(error: Refused): string {
  switch (error.code) {
    CASES
      return error.userMessage;
    default:
      return error satisfies never;
  }
}

export async function story(): Promise<string> {
  const session = unwrap(await auth.login({ email: 'a@b.example', password: 'c' }));
  const http: AxiosInstance = createHttpClient({ baseURL: 'https://api.example.com' });
  await http.get<number>('/', { holdfast: { retry: false } }).catch((error: unknown) => {
    if (isAuthError(error, 'NOT_FOUND')) console.log(error.status?.toFixed());
  });
  const answer = await session.request({ url: '/', schema: texts });
  return answer.ok ? answer.value.join() : answer.error.because;
}
// @ts-expect-error: policies are checked
createHttpClient({ baseURL: '', policies: { retry: { retires: 1 } } });
void [axios, bff.createBff, browser.createBrowserClient, otel.instrument, redis.redisCoordinator];
void [sandbox.startSandbox, testing.mockAuthApi];
`;
const REQUIRING = `
import holdfast = require('holdfast');
export const client: holdfast.HttpClient = holdfast.createHttpClient({ baseURL: 'http://localhost' });
`;

const RESOLUTIONS = { node16: 'Node16', nodenext: 'NodeNext', bundler: 'ESNext' } as const;

/** A page that signs in at its backend; of the core it needs no operation that the backend does not have. */
const PAGE = `
import { createBrowserClient } from 'holdfast/browser';
const shop = createBrowserClient({ baseURL: location.origin + '/bff' });
document.querySelector('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const { email, password } = Object.fromEntries(new FormData(event.target));
  const login = await shop.login({ email, password });
  document.title = login.ok ? 'Welcome' : login.error.userMessage;
});
`;
/** A page that needs no session. */
const PLAIN_PAGE = `
import { createHttpClient } from 'holdfast';
createHttpClient({ baseURL: location.origin }).get('/').then(({ status }) => { document.title = String(status); });
`;

describe('package: used by', function () {
  this.timeout(120_000);
  let it_: Installed;
  const compilerOf = useCompilers();
  before(async () => {
    it_ = await installed();
  });

  const tool = (path: string) => join(repository, 'node_modules', path);
  const strict = ['--noEmit', '--noErrorTruncation', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2022', '--skipLibCheck', 'false', '--types', 'node', '--typeRoots', tool('@types')]; // prettier-ignore

  /** @throws an error with what the compiler says */
  function compile(compiler: string, file: string, code: string, resolution: keyof typeof RESOLUTIONS) {
    writeFileSync(join(it_.project, file), code);
    const modules = ['--module', RESOLUTIONS[resolution], '--moduleResolution', resolution];
    return run(process.execPath, [compilerOf(compiler), ...strict, ...modules, file], it_.project);
  }

  for (const [age, compiler] of Object.entries(COMPILERS))
    for (const resolution of Object.keys(RESOLUTIONS) as (keyof typeof RESOLUTIONS)[])
      it(`the ${age} TypeScript, ${compiler}, moduleResolution ${resolution}`, async () => {
        for (const entry of entries) expect(USING).to.contain(`from '${entry}'`);
        const codes = await codesOfValidate();
        await compile(compiler, 'using.ts', usingWith(codes), resolution);
        if (age !== 'newest' || resolution !== 'nodenext') return;
        const lacking = await compile(compiler, 'lacking.ts', usingWith(codes.slice(1)), resolution).catch(
          String,
        );
        expect(lacking, 'a code that is not handled').to.contain('TS1360').and.to.contain(codes[0]);
      });

  const usingWith = (codes: readonly string[]) =>
    USING.replace('CASES', codes.map((code) => `case '${code}':`).join(' '));

  let codesOnce: Promise<readonly string[]> | undefined;
  /** As a compiler names them where none of them is given. */
  function codesOfValidate(): Promise<readonly string[]> {
    const code = `import type { OperationError } from 'holdfast';
      export const all: OperationError<'validate'>['code'] = 'NONE';`;
    codesOnce ??= compile(COMPILERS.newest, 'codes.ts', code, 'nodenext')
      .catch(String)
      .then((said) =>
        [...said.matchAll(/"([A-Z_]+)"/g)].map(([, name]) => name!).filter((name) => name !== 'NONE'),
      );
    return codesOnce;
  }

  it('CommonJS, where the compiler knows that Node can require() it', async () => {
    await compile(COMPILERS.newest, 'requiring.cts', REQUIRING, 'nodenext');
  });

  /** Builds a page in a folder of its own, and gives the code that a browser would load. */
  const BUILDERS: Readonly<Record<string, (folder: string) => Promise<string>>> = {
    vite: (folder) =>
      run(process.execPath, [tool('vite/bin/vite.js'), 'build', '--logLevel', 'warn'], folder),
    webpack: (folder) => {
      const options = {
        mode: 'production',
        entry: './main.js',
        context: folder,
        output: { path: join(folder, 'dist') },
      };
      const code = `
        const webpack = require(${JSON.stringify(tool('webpack'))});
        webpack(${JSON.stringify(options)}, (error, stats) => {
          if (error) throw error;
          const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
          for (const { message } of [...errors, ...warnings]) console.log(message);
        });`;
      return run(process.execPath, ['-e', code], folder);
    },
    esbuild: (folder) =>
      run(
        tool('.bin/esbuild'),
        ['main.js', '--bundle', '--minify', '--outdir=dist', '--log-level=warning'],
        folder,
      ),
  };

  async function pageOf(builder: string, name: string, code: string): Promise<string> {
    const folder = join(it_.project, `${builder}-${name}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'main.js'), code);
    writeFileSync(join(folder, 'index.html'), '<!doctype html><form></form><script type="module" src="./main.js"></script>'); // prettier-ignore
    expect(await BUILDERS[builder]!(folder), 'warnings').to.equal('');
    const made = readdirSync(join(folder, 'dist'), { recursive: true, encoding: 'utf8' });
    return made
      .filter((file) => file.endsWith('.js'))
      .map((file) => readFileSync(join(folder, 'dist', file), 'utf8'))
      .join('\n');
  }

  for (const builder of Object.keys(BUILDERS))
    it(`${builder}, for a page that signs in, and for one that needs no session`, async () => {
      const page = await pageOf(builder, 'page', PAGE);
      const plain = await pageOf(builder, 'plain', PLAIN_PAGE);
      for (const code of [page, plain]) expect(code).not.to.match(/["'`]node:|require\(["']/);
      expect(page, 'the operations').to.contain('sessionEnded');
      for (const unused of ['sessionEnded', 'onTokens', 'Invalid token specified', 'startSandbox: '])
        expect(plain, 'what is not used').not.to.contain(unused);
      expect(plain.length).to.be.lessThan(page.length);
    });
});

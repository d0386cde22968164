// The types as users meet them: they compile everywhere, and nothing public is `any`.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';
import { anysIn } from './anys.js';
import { installed, type Installed } from './installed.js';

const STORY = `
import axios, { type AxiosInstance } from 'axios';
import { createAuthClient, createHttpClient, isAuthError, unwrap, type LoginError, type Session } from 'holdfast';

export async function story(baseURL: string): Promise<Session> {
  const http: AxiosInstance = createHttpClient({ baseURL, policies: { retry: { retries: 1 } } });
  const auth = createAuthClient({ baseURL, credentials: { clientId: 'a', clientSecret: 'b' }, shopId: 1 });
  auth.on('retry', ({ afterMs, because }) => console.log(afterMs.toFixed(), because));
  const login = await auth.login({ email: 'a@b.example', password: 'c' });
  if (!login.ok) {
    const error: LoginError = login.error;
    if (error.code === 'USER_NOT_FOUND') throw error;
    // @ts-expect-error: no code of this operation
    if (error.code === 'NO_SUCH_CODE') throw error;
  }
  await http.get('/', { holdfast: { retry: false, idempotencyKey: true } }).catch((error: unknown) => {
    if (isAuthError(error, 'TIMEOUT')) console.log(error.retryAfter?.toFixed());
  });
  // @ts-expect-error: policies are checked
  createHttpClient({ baseURL: '', policies: { retry: { retires: 1 } } });
  void axios;
  return unwrap(login);
}
`;
const STAGED = `
import { startSandbox, type Sandbox } from 'holdfast/sandbox';
import { story } from './story.js';

const sandbox: Sandbox = await startSandbox({ port: 0 });
await story(sandbox.url);
`;
const REQUIRING = `
import holdfast = require('holdfast');
export const client: holdfast.HttpClient = holdfast.createHttpClient({ baseURL: 'http://localhost' });
`;

const STRICT: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  noEmit: true,
};
const NODE_NEXT = { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext };
const BUNDLER = { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler };

describe('package: types', function () {
  this.timeout(60_000);
  let it_: Installed;
  before(async () => {
    it_ = await installed();
  });

  function compile(name: string, content: string, options: ts.CompilerOptions): ts.Program {
    const file = join(it_.project, name);
    writeFileSync(file, content);
    return ts.createProgram([file], { ...STRICT, ...options });
  }

  function complaints(program: ts.Program): string {
    return ts.formatDiagnostics(ts.getPreEmitDiagnostics(program), {
      getCanonicalFileName: (name) => name,
      getCurrentDirectory: () => it_.project,
      getNewLine: () => '\n',
    });
  }

  it('compile in a bundled project', () => {
    expect(complaints(compile('story.ts', STORY, { ...BUNDLER, types: [] }))).to.equal('');
  });

  it('compile in a Node project, with the sandbox', () => {
    expect(complaints(compile('staged.ts', STAGED, { ...NODE_NEXT, types: ['node'] }))).to.equal('');
  });

  it('compile where they are required', () => {
    expect(complaints(compile('story.cts', REQUIRING, { ...NODE_NEXT, types: [] }))).to.equal('');
  });

  function anys(name: string, content: string): string[] {
    const program = compile(name, content, { ...BUNDLER, types: ['node'] });
    return anysIn(program, program.getSourceFile(join(it_.project, name))!, it_.home);
  }

  it('have no any in them', () => {
    const subpaths = ['sandbox', 'bff', 'browser', 'testing'];
    const all = ["export * from 'holdfast';", ...subpaths.map((name) => `export * as ${name} from 'holdfast/${name}';`)].join('\n'); // prettier-ignore
    expect(anys('all.ts', all)).to.deep.equal([]);
  });

  it('would have told', () => {
    const bad = `
      export interface A { b: { c: Promise<any>[] } }
      export function f(a: Map<string, (x: any) => void>): void {}
      export const g = <T extends { u: any }>(t: T): T => t;
      export type M = Partial<Record<'a' | 'b', { d?: any }>>;
      export class C { #own: any; method() { return JSON.parse(''); } }
      export const fine = { name: JSON.parse.name, entries: new Map<string, unknown>() };`;
    const found = anys('bad.ts', bad).map((path) => /^\w+/.exec(path)?.[0]);
    expect([...new Set(found)]).to.have.members(['A', 'f', 'g', 'M', 'C']);
  });
});

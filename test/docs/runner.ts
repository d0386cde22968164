// Checks and runs the code blocks of the pages, with `holdfast` as a user gets it: the built package.
import { execFile } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { programOf } from '../../docs/api/compiler.js';
import { ROOT, type Block } from './pages.js';

/** Packages that blocks and recipes may import. */
const INSTALLED = [
  'nock',
  'axios',
  'axios-retry',
  'ioredis',
  'express',
  'fastify',
  '@opentelemetry/sdk-trace-base',
  'zod',
];
const PACKAGES: Readonly<Record<string, string>> = {
  holdfast: ROOT,
  ...Object.fromEntries(INSTALLED.map((name) => [name, `${ROOT}node_modules/${name}`])),
};

/**
 * What a block may take for granted that does not import `holdfast` itself: it goes on from the first block of the
 * README. Everything here is declared with the types a reader would have.
 */
const GIVEN = `
import { asResult, createAuthClient, createHttpClient, isAuthError, unwrap, type LoginError } from 'holdfast';
import { DEMO, startSandbox } from 'holdfast/sandbox';
const sandbox = await startSandbox();
const auth = createAuthClient({
  baseURL: sandbox.url,
  credentials: { clientId: DEMO.client.id, clientSecret: DEMO.client.secret },
  shopId: DEMO.shopId,
});
const { email, password } = DEMO.customer;
const session = unwrap(await auth.login({ email, password }));
const show = (_message: string): void => undefined;
const countDown = (_ms: number | undefined): void => undefined;
const contactUs = (): void => undefined;
`;

/** The block as a module. */
function moduleOf({ code }: Block): string {
  if (/from 'holdfast(\/\w+)?'/.test(code)) return code;
  const [imports, rest] = partition(code.split('\n'), (line) => /^import .* from '.*';$/.test(line));
  return [
    ...imports,
    GIVEN,
    'try {\n  await (async () => {',
    ...rest,
    '  })();\n} finally {\n  auth.close();\n  await sandbox.close();\n}',
  ].join('\n');
}

/** What the compiler has to say about the blocks, by their place. */
export function complaintsAbout(blocks: readonly Block[]): Map<string, string[]> {
  const files = new Map(blocks.map((block) => [fileOf(block), block]));
  const lib = ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.dom.asynciterable.d.ts'];
  const texts = new Map([...files].map(([name, block]) => [name, moduleOf(block)]));
  const program = programOf(texts, { lib });
  return new Map(
    [...files].map(([name, block]) => {
      const source = program.getSourceFile(name);
      const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
      return [block.at, found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))];
    }),
  );
}

/** A place for blocks to run, where the packages are installed as a user installs them. */
export interface Workshop {
  /**
   * Runs a block in a process of its own, until that ends by itself; gives what it printed.
   * @param env what the environment has besides
   * @param preloaded a module that is there before it, by its path
   */
  run(block: Block, env?: Readonly<Record<string, string>>, preloaded?: string): Promise<string[]>;
  close(): void;
}

/** A folder of its own, with the packages in it. */
export function furnishedFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-blocks-'));
  for (const [name, target] of Object.entries(PACKAGES)) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(target, link, 'dir');
  }
  return folder;
}

/** What Node runs of a module. */
export function javaScriptOf(code: string): string {
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  return ts.transpileModule(code, { compilerOptions }).outputText;
}

export function openWorkshop(): Workshop {
  const folder = furnishedFolder();
  return {
    run(block, env = {}, preloaded) {
      const file = join(folder, `${block.at.replace(/\W/g, '-')}.mjs`);
      writeFileSync(file, javaScriptOf(moduleOf(block)));
      return new Promise((resolve, reject) => {
        execFile(
          process.execPath,
          [...(preloaded === undefined ? [] : ['--import', preloaded]), file],
          { timeout: 15_000, env: { ...process.env, ...env } },
          (error, stdout, stderr) => {
            if (error)
              reject(new Error(`${block.at} ended with ${String(error.code ?? error.signal)}\n${stderr}`));
            else resolve(stdout.trimEnd().split('\n'));
          },
        );
      });
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** What a block says that it prints: its comments that begin with an arrow. */
export function promisedBy({ code }: Block): string[] {
  return [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, text = '']) => text);
}

const fileOf = ({ at }: Block) => `${ROOT}${at.replace(/\W/g, '-')}.mts`;

function partition<T>(all: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter((item) => !isFirst(item))];
}

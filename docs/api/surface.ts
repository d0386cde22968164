// The entry points of the package as the compiler sees them: what docs/api.md and the API reports are made from.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { STRICT_NODE } from './compiler.js';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** How types are written out. */
export const WHOLE: ts.TypeFormatFlags =
  ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseSingleQuotesForStringLiteralType;

export interface Entry {
  /** As it is imported. */
  readonly name: string;
  /** Source file. */
  readonly file: string;
}

const manifest = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as {
  exports: Readonly<Record<string, string | { types: string }>>;
};

/** The entry points that package.json exports. */
export const ENTRIES: readonly Entry[] = Object.entries(manifest.exports).flatMap(([path, target]) =>
  typeof target === 'string'
    ? []
    : [
        {
          name: path.replace('.', 'holdfast'),
          file: ROOT + target.types.replace('./dist/', 'lib/').replace('.d.ts', '.ts'),
        },
      ],
);

/** Where declarations seem to stand that are made of the sources: beside node_modules, and nowhere on the disk. */
export const DECLARATIONS = `${ROOT}declarations/`;

/** All of them, from their sources. It can emit declarations, if somebody takes them. */
export const program = ts.createProgram(
  ENTRIES.map(({ file }) => file),
  {
    ...STRICT_NODE,
    noEmit: false,
    declaration: true,
    removeComments: true,
    rootDir: `${ROOT}lib`,
    outDir: DECLARATIONS,
  },
);
export const checker = program.getTypeChecker();

/** What a module exports, in the order of its file, functions and values first. */
export function exportsOf({ file }: Pick<Entry, 'file'>, from = program): ts.Symbol[] {
  const reader = from.getTypeChecker();
  const symbols = reader.getExportsOfModule(reader.getSymbolAtLocation(from.getSourceFile(file)!)!);
  const isValue = (symbol: ts.Symbol) => (resolved(symbol, reader).flags & ts.SymbolFlags.Value) !== 0;
  return [...symbols.filter(isValue), ...symbols.filter((symbol) => !isValue(symbol))];
}

/** What stands behind an import or a re-export. */
export const resolved = (symbol: ts.Symbol, reader = checker) =>
  symbol.flags & ts.SymbolFlags.Alias ? reader.getAliasedSymbol(symbol) : symbol;

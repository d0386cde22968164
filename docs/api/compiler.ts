// How code is read that belongs to no project of its own: as a strict project for Node reads it, from texts that may stand
// nowhere on the disk.
import ts from 'typescript';

export const STRICT_NODE: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: ['node'],
  strict: true,
  skipLibCheck: true,
  noEmit: true,
};

/**
 * @param texts by file; what they import besides is on the disk
 * @param more options that are different
 */
export function programOf(texts: ReadonlyMap<string, string>, more: ts.CompilerOptions = {}): ts.Program {
  const options = { ...STRICT_NODE, ...more };
  const host = ts.createCompilerHost(options);
  const fileExists = host.fileExists.bind(host);
  const readFile = host.readFile.bind(host);
  const folders = [...texts.keys()].map((file) => file.slice(0, file.lastIndexOf('/')));
  host.fileExists = (name) => texts.has(name) || fileExists(name);
  host.readFile = (name) => texts.get(name) ?? readFile(name);
  host.directoryExists = (name) => folders.includes(name) || ts.sys.directoryExists(name);
  return ts.createProgram([...texts.keys()], options, host);
}

// Finds every `any` that a user of a module can run into: through whatever it exports, as deep as our types go.
import ts from 'typescript';

/**
 * Paths to each `any` behind the exports of a source file.
 * @param home only declarations in files below it are ours; `any`s of axios are axios's
 */
export function anysIn(program: ts.Program, source: ts.SourceFile, home: string): string[] {
  const checker = program.getTypeChecker();
  const found: string[] = [];
  const seen = new Set<ts.Type>();

  const fileOf = (node: ts.Node) => node.getSourceFile().fileName;
  const isOurs = (node: ts.Node) => fileOf(node).startsWith(home) || fileOf(node) === source.fileName;
  /** What has no symbol or no declaration was made by the compiler from ours. */
  const isOurSymbol = (symbol: ts.Symbol | undefined) => symbol?.declarations?.some(isOurs) ?? true;
  const isOfAxios = (symbol: ts.Symbol | undefined) =>
    symbol?.declarations?.some((node) => fileOf(node).includes('/node_modules/axios/')) ?? false;

  function visit(type: ts.Type, path: string): void {
    if (type.flags & ts.TypeFlags.Any) found.push(path);
    if (seen.has(type)) return;
    seen.add(type);
    if (isOfAxios(type.symbol)) return; // their type parameters default to any
    for (const each of argumentsOf(type)) visit(each, `${path}<>`);
    if (type.isUnionOrIntersection()) for (const each of type.types) visit(each, path);
    const bound = type.isTypeParameter() ? checker.getBaseConstraintOfType(type) : undefined;
    if (bound) visit(bound, path);
    for (const signature of [...type.getCallSignatures(), ...type.getConstructSignatures()])
      visitSignature(signature, path);
    if (isOurSymbol(type.symbol))
      for (const index of checker.getIndexInfosOfType(type)) visit(index.type, `${path}[]`);
    for (const property of type.getProperties())
      // Declarations say `#private` for all that is, without a type.
      if (
        isOurSymbol(property) &&
        !(property.flags & ts.SymbolFlags.Prototype) &&
        !property.name.endsWith('#private')
      )
        visit(checker.getTypeOfSymbol(property), `${path}.${property.name}`);
  }

  function argumentsOf(type: ts.Type): readonly ts.Type[] {
    const { objectFlags = 0 } = type as Partial<ts.ObjectType>;
    const given =
      objectFlags & ts.ObjectFlags.Reference ? checker.getTypeArguments(type as ts.TypeReference) : [];
    return [...(type.aliasTypeArguments ?? []), ...given];
  }

  function visitSignature(signature: ts.Signature, path: string): void {
    const declaration = signature.getDeclaration() as ts.Node | undefined; // a mapped signature has none
    if (declaration && !isOurs(declaration)) return;
    for (const parameter of signature.getTypeParameters() ?? []) visit(parameter, path);
    for (const parameter of signature.getParameters())
      visit(checker.getTypeOfSymbol(parameter), `${path}(${parameter.name})`);
    visit(signature.getReturnType(), `${path}()`);
  }

  function visitExports(module: ts.Symbol, path: string): void {
    for (const exported of checker.getExportsOfModule(module)) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      const where = path + exported.name;
      if (symbol.flags & ts.SymbolFlags.ValueModule) visitExports(symbol, `${where}.`);
      if (symbol.flags & ts.SymbolFlags.Type) visit(checker.getDeclaredTypeOfSymbol(symbol), where);
      if (symbol.flags & ts.SymbolFlags.Value) visit(checker.getTypeOfSymbol(symbol), where);
    }
  }

  const module = checker.getSymbolAtLocation(source);
  if (!module) throw new TypeError(`${source.fileName} is no module`);
  visitExports(module, '');
  return found;
}

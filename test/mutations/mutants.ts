// The mutants of a source file, all in one text: each stands behind a switch, so that the file is loaded once for all.
import ts from 'typescript';

export interface Mutant {
  /** Its number in the file, from 1. */
  readonly number: number;
  readonly line: number;
  /** What stands there, and what stands there instead. */
  readonly from: string;
  readonly to: string;
  /** It is evaluated when the module is loaded, and never again. */
  readonly isStatic: boolean;
}

export interface Mutated {
  readonly text: string;
  readonly mutants: readonly Mutant[];
}

/** `globalThis[SWITCH](number)` says whether that mutant is on, and notes that somebody came by. */
export const SWITCH = '__holdfastMutant';

const { SyntaxKind } = ts;

/** What an operator is replaced by. */
const OPERATORS: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [SyntaxKind.LessThanToken, '<='],
  [SyntaxKind.LessThanEqualsToken, '<'],
  [SyntaxKind.GreaterThanToken, '>='],
  [SyntaxKind.GreaterThanEqualsToken, '>'],
  [SyntaxKind.EqualsEqualsEqualsToken, '!=='],
  [SyntaxKind.ExclamationEqualsEqualsToken, '==='],
  [SyntaxKind.AmpersandAmpersandToken, '||'],
  [SyntaxKind.BarBarToken, '&&'],
  [SyntaxKind.PlusToken, '-'],
  [SyntaxKind.MinusToken, '+'],
  [SyntaxKind.AsteriskToken, '/'],
  [SyntaxKind.SlashToken, '*'],
  [SyntaxKind.PlusEqualsToken, '-='],
  [SyntaxKind.MinusEqualsToken, '+='],
]);

export function mutate(source: string): Mutated {
  const file = ts.createSourceFile('file.ts', source, ts.ScriptTarget.ES2022, true);
  const mutants: Mutant[] = [];

  function switched(node: ts.Node, to: string): string {
    const number = mutants.length + 1;
    const line = file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    const isStatic = !ts.findAncestor(node, ts.isFunctionLike);
    mutants.push({ number, line, from: node.getText(), to, isStatic });
    return `globalThis.${SWITCH}(${number})`;
  }

  /** The text of a node from `at` on, with its mutants; what is switched on is the text as it was, but for one thing. */
  function emit(node: ts.Node, at: number): string {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node))
      return source.slice(at, node.getEnd());
    const lead = source.slice(at, node.getStart());
    const inner = body(node);
    if (ts.isExpressionStatement(node)) return `${lead}if (!${switched(node, '')}) {${inner}}`;
    const others = alternatives(node);
    if (others.length === 0) return lead + inner;
    return lead + others.reduce((rest, to) => `(${switched(node, to)} ? (${to}) : ${rest})`, `(${inner})`);
  }

  function body(node: ts.Node): string {
    let text = '';
    let at = ts.isSourceFile(node) ? 0 : node.getStart();
    node.forEachChild((child) => {
      const from = Math.max(at, child.getFullStart());
      text += source.slice(at, from) + emit(child, from);
      at = child.getEnd();
    });
    return text + source.slice(at, node.getEnd());
  }

  function alternatives(node: ts.Node): string[] {
    const text = node.getText();
    const found: string[] = [];
    if (ts.isNumericLiteral(node) && isValue(node)) found.push(`${text} + 1`, `${text} - 1`);
    if (node.kind === SyntaxKind.TrueKeyword) found.push('false');
    if (node.kind === SyntaxKind.FalseKeyword) found.push('true');
    if (ts.isBinaryExpression(node)) {
      const { left, right, operatorToken } = node;
      const other = OPERATORS.get(operatorToken.kind);
      const joins = operatorToken.kind === SyntaxKind.PlusToken && [left, right].some(isText);
      if (other && !joins) found.push(`${left.getText()} ${other} ${right.getText()}`);
    }
    if (ts.isCallExpression(node) && /^Math\.(?:min|max)\(/.test(text))
      found.push(text.replace(/^Math\.(min|max)/, (_, name) => (name === 'min' ? 'Math.max' : 'Math.min')));
    // Of an equation that is the other operator.
    if (isCondition(node) && !/[!=]==/.test(operatorOf(node))) found.push(`!(${text})`);
    if (ts.isReturnStatement(node.parent) && text !== 'undefined') found.push('undefined');
    return found;
  }

  const text = body(file);
  return { text, mutants };
}

const operatorOf = (node: ts.Node) => (ts.isBinaryExpression(node) ? node.operatorToken.getText() : '');

const isText = (node: ts.Node) => ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);

function isValue({ parent }: ts.Node): boolean {
  return (
    !ts.isLiteralTypeNode(parent) &&
    !(ts.isPropertyAssignment(parent) && parent.name.kind === SyntaxKind.NumericLiteral)
  );
}

function isCondition(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isIfStatement(parent)) return parent.expression === node;
  return ts.isConditionalExpression(parent) && parent.condition === node;
}

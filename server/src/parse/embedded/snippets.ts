/**
 * Pieces of script by themselves: what a block of a component declares and imports, and which names of its surroundings
 * an expression of a template uses. The text stays where it is in the host: all offsets are the host's.
 */
import ts from 'typescript';
import { tokenStart } from '../javascript/position';
import type { Span } from '../javascript';

export type ScriptLanguage = 'js' | 'jsx' | 'ts' | 'tsx';

const FILE_NAMES: Readonly<Record<ScriptLanguage, string>> = {
  js: 'file.js',
  jsx: 'file.jsx',
  ts: 'file.ts',
  tsx: 'file.tsx',
};
const KINDS: Readonly<Record<ScriptLanguage, ts.ScriptKind>> = {
  js: ts.ScriptKind.JS,
  jsx: ts.ScriptKind.JSX,
  ts: ts.ScriptKind.TS,
  tsx: ts.ScriptKind.TSX,
};

/** A block of script: its statements, with offsets that count from `base`. */
export interface Block {
  readonly from: number;
  readonly to: number;
  readonly statements: readonly ts.Statement[];
}

/** Parses a part of the host. Positions of its nodes count from `from`. */
export function parseBlock(host: string, from: number, to: number, language: ScriptLanguage): Block {
  return { from, to, statements: parse(host.slice(from, to), language).statements };
}

function parse(text: string, language: ScriptLanguage): ts.SourceFile {
  const options = { languageVersion: ts.ScriptTarget.Latest, jsDocParsingMode: ts.JSDocParsingMode.ParseNone };
  return ts.createSourceFile(FILE_NAMES[language], text, options, false, KINDS[language]);
}

function isWhole(source: ts.SourceFile): boolean {
  const { parseDiagnostics } = source as unknown as { readonly parseDiagnostics?: readonly unknown[] };
  return parseDiagnostics === undefined || parseDiagnostics.length === 0;
}

/** Where a node of a block starts and ends in the host. */
export function spanOf(host: string, { from }: Pick<Block, 'from'>, node: ts.Node): Span {
  return [tokenStart(host, from + node.pos), from + node.end];
}

/** How a name of a script may be used in a template. */
export type Binding =
  /** A function, class, or constant that is no call: never a reactive reference. */
  | 'plain'
  /** May hold a reactive reference. */
  | 'constant'
  | 'variable';

/** How the function that a component becomes begins. It is called `component`, unless the file has something of that name. */
export function componentHead(isTaken: boolean, isAsync = false): string {
  return `export default ${isAsync ? 'async ' : ''}function ${isTaken ? '' : 'component'}($$props) {\n`;
}

/** The names that statements declare for those around them. */
export function declaredNames(statements: readonly ts.Statement[]): Map<string, Binding> {
  const names = new Map<string, Binding>();
  for (const statement of statements) {
    if (ts.isImportDeclaration(statement)) importedNames(statement, names);
    else if (ts.isVariableStatement(statement)) listedNames(statement.declarationList, names);
    else if (
      ts.isFunctionDeclaration(statement) ||
      ts.isClassDeclaration(statement) ||
      ts.isEnumDeclaration(statement)
    ) {
      if (statement.name !== undefined) names.set(statement.name.text, 'plain');
    }
  }
  return names;
}

function importedNames({ importClause }: ts.ImportDeclaration, names: Map<string, Binding>): void {
  if (importClause === undefined) return;
  if (importClause.name !== undefined) names.set(importClause.name.text, 'constant');
  const { namedBindings } = importClause;
  if (namedBindings === undefined) return;
  if (ts.isNamespaceImport(namedBindings)) names.set(namedBindings.name.text, 'plain');
  else for (const element of namedBindings.elements) names.set(element.name.text, 'constant');
}

function listedNames(list: ts.VariableDeclarationList, names: Map<string, Binding>): void {
  const isConstant = (list.flags & ts.NodeFlags.Const) !== 0;
  for (const { name, initializer } of list.declarations) {
    const mayRefer = initializer !== undefined && holdsCall(initializer);
    const binding = !isConstant ? 'variable' : mayRefer ? 'constant' : 'plain';
    for (const bound of boundNames(name)) names.set(bound.text, binding);
  }
}

function holdsCall(node: ts.Expression): boolean {
  let inner = node;
  while (
    ts.isAsExpression(inner) ||
    ts.isParenthesizedExpression(inner) ||
    ts.isNonNullExpression(inner) ||
    ts.isAwaitExpression(inner)
  ) {
    inner = inner.expression;
  }
  return !(ts.isLiteralExpression(inner) || ts.isArrowFunction(inner) || ts.isFunctionExpression(inner));
}

/** The names in a pattern. */
export function boundNames(name: ts.BindingName): ts.Identifier[] {
  if (ts.isIdentifier(name)) return [name];
  const names: ts.Identifier[] = [];
  for (const element of name.elements) if (!ts.isOmittedExpression(element)) names.push(...boundNames(element.name));
  return names;
}

/** A name of the surroundings, where an expression uses it. */
export interface FreeName {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly use: 'read' | 'write' | 'call' | 'shorthand';
}

export interface Expression {
  readonly names: readonly FreeName[];
  /** A function, or a name that may stand for one: not to be run, but to be handed over. */
  readonly isCallable: boolean;
}

const CHAIN = /^\s*([A-Za-z_$][\w$]*)((?:\s*\??\.\s*[A-Za-z_$][\w$]*)*)\s*$/;
const KEYWORD =
  /^(?:this|true|false|null|undefined|new|typeof|void|delete|await|yield|function|class|async|let|super)$/;

/** One expression; `text` is what it is read as. Undefined when it can't be read. */
export function readExpression(
  host: string,
  from: number,
  to: number,
  language: ScriptLanguage,
  text = host.slice(from, to),
): Expression | undefined {
  const chain = CHAIN.exec(text);
  if (chain !== null && !KEYWORD.test(chain[1])) {
    const start = from + text.indexOf(chain[1]);
    return { names: [{ name: chain[1], start, end: start + chain[1].length, use: 'read' }], isCallable: true };
  }
  const source = parse(`(${text}\n)`, language);
  const [statement] = source.statements as readonly (ts.Statement | undefined)[];
  if (!isWhole(source) || source.statements.length !== 1 || statement === undefined) return undefined;
  if (!ts.isExpressionStatement(statement) || !ts.isParenthesizedExpression(statement.expression)) return undefined;
  const { expression } = statement.expression;
  const isCallable = ts.isArrowFunction(expression) || ts.isFunctionExpression(expression);
  return { names: freeNames(expression, from - 1, new Set(), source.text), isCallable };
}

/** Statements, as in a handler. Undefined when they can't be read. */
export function readStatements(
  host: string,
  from: number,
  to: number,
  language: ScriptLanguage,
): Expression | undefined {
  const source = parse(`{${host.slice(from, to)}\n}`, language);
  if (!isWhole(source) || source.statements.length !== 1) return undefined;
  return { names: freeNames(source.statements[0], from - 1, new Set(), source.text), isCallable: false };
}

export interface Pattern {
  readonly bound: readonly string[];
  /** Each of its parameters. */
  readonly parts: readonly Span[];
}

/** Patterns as parameters have them: where each is, and what they bind. Undefined when they can't be read. */
export function readPattern(host: string, from: number, to: number, language: ScriptLanguage): Pattern | undefined {
  const source = parse(`(${host.slice(from, to)}\n) => 0`, language);
  const [statement] = source.statements as readonly (ts.Statement | undefined)[];
  if (!isWhole(source) || statement === undefined || !ts.isExpressionStatement(statement)) return undefined;
  if (!ts.isArrowFunction(statement.expression)) return undefined;
  const { parameters } = statement.expression;
  const bound = parameters.flatMap(({ name }) => boundNames(name).map(({ text }) => text));
  const parts = parameters.map(({ pos, end }): Span => [from - 1 + tokenStart(source.text, pos), from - 1 + end]);
  return { bound, parts };
}

/** Names that are used and not declared inside; offsets have `base` added. */
function freeNames(root: ts.Node, base: number, outer: ReadonlySet<string>, text: string): FreeName[] {
  const found: FreeName[] = [];
  const note = (node: ts.Identifier, use: FreeName['use'], scope: ReadonlySet<string>): void => {
    const name = node.text;
    if (name === '' || name === 'undefined' || name === 'arguments' || scope.has(name)) return;
    const start = tokenStart(text, node.pos);
    found.push({ name, start: base + start, end: base + node.end, use });
  };
  const visit = (node: ts.Node, scope: ReadonlySet<string>): void => {
    if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return;
    if (ts.isIdentifier(node)) note(node, 'read', scope);
    else if (ts.isPropertyAccessExpression(node)) visit(node.expression, scope);
    else if (ts.isCallExpression(node)) {
      if (ts.isIdentifier(node.expression)) note(node.expression, 'call', scope);
      else visit(node.expression, scope);
      for (const argument of node.arguments) visit(argument, scope);
    } else if (ts.isShorthandPropertyAssignment(node)) note(node.name, 'shorthand', scope);
    else if (ts.isPropertyAssignment(node)) {
      if (ts.isComputedPropertyName(node.name)) visit(node.name, scope);
      visit(node.initializer, scope);
    } else if (ts.isBinaryExpression(node) && isAssignment(node.operatorToken.kind) && ts.isIdentifier(node.left)) {
      visit(node.right, scope);
      note(node.left, 'write', scope);
    } else if (
      (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) &&
      ts.isIdentifier(node.operand)
    ) {
      note(node.operand, isStep(node.operator) ? 'write' : 'read', scope);
    } else if (ts.isFunctionLike(node)) visitFunction(node as ts.FunctionLikeDeclaration, scope, visit);
    else if (ts.isLabeledStatement(node)) visit(node.statement, scope);
    else if (ts.isBreakOrContinueStatement(node)) return;
    else if (ts.isBlock(node)) {
      const inner = new Set([...scope, ...declaredNames(node.statements).keys()]);
      for (const statement of node.statements) visit(statement, inner);
    } else if (ts.isForStatement(node) || ts.isForOfStatement(node) || ts.isForInStatement(node)) {
      const list = node.initializer;
      const names = list !== undefined && ts.isVariableDeclarationList(list) ? namesOfList(list) : [];
      visitChildren(node, names.length === 0 ? scope : new Set([...scope, ...names]), visit);
    } else if (ts.isCatchClause(node)) {
      const names = node.variableDeclaration === undefined ? [] : boundNames(node.variableDeclaration.name);
      visit(node.block, new Set([...scope, ...names.map((name) => name.text)]));
    } else if (ts.isVariableDeclaration(node)) {
      visitPattern(node.name, scope, visit);
      if (node.initializer !== undefined) visit(node.initializer, scope);
    } else visitChildren(node, scope, visit);
  };
  visit(root, outer);
  return found.sort((a, b) => a.start - b.start);
}

type Visit = (node: ts.Node, scope: ReadonlySet<string>) => void;

function visitChildren(node: ts.Node, scope: ReadonlySet<string>, visit: Visit): void {
  ts.forEachChild(node, (child) => {
    visit(child, scope);
  });
}

function visitFunction(node: ts.FunctionLikeDeclaration, scope: ReadonlySet<string>, visit: Visit): void {
  const inner = new Set(scope);
  if (node.name !== undefined && ts.isIdentifier(node.name)) inner.add(node.name.text);
  for (const { name } of node.parameters) for (const bound of boundNames(name)) inner.add(bound.text);
  for (const { name, initializer } of node.parameters) {
    visitPattern(name, inner, visit);
    if (initializer !== undefined) visit(initializer, inner);
  }
  if (node.body !== undefined) visit(node.body, inner);
}

/** Defaults and computed keys of a pattern; what it binds is no use. */
function visitPattern(name: ts.BindingName, scope: ReadonlySet<string>, visit: Visit): void {
  if (ts.isIdentifier(name)) return;
  for (const element of name.elements) {
    if (ts.isOmittedExpression(element)) continue;
    if (element.propertyName !== undefined && ts.isComputedPropertyName(element.propertyName))
      visit(element.propertyName, scope);
    visitPattern(element.name, scope, visit);
    if (element.initializer !== undefined) visit(element.initializer, scope);
  }
}

function namesOfList(list: ts.VariableDeclarationList): string[] {
  return list.declarations.flatMap(({ name }) => boundNames(name).map(({ text }) => text));
}

function isAssignment(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

function isStep(operator: ts.SyntaxKind): boolean {
  return operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken;
}

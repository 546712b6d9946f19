/**
 * What can be had of a file whose tree is of no use: imports and exports, read from the token stream. The file is
 * partial, with all of it lost.
 */
import ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import { lineStartsOf } from '../../base/lines';
import { FunctionFlag, NONE, Op, type Dialect, type ImportKind } from '../../model/graph';
import type { FlatGraph } from '../../model/flatGraph';
import { FileBuilder } from '../flow/fileBuilder';

interface Token {
  readonly kind: ts.SyntaxKind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Never throws. */
export function extractFromTokens(text: string, dialect: Dialect): FlatGraph {
  const file = new FileBuilder();
  const lineStarts = lineStartsOf(text);
  const fn = file.begin({
    role: 'module',
    name: '',
    flags: FunctionFlag.Module | FunctionFlag.Partial,
    classIndex: NONE,
    range: [0, text.length],
    nameRange: [0, lineStarts.length > 1 ? lineStarts[1] : text.length],
  });
  const { strings } = file;
  let exports = fn.emit0(Op.ObjectLiteral, 0, 0, 0);
  let isEsm = dialect === 'mjs' || dialect === 'mts';

  const addImport = (specifier: Token, kind: ImportKind): void => {
    const { start, end } = specifier;
    const facts = { specifier: strings.intern(specifier.text), kind, typeOnly: false, start, end };
    const node = fn.emit0(Op.Import, file.imports.push(facts) - 1, start, end);
    fn.pinned.push(node);
  };
  const addExport = (name: Token): void => {
    const value = fn.emit0(Op.Unknown, 0, name.start, name.end);
    exports = fn.emit2(Op.Store, strings.intern(name.text), exports, value, name.start, name.end);
  };

  const window: Token[] = [];
  for (const token of tokensOf(text)) {
    window.push(token);
    if (window.length > 4) window.shift();
    const [third, second, first] = [window[window.length - 4], window[window.length - 3], window[window.length - 2]];
    if (first === undefined) continue;
    if (token.kind === Kind.StringLiteral) {
      if (first.text === 'from' || first.kind === Kind.ImportKeyword) {
        addImport(token, 'import');
        isEsm = true;
      } else if (first.text === '(' && second?.kind === Kind.ImportKeyword) addImport(token, 'dynamic');
      else if (first.text === '(' && second?.text === 'require' && third?.text !== '.') addImport(token, 'require');
    } else if (token.kind === Kind.EqualsToken && first.kind === Kind.Identifier && second?.text === '.') {
      if (third?.text === 'exports') addExport(first);
    } else if (token.kind === Kind.DefaultKeyword && first.kind === Kind.ExportKeyword) {
      addExport(token);
      isEsm = true;
    } else if (token.kind === Kind.Identifier && second?.kind === Kind.ExportKeyword) {
      if (declares(first.kind)) addExport(token);
      isEsm = true;
    }
  }
  fn.emitLast(Op.Return, 0, exports, text.length, text.length);
  file.limits.push('The file is nested too deeply to be analysed; only its imports and exports are known.');
  file.finish();
  return file.build(dialect, isEsm, lineStarts, [[0, text.length]]);
}

function declares(kind: ts.SyntaxKind): boolean {
  return (
    kind === Kind.ConstKeyword ||
    kind === Kind.LetKeyword ||
    kind === Kind.VarKeyword ||
    kind === Kind.FunctionKeyword ||
    kind === Kind.ClassKeyword ||
    kind === Kind.EnumKeyword
  );
}

/** Tokens without knowledge of context: regular expressions and templates may come out wrong, names and strings do not. */
function* tokensOf(text: string): Generator<Token> {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, true, ts.LanguageVariant.JSX, text, () => undefined);
  for (;;) {
    const kind = scanner.scan();
    if (kind === Kind.EndOfFileToken) return;
    // The scanner keeps the value of the last token that had one.
    const hasValue = kind === Kind.StringLiteral || kind === Kind.Identifier;
    yield {
      kind,
      text: hasValue ? scanner.getTokenValue() : scanner.getTokenText(),
      start: scanner.getTokenStart(),
      end: scanner.getTokenEnd(),
    };
  }
}

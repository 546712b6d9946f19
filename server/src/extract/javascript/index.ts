/**
 * JavaScript and TypeScript text → flow graphs: parse, bind, lower. The syntax tree is dropped on return. Depends on
 * the text and its dialect only, so equal texts give equal graphs.
 */
import { FunctionFlag, NONE, Op, type Dialect, type FileGraph } from '../../model/graph';
import { unflatten, type FlatGraph } from '../../model/flatGraph';
import { lineStartsOf } from '../../base/lines';
import { parseJavaScript, type ParsedJavaScript } from '../../parse/javascript';
import { embeddedScript, holdsScripts, type EmbeddedScript } from '../../parse/embedded';
import { FileBuilder } from '../flow/fileBuilder';
import { bindSourceFile, type Bindings } from './bind';
import { applyDirectives } from './directives';
import { DECLARED } from './scopes';
import { storeExports } from './exports';
import { hoistFunctions } from './functions';
import { declareImports } from './imports';
import { FunctionScope, Lowering, type Variable } from './lowering';
import { THIS } from './names';
import { tables } from './tables';
import { inHost, nothingOf } from './embedded';
import { extractFromTokens } from './tokens';

/** `extractFlat` for who keeps the graph, or looks at single functions. */
export function extractJavaScript(text: string, dialect: Dialect): FileGraph {
  return unflatten(extractFlat(text, dialect));
}

/**
 * Never throws on any text. The result holds until the next text is extracted on this thread. What could not be understood is in `lost` and `limits` of the result. `onParsed` is called
 * between parsing and the rest, for whoever takes the time.
 */
export function extractFlat(text: string, dialect: Dialect, onParsed?: () => void): FlatGraph {
  if (!holdsScripts(dialect)) return extractScript(text, dialect, onParsed);
  let script: EmbeddedScript | undefined;
  try {
    script = embeddedScript(text, dialect);
  } catch (error) {
    // Only the stack can give out: its code is nested too deeply.
    if (!(error instanceof RangeError)) throw error;
  }
  if (script === undefined) return nothingOf(text, dialect);
  return inHost(extractScript(script.text, script.dialect, onParsed), text, dialect, script.positions);
}

function extractScript(text: string, dialect: Dialect, onParsed?: () => void): FlatGraph {
  const parsed = parseJavaScript(text, dialect);
  onParsed?.();
  if (parsed.useless) return extractFromTokens(text, dialect);
  try {
    return lowerFile(text, dialect, parsed, bindSourceFile(parsed.sourceFile));
  } catch (error) {
    // Only the stack can give out: the tree is nested too deeply to be walked.
    if (!(error instanceof RangeError)) throw error;
    return extractFromTokens(text, dialect);
  }
}

function lowerFile(text: string, dialect: Dialect, parsed: ParsedJavaScript, bindings: Bindings): FlatGraph {
  const { sourceFile, lost } = parsed;
  const isEsm = bindings.hasModuleSyntax || dialect === 'mjs' || dialect === 'mts';
  const file = new FileBuilder();
  const cx = new Lowering(text, dialect, isEsm, file, bindings, lost, tables);
  const lineStarts = lineStartsOf(text);
  const firstLineEnd = lineStarts.length > 1 ? lineStarts[1] : text.length;
  cx.fn = file.begin({
    role: 'module',
    name: '',
    flags: FunctionFlag.Module,
    classIndex: NONE,
    range: [0, text.length],
    nameRange: [0, firstLineEnd],
  });
  cx.scope = new FunctionScope(NONE, true);

  const { statements } = sourceFile;
  const module = cx.fn;
  try {
    const exports = declareModule(cx, (name) => bindings.scopes.flagsOf(sourceFile, name), isEsm);
    cx.openScope(sourceFile);
    declareImports(cx, statements);
    hoistFunctions(cx, statements);
    for (const statement of statements) cx.statement(statement);
    if (cx.exportTarget !== undefined) storeExports(cx, cx.exportTarget);
    const exported = cx.read(exports, text.length, text.length);
    applyDirectives(cx, statements, exported);
    module.emitLast(Op.Return, 0, exported, text.length, text.length);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    file.finishDownTo(1);
    cx.fn = module;
    cx.closeForeign();
    module.flags |= FunctionFlag.Partial;
    file.limits.push('Code at the top level is nested too deeply; part of it was left out.');
    if (cx.exportTarget !== undefined) storeExports(cx, cx.exportTarget);
    const value = cx.exports === undefined ? NONE : cx.read(cx.exports, text.length, text.length);
    module.emitLast(Op.Return, 0, value, text.length, text.length);
  }
  if (cx.claimLost(0, text.length + 1)) module.flags |= FunctionFlag.Partial;
  file.finish();
  return file.build(dialect, isEsm, lineStarts, lost);
}

/** The exports object, under the names CommonJS has for it. */
function declareModule(cx: Lowering, known: (name: string) => number, isEsm: boolean): Variable {
  const flagsOf = (name: string): number => {
    const flags = known(name);
    return (flags & DECLARED) !== 0 && name !== THIS ? 0 : flags;
  };
  const thisFlags = isEsm ? 0 : flagsOf(THIS);
  const exports = cx.declare('%exports', flagsOf('exports') | flagsOf('module') | thisFlags, 0);
  cx.exports = exports;
  cx.exportTarget = { object: exports, names: [] };
  cx.fn.assign(exports.slot, cx.fn.emit0(Op.ObjectLiteral, 0, 0, 0));
  cx.bind('exports', exports);
  if (!isEsm) cx.bind(THIS, exports);
  else if (known(THIS) !== 0) cx.declareThis(flagsOf(THIS), 0, 0, cx.fn.constant('undefined', 0, 0));
  return exports;
}

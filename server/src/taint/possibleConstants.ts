/**
 * Constants that a value may be by one of several ways: `isWindows ? 'cmd' : 'sh'`, the options of `Object.assign({ shell: true }, options)`,
 * a test of what the program itself knows (`process.platform === 'win32'`). What only somebody else may have put there does not count.
 */
import { NONE, Op, type NodeId } from '../model/graph';
import { definition, type Place } from './constants';
import type { FunctionView } from './functionView';

/** Nodes that are looked at. */
const MAX_STEPS = 200;
/** Reads and tests within each other. */
const MAX_DEPTH = 6;
const COMPARISONS: ReadonlySet<string> = new Set(['===', '==', '!==', '!=', '<', '<=', '>', '>=', 'in', 'instanceof']);
/** Methods whose result is true or false. */
const TESTS: ReadonlySet<string> = new Set(['test', 'includes', 'startsWith', 'endsWith', 'has']);
/** First argument of a call among its operands. */
const FIRST_ARGUMENT = 2;

/** Whether one of these constants may be below the properties `names` of a node. */
export function mayBeConstant(
  p: FunctionView,
  node: NodeId,
  names: readonly string[],
  wanted: readonly string[],
): boolean {
  return new PossibleConstants(p, wanted).isAmong({ graph: p.body.graph, node }, names);
}

/**
 * Whether what linking knows of an object that a node may be, or be copied from, has something of a type under a name. What is written in sight, constants tell
 * (`mayBeConstant`).
 */
export function mayBeOfType(p: FunctionView, node: NodeId, name: string, type: string): boolean {
  const { models, automaton } = p.environment;
  const isOfType = (value: NodeId): boolean =>
    p.apisOf(value).some((state) => models.isOfType(automaton.member(state, name), type));
  return new PossibleConstants(p, [], isOfType).isAmong({ graph: p.body.graph, node }, [name]);
}

class PossibleConstants {
  private left = MAX_STEPS;
  private isFound = false;

  constructor(
    private readonly p: FunctionView,
    private readonly wanted: readonly string[],
    /** Asked of values of this function that were not made in sight, where a property of theirs is wanted. */
    private readonly hasWanted: (value: NodeId) => boolean = () => false,
  ) {}

  isAmong(place: Place, names: readonly string[]): boolean {
    this.below(place, names);
    return this.isFound;
  }

  /** Looks at what is below the properties; true where the first of them may be missing. */
  private below(start: Place, names: readonly string[]): boolean {
    if (names.length === 0) {
      this.value(start);
      return false;
    }
    let place = definition(this.p.body, start, true);
    while (place !== undefined && !this.isFound && this.left-- > 0) {
      const { graph, node } = place;
      const [from, to] = [graph.operandStart[node], graph.operandStart[node + 1]];
      switch (graph.op[node] as Op) {
        case Op.Store:
          if (this.p.text(graph.aux[node]) === names[0]) {
            this.below({ graph, node: graph.operands[from + 1] }, names.slice(1));
            return false;
          }
          break;
        case Op.StoreElement:
          break;
        case Op.Copy:
          if (!this.below({ graph, node: graph.operands[from + 1] }, names)) return false;
          break;
        case Op.Cell:
        case Op.Phi: {
          let isMissing = false;
          for (let i = from; i < to; i++) if (this.below({ graph, node: graph.operands[i] }, names)) isMissing = true;
          return isMissing;
        }
        case Op.Call: {
          const isMissing = this.belowCopies(place, names);
          if (isMissing === undefined) this.elsewhere(start, place, names);
          return isMissing ?? true;
        }
        case Op.Load:
          this.elsewhere(start, place, names);
          return this.below({ graph, node: graph.operands[from] }, [this.p.text(graph.aux[node]), ...names]);
        case Op.ObjectLiteral:
        case Op.ArrayLiteral:
          return true;
        default:
          this.elsewhere(start, place, names);
          return true;
      }
      place = definition(this.p.body, { graph, node: graph.operands[from] }, true);
    }
    if (place === undefined) this.elsewhere(start, start, names);
    return true;
  }

  /** A value that was made elsewhere: what is read of a function around this one stands for what that has there. */
  private elsewhere(start: Place, place: Place, names: readonly string[]): void {
    if (names.length !== 1) return;
    const own = this.p.body.graph;
    const node = place.graph === own ? place.node : start.graph === own ? start.node : NONE;
    if (node !== NONE && this.hasWanted(node)) this.isFound = true;
  }

  /** The result of a call that copies properties has those of its arguments, one behind the other; undefined for other calls. */
  private belowCopies({ graph, node }: Place, names: readonly string[]): boolean | undefined {
    if (graph !== this.p.body.graph) return undefined;
    const { models, shift, sites } = this.p.callAt(node);
    const copies = sites.length > 0 ? undefined : models.find((model) => model.copies !== undefined)?.copies;
    if (copies === undefined) return undefined;
    const first = FIRST_ARGUMENT + shift;
    const order = [first + copies.to];
    for (let at = first + copies.from; at < this.p.operandCount(node); at++) order.push(at);
    if (!copies.isFirst) order.reverse();
    for (const at of order) if (!this.below({ graph, node: this.p.operand(node, at) }, names)) return false;
    return true;
  }

  private value(start: Place): void {
    const place = definition(this.p.body, start, true);
    if (place === undefined || this.isFound || this.left-- <= 0) return;
    const { graph, node } = place;
    const [from, to] = [graph.operandStart[node], graph.operandStart[node + 1]];
    switch (graph.op[node] as Op) {
      case Op.StringConst:
      case Op.Const:
        this.found(this.p.text(graph.aux[node]));
        break;
      case Op.Cell:
      case Op.Phi:
        for (let i = from; i < to; i++) this.value({ graph, node: graph.operands[i] });
        break;
      case Op.Load: {
        const name = this.p.text(graph.aux[node]);
        this.found(globalName(this.p, place, MAX_DEPTH));
        this.below({ graph, node: graph.operands[from] }, [name]);
        break;
      }
      case Op.Binary:
      case Op.Unary:
      case Op.Call:
        if (isOwnTest(this.p, place)) this.found('true');
        break;
      default:
        break;
    }
  }

  private found(text: string | undefined): void {
    if (text !== undefined && this.wanted.includes(text)) this.isFound = true;
  }
}

/** A comparison, negation or test of what the program knows by itself; with what it was handed, others would decide. */
function isOwnTest(p: FunctionView, { graph, node }: Place): boolean {
  const [from, to] = [graph.operandStart[node], graph.operandStart[node + 1]];
  switch (graph.op[node] as Op) {
    case Op.Binary:
      if (!COMPARISONS.has(p.text(graph.aux[node]))) return false;
      break;
    case Op.Unary: {
      if (p.text(graph.aux[node]) !== '!') return false;
      const tested = definition(p.body, { graph, node: graph.operands[from] });
      return tested !== undefined && (isOwnTest(p, tested) || isOwn(p, tested, MAX_DEPTH));
    }
    default: {
      const callee = graph.operands[from];
      if (callee === NONE || graph.op[callee] !== Op.Load || !TESTS.has(p.text(graph.aux[callee]))) return false;
    }
  }
  for (let i = from; i < to; i++) if (!isOwn(p, { graph, node: graph.operands[i] }, MAX_DEPTH)) return false;
  return true;
}

/** Made of constants, globals and what is imported alone. */
function isOwn(p: FunctionView, start: Place, depth: number): boolean {
  if (start.node === NONE) return true;
  const place = definition(p.body, start);
  if (place === undefined || depth === 0) return false;
  const { graph, node } = place;
  switch (graph.op[node] as Op) {
    case Op.StringConst:
    case Op.Const:
    case Op.Regex:
    case Op.Global:
    case Op.Import:
      return true;
    case Op.Binary:
    case Op.Unary:
    case Op.Load:
    case Op.Concat:
    case Op.Call:
      for (let i = graph.operandStart[node]; i < graph.operandStart[node + 1]; i++)
        if (!isOwn(p, { graph, node: graph.operands[i] }, depth - 1)) return false;
      return true;
    default:
      return false;
  }
}

/** `process.env.SHELL`, for what is read of a global. */
function globalName(p: FunctionView, { graph, node }: Place, depth: number): string | undefined {
  if (depth === 0) return undefined;
  if (graph.op[node] === Op.Global) return p.text(graph.aux[node]);
  if (graph.op[node] !== Op.Load) return undefined;
  const base = definition(p.body, { graph, node: graph.operands[graph.operandStart[node]] });
  const name = base === undefined ? undefined : globalName(p, base, depth - 1);
  return name === undefined ? undefined : `${name}.${p.text(graph.aux[node])}`;
}

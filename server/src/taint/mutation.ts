/**
 * Writing into an object: who else sees it. A store makes a new version of its base, and the flow graph carries that
 * version forward by itself; what it does not carry is that other names stand for the same object. So a write walks
 * backward from the base to where the object comes from (the idea of FlowDroid's on-demand alias search, Arzt et al.
 * 2014), tells every root it meets (a parameter: the caller's object changes; a captured variable; a function that is
 * called with the value), and forward again to uses that come after the write.
 */
import { TripleTable, resized } from '../base/tripleTable';
import { NONE, Op, type NodeId } from '../model/graph';
import { C_ELEMENT, EMPTY, type PathId } from './accessPaths';
import { sameObjects } from './aliases';
import type { CalleeStep, OriginId } from './facts';
import { firstReader } from './flowIndex';
import { EXPORTS_CELL, REST, joinMasks, parameterRoot, type Mask } from './references';
import type { Propagation } from './propagation';
import { isReceiver } from './receivers';
import { sameObject } from './sameValues';

/** Steps of one walk; longer chains of aliases are given up, and told. */
const MAX_STEPS = 2_000;

/** Methods that take an element out of a list, or look at its end. */
const TAKING: ReadonlySet<string> = new Set(['pop', 'shift', 'at']);

/** No entry of a list. */
const END = -1;
const INITIAL = 64;

/**
 * What was told already, by object, origin and path: a list of masks, each with the node from which on all uses were
 * told. A write after that one has nothing to add, which is what keeps functions that write to one object many times
 * from taking quadratic time. Emptied and used again.
 */
export class ToldWrites {
  private readonly table = new TripleTable();
  /** Start of each list. */
  private first = new Int32Array(INITIAL);
  // Of the lists' entries.
  private mask = new Int32Array(INITIAL);
  private from = new Int32Array(INITIAL);
  private next = new Int32Array(INITIAL);
  private size = 0;
  /** Objects and paths that walks have still to go to, the innermost walk last. */
  readonly nodes: NodeId[] = [];
  readonly paths: PathId[] = [];

  clear(): void {
    this.table.clear();
    this.size = 0;
    // Somebody may have cancelled a walk.
    while (this.nodes.pop() !== undefined) this.paths.pop();
  }

  /** Notes a write; false when uses from `earliest` on were told of it. */
  add(object: NodeId, origin: OriginId, path: PathId, mask: Mask, earliest: NodeId): boolean {
    const { size } = this.table;
    const key = this.table.add(object, origin, path);
    if (key === size) {
      if (key === this.first.length) this.first = resized(this.first, key * 2);
      this.first[key] = END;
    }
    const first = this.first[key];
    for (let i = first; i !== END; i = this.next[i])
      if (this.from[i] <= earliest && joinMasks(this.mask[i], mask) === this.mask[i]) return false;
    const entry = this.size++;
    if (entry === this.mask.length) {
      this.mask = resized(this.mask, entry * 2);
      this.from = resized(this.from, entry * 2);
      this.next = resized(this.next, entry * 2);
    }
    this.first[key] = entry;
    this.mask[entry] = mask;
    this.from[entry] = earliest;
    this.next[entry] = first;
    return true;
  }
}

export class Mutation {
  constructor(
    private readonly propagation: Propagation,
    private readonly told: ToldWrites,
  ) {}

  start(node: NodeId, origin: OriginId, path: PathId, mask: Mask, at: NodeId, call: CalleeStep | undefined): void {
    const p = this.propagation;
    const { graph } = p.body;
    const { paths } = p.environment;
    const { nodes, paths: belows } = this.told;
    if (paths.isArgument(paths.head(path))) p.callApis(node, origin, path, mask, at);
    // What uses are told may be written elsewhere: then another walk goes on above this one.
    const bottom = nodes.length;
    this.push(node, path);
    const earliest = paths.isChannel(paths.head(path)) ? 0 : firstReader(p.index, at);
    for (let steps = 1; nodes.length > bottom; steps++) {
      const object = nodes.pop() ?? NONE;
      const below = belows.pop() ?? EMPTY;
      const isLong = steps > MAX_STEPS;
      if (isLong) p.truncated('too many aliases of one object to follow');
      else if (object === NONE) continue;
      else p.steps++;
      if (isLong || p.isSpent()) {
        while (nodes.length > bottom) {
          nodes.pop();
          belows.pop();
        }
        return;
      }
      if (!this.told.add(object, origin, below, mask, earliest)) continue;
      this.tellLaterUses(object, origin, below, mask, at, earliest);
      switch (graph.op[object] as Op) {
        case Op.Load:
          if (paths.hasCall(below) && isReceiver(p.body, p.operand(object, 0)))
            this.callAt(object, origin, below, mask, at);
          this.push(p.operand(object, 0), paths.cons(p.property(graph.aux[object]), below));
          break;
        case Op.LoadElement:
        case Op.Iterate:
          this.push(p.operand(object, 0), paths.cons(C_ELEMENT, below));
          break;
        case Op.Store:
          // The property was replaced in this version: older versions hold another object there.
          if (paths.head(below) !== p.property(graph.aux[object])) {
            // Whichever element is called, it may be this one. Of elements that are changed, this would cost large libraries twice the time.
            if (paths.head(below) === C_ELEMENT && paths.hasCall(below))
              this.push(p.operand(object, 1), paths.tail(below));
            this.push(p.operand(object, 0), below);
          } else {
            this.push(p.operand(object, 1), paths.tail(below));
            this.push(p.operand(object, 0), below);
          }
          break;
        case Op.StoreElement:
        case Op.Copy:
          if (paths.head(below) === C_ELEMENT && paths.hasCall(below))
            if (graph.op[object] === Op.Copy) this.push(p.operand(object, 1), below);
            else this.push(p.operand(object, 2), paths.tail(below));
          this.push(p.operand(object, 0), below);
          break;
        case Op.Guard:
        case Op.Typed:
        case Op.Await:
          this.push(p.operand(object, 0), below);
          break;
        case Op.Phi:
          for (let i = 0; i < p.operandCount(object); i++) this.push(p.operand(object, i), below);
          break;
        case Op.Cell:
          p.addFact(object, origin, below, mask, at, call);
          for (let i = 0; i < p.operandCount(object); i++) this.push(p.operand(object, i), below);
          break;
        case Op.Param:
        case Op.RestParam:
          p.addEntry(
            origin,
            parameterRoot(graph.aux[object] + (graph.op[object] === Op.RestParam ? REST : 0)),
            below,
            mask,
            at,
            call,
          );
          this.callAt(object, origin, below, mask, at);
          break;
        case Op.Captured: {
          const capture = graph.captures[graph.aux[object]];
          p.addEntry(
            origin,
            p.environment.references.cell(p.body.functionIds(capture.owner), capture.cell),
            below,
            mask,
            at,
            call,
          );
          this.callAt(object, origin, below, mask, at);
          break;
        }
        case Op.Call:
        case Op.New:
          this.throughCall(object, below);
          this.callAt(object, origin, below, mask, at);
          break;
        case Op.Import:
          for (const target of p.targets(object)) {
            if (target.kind === 'function')
              p.addEntry(origin, p.environment.references.cell(target.function, EXPORTS_CELL), below, mask, at, call);
          }
          this.callAt(object, origin, below, mask, at);
          break;
        case Op.Closure:
        case Op.Class:
        case Op.Global:
        case Op.ObjectLiteral:
        case Op.ArrayLiteral:
          this.callAt(object, origin, below, mask, at);
          break;
        default:
          break;
      }
    }
  }

  private push(node: NodeId, path: PathId): void {
    this.told.nodes.push(node);
    this.told.paths.push(path);
  }

  /** The object is used again after the write, under another name. */
  private tellLaterUses(
    object: NodeId,
    origin: OriginId,
    path: PathId,
    mask: Mask,
    at: NodeId,
    earliest: NodeId,
  ): void {
    const p = this.propagation;
    if (p.environment.paths.hasCall(path)) return;
    const { useStart, uses } = p.index;
    const end = useStart[object + 1];
    for (let i = useStart[object]; i < end; i += 2) {
      const user = uses[i];
      // Versions of the base made by this very write, or that start from it, are served by the graph itself.
      if (user === at || (user <= earliest && !this.takesOut(user, uses[i + 1]))) continue;
      p.transferLater(user, uses[i + 1], object, origin, path, mask);
    }
  }

  /**
   * What takes something out of a list, or looks at its end: `queue.shift()`, `stack[stack.length - 1]`. Also where it stands before what puts something in, because then both are in a loop: nobody takes
   * something out of a list once and fills it after that.
   */
  private takesOut(call: NodeId, operand: number): boolean {
    const p = this.propagation;
    const { op, aux } = p.body.graph;
    if (op[call] === Op.LoadElement) return operand === 0 && this.isEndOf(p.operand(call, 0), p.operand(call, 1));
    if (operand !== 1 || op[call] !== Op.Call) return false;
    const callee = p.operand(call, 0);
    return callee !== NONE && op[callee] === Op.Load && TAKING.has(p.text(aux[callee]));
  }

  /** `list.length - 1` */
  private isEndOf(list: NodeId, position: NodeId): boolean {
    const p = this.propagation;
    const { op, aux } = p.body.graph;
    if (position === NONE || op[position] !== Op.Binary || p.text(aux[position]) !== '-') return false;
    const length = p.operand(position, 0);
    if (length === NONE || op[length] !== Op.Load || p.text(aux[length]) !== 'length') return false;
    return sameObject(p, p.operand(length, 0)) === sameObject(p, list);
  }

  /** A call that returns one of its arguments (or the receiver) unchanged stands for the same object. */
  private throughCall(node: NodeId, path: PathId): void {
    for (const argument of sameObjects(this.propagation, node)) {
      this.push(argument.node, this.propagation.environment.paths.concat(argument.path, path));
    }
  }

  /** A write to `(n)` of a value is a call with that argument: find out what is called. */
  private callAt(node: NodeId, origin: OriginId, path: PathId, mask: Mask, at: NodeId): void {
    const p = this.propagation;
    const { paths } = p.environment;
    if (!paths.hasCall(path)) return;
    const given = p.givenCall(node, path);
    if (given === undefined) return;
    const { functions, parameter, prefix, rest } = given;
    for (const id of functions) {
      p.callFunction(id, parameter, node, prefix, origin, rest, mask, at);
    }
  }
}

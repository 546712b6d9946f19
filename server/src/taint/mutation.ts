/**
 * Writing into an object: who else sees it. A store makes a new version of its base, and the flow graph carries that
 * version forward by itself; what it does not carry is that other names stand for the same object. So a write walks
 * backward from the base to where the object comes from (the idea of FlowDroid's on-demand alias search, Arzt et al.
 * 2014), tells every root it meets (a parameter: the caller's object changes; a captured variable; a function that is
 * called with the value), and forward again to uses that come after the write.
 */
import type { TripleTable } from '../base/tripleTable';
import { NONE, Op, type NodeId } from '../model/graph';
import { C_ELEMENT, type PathId } from './accessPaths';
import { sameObjects } from './aliases';
import type { CalleeStep, OriginId } from './facts';
import { firstReader } from './flowIndex';
import { EXPORTS_CELL, REST, joinMasks, parameterRoot, type Mask } from './references';
import type { Propagation } from './propagation';

interface Visit {
  readonly node: NodeId;
  readonly path: PathId;
}

/** Steps of one walk; longer chains of aliases are given up, and told. */
const MAX_STEPS = 2_000;

export class Mutation {
  /**
   * What was told already, by object, origin and path: a list of masks, each with the node from which on all uses were
   * told. A write after that one has nothing to add, which is what keeps functions that write to one object many times
   * from taking quadratic time. `toldFirst` has the first of each list.
   */
  private readonly toldFirst: number[] = [];
  private readonly toldMask: Mask[] = [];
  private readonly toldFrom: NodeId[] = [];
  private readonly toldNext: number[] = [];

  constructor(
    private readonly propagation: Propagation,
    /** What the lists are about. */
    private readonly told: TripleTable,
  ) {}

  start(node: NodeId, origin: OriginId, path: PathId, mask: Mask, at: NodeId, call: CalleeStep | undefined): void {
    const p = this.propagation;
    const { graph } = p.body;
    const { paths } = p.environment;
    const stack: Visit[] = [{ node, path }];
    const earliest = firstReader(p.index, at);
    for (let visit = stack.pop(), steps = 0; visit !== undefined; visit = stack.pop()) {
      if (++steps > MAX_STEPS) {
        p.truncated('too many aliases of one object to follow');
        return;
      }
      const { node: object, path: below } = visit;
      if (object === NONE) continue;
      p.steps++;
      if (p.isSpent()) return;
      if (!this.isNews(object, origin, below, mask, earliest)) continue;
      this.tellLaterUses(object, origin, below, mask, at, earliest);
      const operand = (index: number): NodeId => p.operand(object, index);
      switch (graph.op[object] as Op) {
        case Op.Load:
          stack.push({ node: operand(0), path: paths.cons(p.property(graph.aux[object]), below) });
          break;
        case Op.LoadElement:
        case Op.Iterate:
          stack.push({ node: operand(0), path: paths.cons(C_ELEMENT, below) });
          break;
        case Op.Store:
          // The property was replaced in this version: older versions hold another object there.
          if (paths.head(below) !== p.property(graph.aux[object])) stack.push({ node: operand(0), path: below });
          else stack.push({ node: operand(1), path: paths.tail(below) }, { node: operand(0), path: below });
          break;
        case Op.StoreElement:
        case Op.Copy:
        case Op.Guard:
        case Op.Typed:
        case Op.Await:
          stack.push({ node: operand(0), path: below });
          break;
        case Op.Phi:
          for (let i = 0; i < p.operandCount(object); i++) stack.push({ node: operand(i), path: below });
          break;
        case Op.Cell:
          p.addFact(object, origin, below, mask, at, call);
          for (let i = 0; i < p.operandCount(object); i++) stack.push({ node: operand(i), path: below });
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
          this.throughCall(object, below, stack);
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

  private isNews(object: NodeId, origin: OriginId, path: PathId, mask: Mask, earliest: NodeId): boolean {
    const { size } = this.told;
    const key = this.told.add(object, origin, path);
    if (key === size) this.toldFirst.push(NONE);
    const first = this.toldFirst[key];
    for (let i = first; i !== NONE; i = this.toldNext[i])
      if (this.toldFrom[i] <= earliest && joinMasks(this.toldMask[i], mask) === this.toldMask[i]) return false;
    this.toldFirst[key] = this.toldMask.length;
    this.toldMask.push(mask);
    this.toldFrom.push(earliest);
    this.toldNext.push(first);
    return true;
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
    const { useStart, useNode, useOperand } = p.index;
    const end = useStart[object + 1];
    for (let i = useStart[object]; i < end; i++) {
      const user = useNode[i];
      // Versions of the base made by this very write, or that start from it, are served by the graph itself.
      if (user <= earliest || user === at) continue;
      p.transferLater(user, useOperand[i], object, origin, path, mask);
    }
  }

  /** A call that returns one of its arguments (or the receiver) unchanged stands for the same object. */
  private throughCall(node: NodeId, path: PathId, stack: Visit[]): void {
    for (const argument of sameObjects(this.propagation, node)) {
      const below = this.propagation.environment.paths.concat(argument.path, path);
      stack.push({ node: argument.node, path: below });
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

/**
 * A function as its analysis reads it: nodes and operands, what calls may reach by link and by model, which API a value is,
 * what keys and guards are. Nothing here depends on what is followed through the function. What costs more than a look is kept.
 */
import { NONE, Op, type NodeId } from '../model/graph';
import { NO_API, type ApiState, type FunctionId } from '../model/ids';
import type { CallTarget, FunctionLinks } from '../model/links';
import type { CallModel } from '../model/summary';
import { C_ELEMENT, type ComponentId } from './accessPaths';
import { cellNode, constantText, isPlainKey } from './constants';
import { modelsOf } from './conventions';
import type { FunctionBody, SolverEnvironment } from './environment';
import { indexFlow, type FlowIndex } from './flowIndex';
import { guardRemoves, kindsGuardedOver } from './guards';
import { KIND_MASK, type Root } from './references';

const NO_TARGETS: readonly CallTarget[] = [];

export class FunctionView {
  readonly index: FlowIndex;
  readonly links: FunctionLinks;
  private enclosing: Set<FunctionId> | undefined;
  private readonly apiStates = new Map<NodeId, readonly ApiState[]>();
  private readonly guardKinds = new Map<NodeId, number>();
  private readonly loadKinds = new Map<NodeId, number>();
  private readonly plainKeys = new Map<NodeId, boolean>();
  private readonly constantKeys = new Map<NodeId, ComponentId>();
  private readonly callModels = new Map<NodeId, readonly CallModel[]>();

  constructor(
    readonly body: FunctionBody,
    readonly environment: SolverEnvironment,
  ) {
    this.index = indexFlow(body.graph);
    this.links = environment.links.linksOf(body.id);
  }

  operand(node: NodeId, index: number): NodeId {
    return this.body.graph.operands[this.body.graph.operandStart[node] + index];
  }

  operandCount(node: NodeId): number {
    return this.body.graph.operandStart[node + 1] - this.body.graph.operandStart[node];
  }

  text(id: number): string {
    return this.body.strings[id];
  }

  /**
   * What a call may reach. A function that the caller of this one handed over is not looked up here: the call stays
   * symbolic, and each caller completes it with what it gave.
   */
  targets(node: NodeId): readonly CallTarget[] {
    const targets = this.links.calls.get(node);
    if (targets === undefined) return NO_TARGETS;
    const { op } = this.body.graph;
    if (
      op[node] !== Op.Call ||
      !targets.some(({ kind }) => kind === 'function') ||
      !this.isGiven(this.operand(node, 0))
    )
      return targets;
    return targets.filter(({ kind }) => kind !== 'function');
  }

  /** True for a parameter's own value, also one of an enclosing function. */
  isGiven(callee: NodeId): boolean {
    const { graph } = this.body;
    let node = callee;
    while (node !== NONE && (graph.op[node] === Op.Guard || graph.op[node] === Op.Typed)) node = this.operand(node, 0);
    if (node === NONE) return false;
    if (graph.op[node] === Op.Param) return graph.aux[node] >= 0;
    if (graph.op[node] !== Op.Captured) return false;
    const capture = graph.captures[graph.aux[node]];
    const owner = this.body.graphOf(capture.owner);
    const cell = cellNode(owner, capture.cell);
    if (cell === NONE) return false;
    const [from, to] = [owner.operandStart[cell], owner.operandStart[cell + 1]];
    for (let i = from; i < to; i++) {
      const value = owner.operands[i];
      if (owner.op[value] !== Op.Param || owner.aux[value] < 0) return false;
    }
    return to > from;
  }

  /** Models of what a call may be. */
  modelsOf(call: NodeId): readonly CallModel[] {
    let models = this.callModels.get(call);
    if (models === undefined) {
      models = modelsOf(this, call);
      this.callModels.set(call, models);
    }
    return models;
  }

  /** API states a node's value may be in: given by linking where a value enters, stepped through loads here. */
  apisOf(node: NodeId): readonly ApiState[] {
    const linked = this.links.apis.get(node);
    if (linked !== undefined) return linked;
    const known = this.apiStates.get(node);
    if (known !== undefined) return known;
    this.apiStates.set(node, []);
    const states = this.stepApis(node);
    this.apiStates.set(node, states);
    return states;
  }

  private stepApis(node: NodeId): readonly ApiState[] {
    const { graph, strings } = this.body;
    const { automaton } = this.environment;
    switch (graph.op[node] as Op) {
      case Op.Load: {
        const result: ApiState[] = [];
        for (const state of this.apisOf(this.operand(node, 0))) {
          const next = automaton.member(state, strings[graph.aux[node]]);
          if (next !== NO_API) result.push(next);
        }
        return result;
      }
      case Op.Guard:
      case Op.Await:
      case Op.Typed:
      case Op.Store:
        return this.apisOf(this.operand(node, 0));
      case Op.Phi: {
        const result = new Set<ApiState>();
        for (let i = 0; i < this.operandCount(node); i++)
          for (const state of this.operand(node, i) === NONE ? [] : this.apisOf(this.operand(node, i)))
            result.add(state);
        return [...result];
      }
      default:
        return [];
    }
  }

  /** The component that a computed key selects: a property when the key is always the same text. */
  keyComponent(node: NodeId): ComponentId {
    let component = this.constantKeys.get(node);
    if (component === undefined) {
      const text = constantText(this.body, this.operand(node, 1));
      component = text === undefined ? C_ELEMENT : this.environment.paths.property(text);
      this.constantKeys.set(node, component);
    }
    return component;
  }

  /** True when what is written through this key can't be a prototype object. */
  hasPlainKey(node: NodeId): boolean {
    let isPlain = this.plainKeys.get(node);
    if (isPlain === undefined) this.plainKeys.set(node, (isPlain = isPlainKey(this.body, this.operand(node, 1))));
    return isPlain;
  }

  /** Kinds that a guard makes harmless. */
  kindsRemovedBy(guard: NodeId): number {
    let kinds = this.guardKinds.get(guard);
    if (kinds === undefined) {
      kinds = guardRemoves(this, guard) & KIND_MASK;
      this.guardKinds.set(guard, kinds);
    }
    return kinds;
  }

  /** Kinds that guards over its base took from what a load reads. */
  kindsGuardedOver(load: NodeId): number {
    let kinds = this.loadKinds.get(load);
    if (kinds === undefined) {
      kinds = kindsGuardedOver(this, load) & KIND_MASK;
      this.loadKinds.set(load, kinds);
    }
    return kinds;
  }

  /** Whether a captured variable is this function's own, or of one around it. */
  encloses(cell: Root): boolean {
    if (this.enclosing === undefined) {
      this.enclosing = new Set([this.body.id]);
      for (let { parent } = this.body.graph; parent !== NONE; { parent } = this.body.graphOf(parent))
        this.enclosing.add(this.body.functionIds(parent));
    }
    return this.enclosing.has(this.environment.references.cellOf(cell).owner);
  }
}

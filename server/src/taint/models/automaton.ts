/**
 * The network made deterministic, lazily: a state is an interned set of network nodes, and each step is computed once
 * and remembered (the subset construction, Rabin and Scott 1959, on demand). State numbers depend on what was asked
 * first, so they are valid in one process only; `describe` is the stable form.
 */
import { RECEIVER } from '../../model/graph';
import { NO_API, type ApiState } from '../../model/ids';
import type { ApiAutomaton, HandedOn } from '../../model/links';
import { argumentComponent, ELEMENT, type ModelPlace } from '../../model/summary';
import { isInSpan, type ApiNode, type FlowFacet, type Network } from './network';

/** Parameter count where nobody knows it: only edges that hold for any small count match. */
const UNKNOWN_COUNT = -1;

interface StateRecord {
  /** Sorted by id, closed under `also`. */
  readonly nodes: readonly ApiNode[];
  readonly members: Map<string, ApiState>;
  /** By argument and count. */
  readonly arguments: Map<number, ApiState>;
  /** By parameter and parameter count. */
  readonly parameters: Map<number, ApiState>;
  element: ApiState | undefined;
  returnValue: ApiState | undefined;
  instance: ApiState | undefined;
  handedOn: readonly HandedOn[] | undefined;
  description: string | undefined;
}

const NOTHING: readonly HandedOn[] = [];
/** Parameters of a callback that a model may speak of. */
const MAX_PARAMETERS = 4;

/** More arguments and parameters than this are taken as this many. */
const LIMIT = 64;
const key = (position: number, count: number): number =>
  (Math.min(position, LIMIT) + 2) * 128 + Math.min(count, LIMIT) + 2;

export class Automaton implements ApiAutomaton {
  private readonly states: StateRecord[] = [record([])];
  private readonly ids = new Map<string, ApiState>();
  private readonly globalState: ApiState;
  private readonly unknownState: ApiState;
  private readonly roots = new Map<string, ApiState>();

  constructor(
    private readonly network: Network,
    readonly hash: string,
  ) {
    this.globalState = this.intern([network.globalObject]);
    this.unknownState = this.intern([network.unknownValue]);
  }

  /** How many states have been made so far. */
  get size(): number {
    return this.states.length;
  }

  nodesOf(state: ApiState): readonly ApiNode[] {
    return this.states[state].nodes;
  }

  isData(state: ApiState): boolean {
    return state !== NO_API && this.states[state].nodes.every((node) => node.leadsNowhere);
  }

  packageRoot(specifier: string): ApiState {
    let state = this.roots.get(specifier);
    if (state === undefined) this.roots.set(specifier, (state = this.findPackage(specifier.replace(/^node:/, ''))));
    return state;
  }

  global(name: string): ApiState {
    return this.member(this.globalState, name);
  }

  /** A method or property of a value nobody knows. */
  anyMember(name: string): ApiState {
    return this.member(this.unknownState, name);
  }

  /** Names of methods and properties that models speak of for values nobody knows. */
  methodNames(): Iterable<string> {
    return this.network.unknownValue.members.keys();
  }

  member(state: ApiState, name: string): ApiState {
    if (state === NO_API) return NO_API;
    const { members, nodes } = this.states[state];
    let next = members.get(name);
    if (next === undefined) {
      const isPosition = /^\d+$/.test(name);
      next = this.collect(nodes, (node, add) => {
        const named = node.members.get(name);
        if (named !== undefined) add(named);
        if (node.anyMember !== undefined) add(node.anyMember);
        if (isPosition && node.element !== undefined) add(node.element);
      });
      // `import x from` a CommonJS module, and `require` of a transpiled one. A package may be written either way.
      if (name === 'default' && state !== this.globalState && state !== this.unknownState)
        next = next === NO_API ? state : this.intern([...this.states[next].nodes, ...nodes]);
      // Programs ask for countless names at these two; only those that lead somewhere are worth remembering.
      if (next !== NO_API || (state !== this.globalState && state !== this.unknownState)) members.set(name, next);
    }
    return next;
  }

  /** With a key nobody knows it may be any member, except of the global object, which has all, and of other large objects. */
  element(state: ApiState): ApiState {
    if (state === NO_API) return NO_API;
    const found = this.states[state];
    return (found.element ??= this.collect(found.nodes, (node, add) => {
      if (node.element !== undefined) add(node.element);
      if (node.anyMember !== undefined) add(node.anyMember);
      if (node !== this.network.globalObject && !node.namedOnly)
        for (const target of node.members.values()) add(target);
    }));
  }

  returnValue(state: ApiState): ApiState {
    if (state === NO_API) return NO_API;
    const found = this.states[state];
    return (found.returnValue ??= this.collect(found.nodes, (node, add) => {
      if (node.returnValue !== undefined) add(node.returnValue);
    }));
  }

  /** What `new` gives. Factories that may be called either way say only what they return. */
  instance(state: ApiState): ApiState {
    if (state === NO_API) return NO_API;
    const found = this.states[state];
    if (found.instance === undefined) {
      const made = this.collect(found.nodes, (node, add) => {
        if (node.instance !== undefined) add(node.instance);
      });
      found.instance = made === NO_API ? this.returnValue(state) : made;
    }
    return found.instance;
  }

  /** A promise's state holds its value's places already. */
  awaited(state: ApiState): ApiState {
    return state;
  }

  callbackParameter(
    state: ApiState,
    argument: number,
    count: number,
    parameter: number,
    parameterCount: number,
  ): ApiState {
    return this.parameterOf(this.argument(state, argument, count), parameter, parameterCount);
  }

  argument(state: ApiState, argument: number, count: number): ApiState {
    if (state === NO_API) return NO_API;
    const found = this.states[state];
    const at = key(argument, count);
    let next = found.arguments.get(at);
    if (next === undefined) {
      next = this.collect(found.nodes, (node, add) => {
        if (argument === RECEIVER && node.receiver !== undefined) add(node.receiver);
        for (const edge of node.arguments) if (argument >= 0 && isInSpan(edge.span, argument, count)) add(edge.target);
      });
      found.arguments.set(at, next);
    }
    return next;
  }

  parameter(state: ApiState, parameter: number): ApiState {
    return this.parameterOf(state, parameter, UNKNOWN_COUNT);
  }

  passesThrough(state: ApiState): number {
    for (const node of this.states[state].nodes) if (node.passesThrough >= 0) return node.passesThrough;
    return -1;
  }

  copies(state: ApiState): ApiNode['copies'] {
    for (const { copies } of this.states[state].nodes) if (copies !== undefined) return copies;
    return undefined;
  }

  handedOn(state: ApiState): readonly HandedOn[] {
    const found = this.states[state];
    if (found.handedOn !== undefined) return found.handedOn;
    const handed = found.nodes.flatMap(({ flows }) => flows.flatMap(handedOnBy));
    return (found.handedOn = handed.length === 0 ? NOTHING : handed);
  }

  isShared(state: ApiState): boolean {
    return state !== NO_API && this.states[state].nodes.some(({ shared }) => shared !== undefined);
  }

  /** Names of the types that functions share, of those that a state is of. */
  sharedTypes(state: ApiState): readonly string[] {
    if (state === NO_API) return [];
    return this.states[state].nodes.flatMap(({ shared }) => (shared === undefined ? [] : [shared]));
  }

  describe(state: ApiState): string {
    const found = this.states[state];
    return (found.description ??= found.nodes
      .map((node) => node.description)
      .sort()
      .join(' | '));
  }

  private parameterOf(state: ApiState, parameter: number, count: number): ApiState {
    if (state === NO_API) return NO_API;
    const found = this.states[state];
    const at = key(parameter, count);
    let next = found.parameters.get(at);
    if (next === undefined) {
      next = this.collect(found.nodes, (node, add) => {
        for (const edge of node.parameters) {
          const fits = count === UNKNOWN_COUNT ? edge.count.from === 0 : isInSpan(edge.count, count, count);
          if (fits && parameter >= edge.span.from && parameter <= edge.span.to) add(edge.target);
        }
      });
      found.parameters.set(at, next);
    }
    return next;
  }

  /** `lodash/merge` and `lodash/merge.js` are `Member[merge]` of lodash, unless a model names them as they are. */
  private findPackage(specifier: string): ApiState {
    const exact = this.network.reach(specifier);
    if (exact !== undefined) return this.intern([exact]);
    const parts = specifier.replace(/\.(?:[cm]?js|json)$/, '').split('/');
    const nameLength = specifier.startsWith('@') ? 2 : 1;
    for (let length = parts.length - 1; length >= nameLength; length--) {
      const root = this.network.reach(parts.slice(0, length).join('/'));
      if (root !== undefined) return this.member(this.intern([root]), parts[parts.length - 1]);
    }
    const trimmed = parts.join('/');
    return trimmed === specifier ? NO_API : this.findPackage(trimmed);
  }

  private collect(nodes: readonly ApiNode[], visit: (node: ApiNode, add: (target: ApiNode) => void) => void): ApiState {
    const targets: ApiNode[] = [];
    const add = (target: ApiNode): void => {
      targets.push(target);
    };
    for (const node of nodes) visit(node, add);
    return targets.length === 0 ? NO_API : this.intern(targets);
  }

  private intern(nodes: readonly ApiNode[]): ApiState {
    const closed = new Set<ApiNode>(nodes);
    for (const node of closed) for (const other of node.also) closed.add(other);
    // Places that only stand for a type would make one state per way to it.
    const sorted = [...closed].filter((node) => !node.isAlias).sort((a, b) => a.id - b.id);
    if (sorted.length === 0) return NO_API;
    const identity = sorted.map(({ id }) => id).join();
    let state = this.ids.get(identity);
    if (state === undefined) {
      state = this.states.length as ApiState;
      this.states.push(record(sorted));
      this.ids.set(identity, state);
    }
    return state;
  }
}

/** Of a flow that hands on an element of an argument, where that comes to; of all others nothing. */
function handedOnBy({ from, to, derives, when }: FlowFacet): readonly HandedOn[] {
  if (derives || when !== undefined || from.root !== 'argument' || from.from !== from.to) return NOTHING;
  if (from.path.length !== 1 || from.path[0] !== ELEMENT) return NOTHING;
  return destinations(to).map((destination) => ({ from: from.from, to: destination }));
}

function destinations(to: ModelPlace): readonly HandedOn['to'][] {
  if (to.root === 'return') return to.path.length === 0 ? ['result'] : [];
  if (to.root !== 'argument' || to.path.length !== 1) return [];
  for (let parameter = 0; parameter < MAX_PARAMETERS; parameter++)
    if (to.path[0] === argumentComponent(parameter)) return [{ argument: to.from, parameter }];
  return [];
}

const record = (nodes: readonly ApiNode[]): StateRecord => ({
  nodes,
  members: new Map(),
  arguments: new Map(),
  parameters: new Map(),
  element: undefined,
  returnValue: undefined,
  instance: undefined,
  handedOn: undefined,
  description: nodes.length === 0 ? 'nothing known' : undefined,
});

/**
 * What is worked out of a function's code, its links and the models alone, and so is the same for every question about the function:
 * which functions and models a call meets, which API a value is, what keys are. Kept as long as the function's graph is at hand and its links stay.
 */
import type { NodeId } from '../model/graph';
import { fileOf, type ApiState, type FunctionId } from '../model/ids';
import type { CallTarget, FunctionLinks } from '../model/links';
import type { CallModel, ModelView } from '../model/summary';
import type { ComponentId, PathId, PathTable } from './accessPaths';
import type { Site } from './calleeOutputs';
import type { Certainty } from './dispatch';
import type { FunctionBody, SolverEnvironment } from './environment';
import { indexFlow, type FlowIndex } from './flowIndex';

/** A function that is called, imported, made or handed a value somewhere. */
export interface CallSite {
  readonly site: Site;
  readonly callee: FunctionId;
  /** Number of the site in its function; -1 for one that comes about while a question is followed. */
  readonly number: number;
}

/** What a Call, New, Import or accessor node meets. */
export interface CallFacts {
  /** See `FunctionView.targets`. */
  readonly targets: readonly CallTarget[];
  /** The functions among them. */
  readonly sites: readonly CallSite[];
  /** Of a call: see `modelsOf` and `shiftOf`. */
  readonly models: readonly CallModel[];
  readonly shift: 0 | 1;
  /** Of a call: the arguments of the models stand in a list, the second argument. */
  readonly isApplied: boolean;
  /** How sure it is that one of the functions is called that linking names. */
  readonly certainty: Certainty;
}

/** Functions that a write to `(n)` of a value calls. */
export interface GivenCall {
  readonly functions: readonly FunctionId[];
  readonly parameter: number;
  /** Leads from the value to the function. */
  readonly prefix: readonly ComponentId[];
  /** Where in the argument it lies. */
  readonly rest: PathId;
}

/** Components and harmless kinds of the property names of one file, by string; -1 where they were not asked for. */
interface Names {
  readonly paths: PathTable;
  readonly components: Int32Array;
  readonly removes: Int32Array;
}

const names = new WeakMap<readonly string[], Names>();
const NOT_ASKED = -1;

export class CodeView {
  readonly index: FlowIndex;
  readonly links: FunctionLinks;
  private readonly strings: readonly string[];
  private readonly names: Names;
  private readonly models: ModelView;
  /** The function and those around it, as numbers of owners; see `FunctionView.encloses`. */
  enclosing: readonly number[] | undefined;
  /** By node. */
  apiStates: readonly (readonly ApiState[])[] | undefined;
  chosenWrites: Map<NodeId, boolean> | undefined;
  givenKeys: Map<NodeId, boolean> | undefined;
  constantKeys: Map<NodeId, ComponentId> | undefined;
  /** By node. */
  readonly calls: (CallFacts | undefined)[] = [];
  accessors: Map<NodeId, readonly CallSite[]> | undefined;
  givenCalls: Map<number, GivenCall | undefined> | undefined;
  /** By sink: the kind that was asked about, and whether it is settled; see `FunctionView.isSettled`. */
  settled: Map<NodeId, number> | undefined;
  /** The texts that values may be, by node and depth; see `strings.ts`. */
  shownTexts: Map<number, readonly string[]> | undefined;
  /** What linking said of a path of a node's value. */
  functionsAt: Map<number, readonly FunctionId[]> | undefined;
  /** Bodies of the functions around this one, by index in the file. */
  readonly around = new Map<number, FunctionBody>();
  /** All calls, imports and closures. */
  sites: readonly CallSite[] | undefined;
  /** Calls that the models see sources in. */
  sourceCalls: readonly NodeId[] | undefined;
  /** Reads of properties whose value is an API's. */
  apiLoads: readonly NodeId[] | undefined;
  /** Sites that were numbered. */
  siteCount = 0;

  constructor(
    { id, graph, strings }: FunctionBody,
    environment: SolverEnvironment,
    /** What the links were read from. */
    readonly version: object | undefined,
    /** Of the same graph, when it is known already. */
    index: FlowIndex | undefined,
  ) {
    this.index = index ?? indexFlow(graph);
    this.links = environment.links.linksOf(id);
    this.models = environment.models;
    let known = names.get(strings);
    if (known?.paths !== environment.paths) {
      known = {
        paths: environment.paths,
        components: new Int32Array(strings.length).fill(NOT_ASKED),
        removes: new Int32Array(strings.length).fill(NOT_ASKED),
      };
      names.set(strings, known);
    }
    this.names = known;
    this.strings = strings;
  }

  get paths(): PathTable {
    return this.names.paths;
  }

  /** The component of a property whose name is a string of the file. */
  property(name: number): ComponentId {
    const known = this.names.components[name];
    if (known !== NOT_ASKED) return known;
    return (this.names.components[name] = this.names.paths.property(this.strings[name]));
  }

  /** Kinds that reading a property makes harmless. */
  loadRemoves(name: number): number {
    const known = this.names.removes[name];
    if (known !== NOT_ASKED) return known;
    return (this.names.removes[name] = this.models.loadRemoves(this.strings[name]));
  }
}

export function codeViewOf(body: FunctionBody, environment: SolverEnvironment): CodeView {
  const version = environment.links.linkVersionOf(fileOf(body.id));
  const known = body.code;
  if (known !== undefined && version !== undefined && known.version === version && known.paths === environment.paths)
    return known;
  const view = new CodeView(body, environment, version, known?.index);
  body.code = view;
  return view;
}

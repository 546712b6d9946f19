/**
 * Compiles model documents: YAML data in, the automaton over API paths and the view of the solver out. A broken entry
 * costs only itself: it is left out and reported in `problems`.
 */
import { createHash } from 'node:crypto';
import { NO_API, type ApiState } from '../../model/ids';
import type { ApiAutomaton } from '../../model/links';
import type {
  CallModel,
  KindSet,
  ModelCondition,
  ModelGuard,
  ModelView,
  Rule,
  StoreSink,
  ValueSource,
} from '../../model/summary';
import { Automaton } from './automaton';
import {
  closest,
  textsOf,
  type ApiDocument,
  type FlowDocument,
  type GuardDocument,
  type ModelDocument,
  type ModelProblem,
} from './document';
import { callModelOf, storeSinksOf, valueSourcesOf } from './effects';
import { Network, type ApiNode, type FlowFacet } from './network';
import { PathSyntaxError, parsePath } from './pathGrammar';
import { parseCondition, parseFlow, parsePlaces, type ParsedFlow } from './places';
import { UnknownKindError, Vocabulary } from './vocabulary';

export interface CompiledModels extends ApiAutomaton, ModelView {
  readonly hash: string;
  readonly rules: readonly Rule[];
  readonly sinkKinds: readonly string[];
  readonly sourceKinds: readonly string[];
  /** What could not be compiled, and was left out. */
  readonly problems: readonly ModelProblem[];
  passesThrough(state: ApiState): number;
}

/** Later documents add to earlier ones; a rule with the same id is replaced. Never throws for what documents say. */
export function compileModels(documents: readonly ModelDocument[]): CompiledModels {
  const hash = createHash('sha256').update(JSON.stringify(documents)).digest('hex').slice(0, 32);
  const compiler = new Compiler(new Vocabulary(documents));
  for (const document of documents) compiler.declareTypes(document);
  for (const document of documents) compiler.add(document);
  return new Models(compiler.network, compiler.vocabulary, hash, compiler.problems);
}

/** The name that stands for the global object in `type`. */
const GLOBAL_TYPE = 'global';
const NO_PROPERTIES: readonly StoreSink[] = [];

class Compiler {
  readonly network = new Network();
  readonly problems: ModelProblem[] = [];
  private readonly types = new Map<string, ApiNode>([[GLOBAL_TYPE, this.network.globalObject]]);

  constructor(readonly vocabulary: Vocabulary) {}

  declareTypes(document: ModelDocument): void {
    for (const name of Object.keys(document.types ?? {})) {
      const fullName = qualified(name, document);
      if (!this.types.has(fullName))
        this.types.set(fullName, this.network.root(fullName, fullName.slice(fullName.lastIndexOf('.') + 1)));
    }
  }

  add(document: ModelDocument): void {
    const root = this.network.root(document.library, document.library);
    for (const name of document.packages ?? []) this.network.package(name).also.push(root);
    for (const name of document.globals ?? []) this.network.member(this.network.globalObject, name).also.push(root);
    for (const [name, type] of Object.entries(document.types ?? {})) {
      const node = this.type(qualified(name, document), document);
      const at = ['types', name];
      this.guarded(document, [...at, 'extends'], () => {
        for (const base of textsOf(type.extends)) node.also.push(this.type(base, document));
      });
      for (const [index, path] of textsOf(type.at).entries()) {
        this.guarded(document, [...at, 'at', index], () => {
          for (const place of this.network.follow(root, parsePath(path))) place.also.push(node);
        });
      }
      this.addApis(document, node, type.apis, [...at, 'apis']);
    }
    this.addApis(document, root, document.apis, ['apis']);
    this.addApis(document, this.network.globalObject, document.globalApis, ['globalApis']);
    this.addApis(document, this.network.unknownValue, document.methods, ['methods']);
  }

  private addApis(
    document: ModelDocument,
    root: ApiNode,
    apis: readonly ApiDocument[] | undefined,
    at: readonly (string | number)[],
  ): void {
    for (const [index, api] of (apis ?? []).entries()) {
      const paths = textsOf(api.path);
      for (const [position, path] of paths.entries()) {
        const where = typeof api.path === 'string' ? [...at, index, 'path'] : [...at, index, 'path', position];
        this.guarded(document, where, () => {
          for (const node of this.network.follow(root, parsePath(path)))
            this.addFacets(document, node, api, [...at, index]);
          this.markCalls(root, path);
        });
      }
    }
  }

  /** Whatever a path calls on its way is an API of which a model speaks. */
  private markCalls(root: ApiNode, path: string): void {
    const steps = parsePath(path);
    for (const [index, { kind }] of steps.entries()) {
      if (kind !== 'argument' && kind !== 'return' && kind !== 'instance' && kind !== 'receiver') continue;
      for (const node of this.network.follow(root, steps.slice(0, index))) node.isModelled = true;
    }
  }

  private addFacets(document: ModelDocument, node: ApiNode, api: ApiDocument, at: readonly (string | number)[]): void {
    const facet = (name: string, add: () => void): void => {
      this.guarded(document, [...at, name], add);
    };
    const label = (api.label ?? node.shownName).replaceAll('{name}', node.lastName);
    let when: readonly ModelCondition[] = [];
    facet('when', () => {
      if (api.when !== undefined) when = parseCondition(api.when);
    });
    facet('type', () => {
      for (const name of textsOf(api.type)) node.also.push(this.type(name, document));
    });
    facet('source', () => {
      if (api.source !== undefined)
        node.sources.push({ kinds: this.vocabulary.sourceKindsOf(api.source), label, when });
    });
    facet('sink', () => {
      for (const name of textsOf(api.sink)) node.sinks.push({ kind: this.vocabulary.sinkKindsOf(name), label, when });
    });
    facet('flow', () => {
      for (const flow of listOf(api.flow)) node.flows.push(...this.flowsOf(flow, api));
      if (api.flow !== undefined) node.isModelled = true;
    });
    facet('removes', () => {
      if (api.removes !== undefined && api.flow === undefined && api.guard === undefined)
        node.readRemoves |= this.vocabulary.sinkKindsOf(api.removes);
    });
    facet('guard', () => {
      for (const guard of listOf(api.guard)) node.guards.push(...this.guardsOf(guard, api));
    });
    if (api.passesThrough !== undefined) {
      node.passesThrough = api.passesThrough;
      const place = { root: 'argument' as const, from: api.passesThrough, to: api.passesThrough, path: [] };
      node.flows.push({
        from: place,
        to: { root: 'return', path: [] },
        removes: 0,
        derives: false,
        constructOnly: false,
      });
    }
  }

  private flowsOf(flow: string | FlowDocument, api: ApiDocument): FlowFacet[] {
    if (flow === 'none') return [];
    const removes =
      this.vocabulary.sinkKindsOf(api.removes) |
      (typeof flow === 'string' ? 0 : this.vocabulary.sinkKindsOf(flow.removes));
    const parsed: ParsedFlow =
      typeof flow === 'string'
        ? parseFlow(flow)
        : {
            from: textsOf(flow.from).flatMap(parsePlaces),
            to: textsOf(flow.to).flatMap(parsePlaces),
            derives: flow.same !== true,
          };
    return parsed.from.flatMap((from) =>
      parsed.to.map((to) => ({
        from: from.place,
        to: to.place,
        removes,
        derives: parsed.derives,
        constructOnly: from.constructOnly || to.constructOnly,
      })),
    );
  }

  private guardsOf(guard: string | GuardDocument, api: ApiDocument): ModelGuard[] {
    const document: GuardDocument = typeof guard === 'string' ? { at: guard } : guard;
    const removes = this.vocabulary.sinkKindsOf(document.removes ?? api.removes ?? 'all');
    const conditions = document.when === undefined ? [undefined] : parseCondition(document.when);
    return parsePlaces(document.at).flatMap(({ place }) =>
      conditions.map((when): ModelGuard => ({
        at: place,
        removes,
        whenTrue: document.result ?? true,
        ...(document.constantReceiver === undefined ? {} : { constantReceiver: document.constantReceiver }),
        ...(document.constantArgument === undefined ? {} : { constantArgument: document.constantArgument }),
        ...(when === undefined ? {} : { when }),
      })),
    );
  }

  /** Throws `PathSyntaxError` when no document declares it. */
  private type(name: string, document: ModelDocument): ApiNode {
    const found = this.types.get(qualified(name, document));
    if (found !== undefined) return found;
    const near = closest(qualified(name, document), this.types.keys());
    throw new PathSyntaxError(
      `There is no type "${name}".`,
      `${near === undefined ? '' : `Did you mean "${near}"? `}Declare it under "types", or name a type of another library as library.Type.`,
    );
  }

  /** Runs a part; what is wrong in it is reported and costs only this part. */
  private guarded(document: ModelDocument, at: readonly (string | number)[], run: () => void): void {
    try {
      run();
    } catch (error) {
      if (!(error instanceof PathSyntaxError) && !(error instanceof UnknownKindError)) throw error;
      this.problems.push({ document: document.library, at, message: error.message, hint: error.hint });
    }
  }
}

const qualified = (name: string, document: ModelDocument): string =>
  name.includes('.') || name === GLOBAL_TYPE ? name : `${document.library}.${name}`;

const listOf = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T];

class Models extends Automaton implements CompiledModels {
  private readonly callModels = new Map<number, CallModel>();
  private readonly sources = new Map<ApiState, readonly ValueSource[]>();
  private readonly stores = new Map<ApiState, readonly StoreSink[]>();
  private readonly readRemoves = new Map<string, KindSet>();

  constructor(
    network: Network,
    private readonly vocabulary: Vocabulary,
    hash: string,
    readonly problems: readonly ModelProblem[],
  ) {
    super(network, hash);
    for (const [name, node] of network.unknownValue.members)
      if (node.readRemoves !== 0) this.readRemoves.set(name, node.readRemoves);
  }

  get rules(): readonly Rule[] {
    return this.vocabulary.rules;
  }

  get sinkKinds(): readonly string[] {
    return this.vocabulary.sinkKinds;
  }

  get sourceKinds(): readonly string[] {
    return this.vocabulary.sourceKinds;
  }

  get allKinds(): KindSet {
    return this.vocabulary.allKinds;
  }

  callModel(state: ApiState, construct: boolean): CallModel {
    const key = state * 2 + (construct ? 1 : 0);
    let model = this.callModels.get(key);
    if (model === undefined) this.callModels.set(key, (model = callModelOf(this.nodesOf(state), construct)));
    return model;
  }

  methodModel(name: string): CallModel | undefined {
    const state = this.anyMember(name);
    if (state === NO_API) return undefined;
    const model = this.callModel(state, false);
    return model.known ? model : undefined;
  }

  valueSources(state: ApiState): readonly ValueSource[] {
    let sources = this.sources.get(state);
    if (sources === undefined) this.sources.set(state, (sources = valueSourcesOf(this.nodesOf(state))));
    return sources;
  }

  storeSinks(state: ApiState, property: string): readonly StoreSink[] {
    return this.sinksAt(this.member(state, property), property);
  }

  storeSinksByName(property: string): readonly StoreSink[] {
    return this.sinksAt(this.anyMember(property), property);
  }

  loadRemoves(property: string): KindSet {
    return this.readRemoves.get(property) ?? 0;
  }

  prefixRemoves(prefix: string): KindSet {
    return this.vocabulary.prefixRemoves(prefix);
  }

  kindBit(name: string): KindSet {
    return this.vocabulary.kindBit(name);
  }

  kindName(kind: KindSet): string {
    return this.vocabulary.kindName(kind);
  }

  sourceKindBit(name: string): number {
    return this.vocabulary.sourceKindBit(name);
  }

  rulesFor(sourceKinds: number, sinkKind: KindSet): readonly Rule[] {
    return this.vocabulary.rulesFor(sourceKinds, sinkKind);
  }

  private sinksAt(state: ApiState, property: string): readonly StoreSink[] {
    if (state === NO_API) return NO_PROPERTIES;
    let sinks = this.stores.get(state);
    if (sinks === undefined) this.stores.set(state, (sinks = storeSinksOf(this.nodesOf(state), property)));
    return sinks;
  }
}

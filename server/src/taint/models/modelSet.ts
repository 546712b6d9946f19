/**
 * The compiled models as linking and solving ask them: the automaton, and what is said of its states, each answer made
 * once.
 */
import { NO_API, type ApiState } from '../../model/ids';
import type { ApiAutomaton, ExportConvention } from '../../model/links';
import type { CallModel, KindSet, MatchedKinds, ModelView, Rule, StoreSink, ValueSource } from '../../model/summary';
import { Automaton } from './automaton';
import type { ModelCallEffects } from './callEffects';
import type { CompileProblem } from './document';
import { callModelOf, storeSinksOf, valueSourcesOf } from './effects';
import type { Footprint } from './footprint';
import type { Network } from './network';
import type { Vocabulary } from './vocabulary';

/** Files that serve to develop a program, and the source kinds that don't count there. */
export interface Development {
  readonly isAbout: (path: string) => boolean;
  readonly uncounted: number;
}

export interface CompiledModels extends ApiAutomaton, ModelView {
  readonly hash: string;
  readonly conventions: readonly ExportConvention[];
  readonly development: readonly Development[];
  /** By document, what it speaks of. */
  readonly footprints: readonly Footprint[];
  readonly rules: readonly Rule[];
  readonly sinkKinds: readonly string[];
  readonly sourceKinds: readonly string[];
  /** What could not be compiled, and was left out. */
  readonly problems: readonly CompileProblem[];
  /** What calls do to objects as such; see `callEffects.ts`. */
  readonly callEffects: ModelCallEffects;
  passesThrough(state: ApiState): number;
  replacementRemoves(pattern: string, isRegex: boolean, by: string | undefined): KindSet;
  splitRemoves(pattern: string, isRegex: boolean): KindSet;
  /** Source kinds that count in these threat models. */
  sourceKindsIn(threatModels: readonly string[]): number;
  /** Source kinds that don't count in the file at this path below its root; 0 for files that don't just serve to develop the program. */
  uncountedIn(path: string): number;
  /** Threat models in which one of these source kinds counts. */
  threatModelsOf(sourceKinds: number): readonly string[];
}

const NO_PROPERTIES: readonly StoreSink[] = [];

export class ModelSet extends Automaton implements CompiledModels {
  readonly conventions: readonly ExportConvention[];
  readonly settlements: Vocabulary['settled'];
  readonly development: readonly Development[];
  private readonly callModels = new Map<number, CallModel>();
  private sourcesByMethod: Map<string, readonly number[]> | undefined;
  private readonly sources = new Map<ApiState, readonly ValueSource[]>();
  private readonly stores = new Map<ApiState, readonly StoreSink[]>();
  private readonly readRemoves = new Map<string, KindSet>();
  /** By path. */
  private readonly uncounted = new Map<string, number>();
  private readonly ofCollections = new Set<string>();
  private readonly limits = new Map<string, KindSet>();
  private readonly decides = new Map<string, KindSet>();

  constructor(
    network: Network,
    private readonly vocabulary: Vocabulary,
    private readonly documents: Pick<CompiledModels, 'hash' | 'conventions' | 'development'> & {
      readonly footprints: () => readonly Footprint[];
    },
    readonly problems: readonly CompileProblem[],
    readonly callEffects: ModelCallEffects,
  ) {
    super(network, documents.hash);
    this.conventions = documents.conventions;
    this.settlements = vocabulary.settled;
    this.development = documents.development;
    for (const [name, node] of network.unknownValue.members) {
      if (node.readRemoves !== 0) this.readRemoves.set(name, node.readRemoves);
      if (node.ofCollections) this.ofCollections.add(name);
      if (node.limits !== 0) this.limits.set(name, node.limits);
      if (node.decides !== 0) this.decides.set(name, node.decides);
    }
  }

  get footprints(): readonly Footprint[] {
    return this.documents.footprints();
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

  get methodSources(): ReadonlyMap<string, readonly number[]> {
    if (this.sourcesByMethod === undefined) {
      this.sourcesByMethod = new Map();
      for (const name of this.methodNames()) {
        const sources = this.methodModel(name)?.sources ?? [];
        if (sources.length > 0)
          this.sourcesByMethod.set(
            name,
            sources.map(({ kinds }) => kinds),
          );
      }
    }
    return this.sourcesByMethod;
  }

  valueSources(state: ApiState): readonly ValueSource[] {
    let sources = this.sources.get(state);
    if (sources === undefined) this.sources.set(state, (sources = valueSourcesOf(this.nodesOf(state))));
    return sources;
  }

  describes(state: ApiState, path: readonly string[]): boolean {
    let at = state;
    for (const name of path) {
      at = this.member(at, name);
      if (at === NO_API) return false;
      // What lies in a source came in with it.
      if (this.valueSources(at).some((source) => source.path.length === 0)) return true;
    }
    return true;
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

  isOfCollections(property: string): boolean {
    return this.ofCollections.has(property);
  }

  limitRemoves(property: string): KindSet {
    return this.limits.get(property) ?? 0;
  }

  decidedBy(property: string): KindSet {
    return this.decides.get(property) ?? 0;
  }

  isOfType(state: ApiState, type: string): boolean {
    return this.nodesOf(state).some(({ description }) => description === type);
  }

  prefixRemoves(prefix: string, afterUnknown?: boolean): KindSet {
    return this.vocabulary.prefixRemoves(prefix, afterUnknown);
  }

  replacementRemoves(pattern: string, isRegex: boolean, by: string | undefined): KindSet {
    return this.vocabulary.replacementRemoves(pattern, isRegex, by);
  }

  quotedRemoves(quote: string, pattern: string, isRegex: boolean, by: string): KindSet {
    return this.vocabulary.quotedRemoves(quote, pattern, isRegex, by);
  }

  splitRemoves(pattern: string, isRegex: boolean): KindSet {
    return this.vocabulary.splitRemoves(pattern, isRegex);
  }

  patternRemoves(pattern: string, holds: boolean): KindSet {
    return this.vocabulary.patternRemoves(pattern, holds);
  }

  matched(pattern: string): MatchedKinds | undefined {
    return this.vocabulary.matched(pattern);
  }

  beginningRemoves(prefix: string): KindSet {
    return this.vocabulary.beginningRemoves(prefix);
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

  sourceKindsIn(threatModels: readonly string[]): number {
    return this.vocabulary.sourceKindsIn(threatModels);
  }

  uncountedIn(path: string): number {
    let kinds = this.uncounted.get(path);
    if (kinds === undefined) {
      kinds = 0;
      for (const { isAbout, uncounted } of this.development) if (isAbout(path)) kinds |= uncounted;
      this.uncounted.set(path, kinds);
    }
    return kinds;
  }

  threatModelsOf(sourceKinds: number): readonly string[] {
    return this.vocabulary.threatModelsOf(sourceKinds);
  }

  rulesFor(sourceKinds: number, sinkKind: KindSet, kinds?: KindSet): readonly Rule[] {
    return this.vocabulary.rulesFor(sourceKinds, sinkKind, kinds);
  }

  isAsked(ruleId: string, sourceKinds: number, name: string, functionName: string, parameter?: string): boolean {
    return this.vocabulary.isAsked(ruleId, sourceKinds, name, functionName, parameter);
  }

  get folderNames(): ReadonlySet<string> {
    return this.vocabulary.folderNames;
  }

  get stillKinds(): KindSet {
    return this.vocabulary.stillKinds;
  }

  companionsOf(kind: KindSet): KindSet {
    return this.vocabulary.companionsOf(kind);
  }

  private sinksAt(state: ApiState, property: string): readonly StoreSink[] {
    if (state === NO_API) return NO_PROPERTIES;
    let sinks = this.stores.get(state);
    if (sinks === undefined) this.stores.set(state, (sinks = storeSinksOf(this.nodesOf(state), property)));
    return sinks;
  }
}

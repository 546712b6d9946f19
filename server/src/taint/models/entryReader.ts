/** What an entry of a model document says, read once for all its places. */
import type {
  KindSet,
  ModelCheck,
  ModelCondition,
  ModelGuard,
  ModelPlace,
  ModelSchema,
  ModelSource,
  ModelStore,
  ModelStoredName,
  SchemaPlace,
} from '../../model/summary';
import {
  textsOf,
  type ApiDocument,
  type CheckDocument,
  type ConditionDocument,
  type FlowDocument,
  type GuardDocument,
  type RetrievesDocument,
  type SchemaDocument,
  type StoresDocument,
} from './document';
import type { ApiNode, FlowFacet } from './network';
import { parseCondition, parseFlow, parsePlaces, type ParsedFlow } from './places';
import type { Vocabulary } from './vocabulary';

/** The kind of source that what was kept outside of the program is. No threat model has it: what it is made of counts. */
const STORED = 'stored';

const NOTHING: readonly never[] = [];

/** What one entry says of each of its places. */
export interface Facets {
  readonly when: readonly ModelCondition[];
  readonly types: readonly ApiNode[];
  readonly source: number;
  readonly sourceRemoves: number;
  readonly sinks: readonly KindSet[];
  readonly flows: readonly FlowFacet[];
  readonly readRemoves: KindSet;
  readonly limits: KindSet;
  readonly decides: KindSet;
  readonly guards: readonly ModelGuard[];
  readonly schema: ModelSchema | undefined;
  readonly checks: readonly ModelCheck[];
  readonly tidy: KindSet;
  readonly withoutPrototype: ModelCondition | undefined;
  readonly listsKeysOf: ModelPlace | undefined;
  readonly listsEntriesOf: ModelPlace | undefined;
  readonly stores: readonly ModelStore[];
  readonly retrieves: readonly ModelSource[];
  readonly isModelled: boolean;
}

/** What reading an entry of the document that is being compiled needs. */
export interface EntryHost {
  readonly vocabulary: Vocabulary;
  /** Throws `UnknownNameError` when no document declares it. */
  type(name: string): ApiNode;
  /** Runs a part; what is wrong in it is reported and costs only this part. */
  guarded(at: readonly (string | number)[], run: () => void): void;
}

export class EntryReader {
  constructor(private readonly host: EntryHost) {}

  /** What an entry says, read once for all its places. */
  read(api: ApiDocument, at: readonly (string | number)[]): Facets {
    const { vocabulary } = this.host;
    // Most entries say one or two of all these things.
    const read = <Name extends keyof ApiDocument, T, E>(
      name: Name,
      empty: E,
      make: (said: NonNullable<ApiDocument[Name]>) => T,
    ): T | E => {
      const said = api[name];
      if (said === undefined) return empty;
      let value: T | E = empty;
      this.host.guarded([...at, name], () => {
        value = make(said);
      });
      return value;
    };
    const kinds = (said: string | readonly string[]): KindSet => vocabulary.sinkKindsOf(said);
    const isRead = api.flow === undefined && api.guard === undefined && api.source === undefined;
    return {
      when: read('when', NOTHING, (when) => this.conditionsOf(when)),
      types: read('type', NOTHING, (types) => textsOf(types).map((name) => this.host.type(name))),
      source: read('source', 0, (source) => vocabulary.sourceKindsOf(source)),
      sinks: read('sink', NOTHING, (sinks) => textsOf(sinks).map(kinds)),
      flows: [
        ...read('flow', NOTHING, (flows) => listOf(flows).flatMap((flow) => this.flowsOf(flow, api))),
        ...structuralFlows(api),
      ],
      sourceRemoves: read('removes', 0, (removes) => (api.source === undefined ? 0 : kinds(removes))),
      readRemoves: read('removes', 0, (removes) => (isRead ? kinds(removes) : 0)),
      limits: read('limits', 0, kinds),
      decides: read('decides', 0, kinds),
      guards: read('guard', NOTHING, (guards) => listOf(guards).flatMap((guard) => this.guardsOf(guard, api))),
      schema: read('schema', undefined, (schema) => this.schemaOf(schema)),
      checks: read('checks', NOTHING, (checks) => listOf(checks).flatMap(checksOf)),
      listsKeysOf: read('listsKeysOf', undefined, onePlace),
      listsEntriesOf: read('listsEntriesOf', undefined, onePlace),
      stores: read('stores', NOTHING, (all) => listOf(all).flatMap((stores) => this.storesOf(stores))),
      retrieves: read('retrieves', NOTHING, (all) => listOf(all).flatMap((from) => this.retrievalsOf(from))),
      tidy: read('tidy', 0, kinds),
      withoutPrototype: read('withoutPrototype', undefined, (when) => this.conditionsOf(when).at(0)),
      isModelled:
        api.flow !== undefined ||
        api.inherits !== undefined ||
        api.schema !== undefined ||
        api.checks !== undefined ||
        api.joined !== undefined,
    };
  }

  private flowsOf(flow: string | FlowDocument, api: ApiDocument): FlowFacet[] {
    if (flow === 'none') return [];
    const removes =
      this.host.vocabulary.sinkKindsOf(api.removes) |
      (typeof flow === 'string' ? 0 : this.host.vocabulary.sinkKindsOf(flow.removes));
    const parsed: ParsedFlow =
      typeof flow === 'string'
        ? parseFlow(flow)
        : {
            from: textsOf(flow.from).flatMap(parsePlaces),
            to: textsOf(flow.to).flatMap(parsePlaces),
            derives: flow.same !== true,
          };
    const more: Partial<FlowDocument> = typeof flow === 'string' ? {} : flow;
    const conditions = more.when === undefined ? [undefined] : this.conditionsOf(more.when);
    return parsed.from.flatMap((from) =>
      parsed.to.flatMap((to) =>
        conditions.map((when) => ({
          from: from.place,
          to: to.place,
          removes,
          derives: parsed.derives,
          constructOnly: from.constructOnly || to.constructOnly,
          ...(more.restores === undefined ? {} : { restores: this.host.vocabulary.sinkKindsOf(more.restores) }),
          ...(more.behind === undefined ? {} : { behind: { ...more.behind, at: onePlace(more.behind.at) } }),
          ...(more.below === undefined
            ? {}
            : {
                below: {
                  at: onePlace(more.below.at),
                  removes: this.host.vocabulary.sinkKindsOf(more.below.removes),
                  ...(more.below.keepsTidy === true ? { keepsTidy: true as const } : {}),
                },
              }),
          ...(more.channel === undefined ? {} : { channel: more.channel }),
          ...(more.joins === undefined ? {} : { joins: more.joins }),
          ...(more.groups === undefined ? {} : { groups: onePlace(more.groups) }),
          ...(more.test === undefined ? {} : { test: more.test }),
          ...(more.replaces === undefined ? {} : { replaces: more.replaces }),
          ...(more.schema === undefined ? {} : { schema: schemaPlace(more.schema) }),
          ...(when === undefined ? {} : { when }),
        })),
      ),
    );
  }

  private guardsOf(guard: string | GuardDocument, api: ApiDocument): ModelGuard[] {
    const document: GuardDocument = typeof guard === 'string' ? { at: guard } : guard;
    const { pattern, prefix, test } = document;
    const isJudged = [pattern, prefix, test, document.schema].some((place) => place !== undefined);
    const removes = this.host.vocabulary.sinkKindsOf(document.removes ?? api.removes ?? (isJudged ? [] : 'all'));
    const conditions = document.when === undefined ? [undefined] : this.conditionsOf(document.when);
    return parsePlaces(document.at).flatMap(({ place }) =>
      conditions.map((when): ModelGuard => ({
        at: place,
        removes,
        result: document.result ?? true,
        ...(document.to === undefined ? {} : { to: document.to }),
        ...(document.asserts === true ? { asserts: true } : {}),
        ...(pattern === undefined ? {} : { pattern: onePlace(pattern) }),
        ...(prefix === undefined ? {} : { prefix: onePlace(prefix) }),
        ...(test === undefined ? {} : { test: onePlace(test) }),
        ...(document.constantReceiver === undefined ? {} : { constantReceiver: document.constantReceiver }),
        ...(document.constantArgument === undefined ? {} : { constantArgument: document.constantArgument }),
        ...(document.schema === undefined ? {} : { schema: schemaPlace(document.schema) }),
        ...(document.property === undefined ? {} : { property: document.property }),
        ...(document.keyOf === undefined ? {} : { keyOf: parsePlaces(document.keyOf)[0].place }),
        ...(when === undefined ? {} : { when }),
      })),
    );
  }

  private schemaOf(document: SchemaDocument): ModelSchema {
    const { like, fields, elements, either, constants, pattern, prefix, test, written, refines, named } = document;
    const { within, keys, when } = document;
    const places = { fields, elements, either, constants, pattern, prefix, test, written, refines, named };
    const condition = this.conditionsOf(when).at(0);
    const parsed = Object.entries(places).flatMap(([name, text]) =>
      text === undefined ? [] : [[name, onePlace(text)] as const],
    );
    return {
      removes: this.host.vocabulary.sinkKindsOf(document.removes),
      ...(like === undefined ? {} : { like: textsOf(like).map(onePlace) }),
      ...(within === undefined ? {} : { within: textsOf(within) }),
      ...(keys === undefined ? {} : { keys: new Map(Object.entries(keys)) }),
      ...(condition === undefined ? {} : { when: condition }),
      ...Object.fromEntries(parsed),
    };
  }

  private storesOf(document: StoresDocument): ModelStore[] {
    const name = this.storedName(document, document.in);
    return textsOf(document.value).flatMap((value) => parsePlaces(value).map(({ place }) => ({ at: place, name })));
  }

  private retrievalsOf(document: RetrievesDocument): ModelSource[] {
    const stored = this.storedName(document, document.from);
    const kinds = this.host.vocabulary.sourceKindsOf(STORED);
    return textsOf(document.to).flatMap((to) =>
      parsePlaces(to).map(({ place }) => ({ at: place, kinds, label: stored.medium.label, stored })),
    );
  }

  private storedName({ name, of }: StoresDocument | RetrievesDocument, medium: string): ModelStoredName {
    return {
      medium: this.host.vocabulary.medium(medium),
      at: name === CALLEE ? 'callee' : onePlace(name),
      ...(of === undefined ? {} : { of: textsOf(of).map((method) => (method === 'Self' ? '' : method)) }),
    };
  }

  private conditionsOf(when: ConditionDocument | undefined): readonly ModelCondition[] {
    if (when === undefined) return [];
    return parseCondition(when, (name) => this.host.type(name).description);
  }
}

/** Flows that follow from what is said of arguments as such. */
function structuralFlows({ passesThrough, copies }: ApiDocument): FlowFacet[] {
  const result: ModelPlace = { root: 'return', path: [] };
  const flows = passesThrough === undefined ? [] : [identity(passesThrough, passesThrough, result)];
  if (copies === undefined) return flows;
  const { from, to } = copies;
  flows.push(identity(from, Infinity, { root: 'argument', from: to, to, path: [] }), identity(to, Infinity, result));
  return flows;
}

/** The arguments themselves arrive. */
const identity = (from: number, last: number, to: ModelPlace): FlowFacet => ({
  from: { root: 'argument', from, to: last, path: [] },
  to,
  removes: 0,
  derives: false,
  constructOnly: false,
});

/** The function that is called. */
const CALLEE = 'Callee';

const checksOf = ({ at, schema, loose, merged }: CheckDocument): ModelCheck[] =>
  textsOf(at).flatMap((text) =>
    parsePlaces(text).map(({ place }) => ({
      at: place,
      schema: onePlace(schema),
      isLoose: loose === true,
      isMerged: merged === true,
    })),
  );

const schemaPlace = (path: string): SchemaPlace => (path === CALLEE ? 'callee' : onePlace(path));

const onePlace = (path: string): ModelPlace => parsePlaces(path)[0].place;

const listOf = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T];

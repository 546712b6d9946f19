/**
 * Compiles model documents: YAML data in, the automaton over API paths and the view of the solver out. A broken entry
 * costs only itself: it is left out and reported in `problems`.
 */
import { createHash } from 'node:crypto';
import { finish } from '../../base/steps';
import type { ExportConvention } from '../../model/links';
import { CallEffects } from './callEffects';
import { readConvention, readGlobs } from './conventions';
import { closest, textsOf, type ApiDocument, type CompileProblem, type ModelDocument } from './document';
import { EntryReader, type EntryHost, type Facets } from './entryReader';
import { footprintOf, hashOf, type Footprint } from './footprint';
import { ModelSet, type CompiledModels, type Development } from './modelSet';
import { Network, type ApiNode } from './network';
import { PendingDocuments } from './pendingDocuments';
import { PathSyntaxError, parsePath, type PathStep } from './pathGrammar';
import { FROM_THE_END } from './places';
import { MAX_KINDS, UnknownNameError, Vocabulary } from './vocabulary';

/** Later documents add to earlier ones; a rule with the same id is replaced. Never throws for what documents say. */
export function compileModels(documents: readonly ModelDocument[]): CompiledModels {
  return prepareModels(documents)();
}

/**
 * Compiles once for several analyses: each call gives a set of its own, which shares with the others what the documents say, and nothing that was asked. What documents
 * with `isLazy` say of packages and types is compiled when it is asked for; what is wrong there is not told.
 */
export function prepareModels(
  documents: readonly ModelDocument[],
  isLazy?: (document: ModelDocument) => boolean,
): () => CompiledModels {
  return finish(prepareInSteps(documents, isLazy));
}

/** The same in small steps. */
export function* prepareInSteps(
  documents: readonly ModelDocument[],
  isLazy: (document: ModelDocument) => boolean = () => false,
): Generator<void, () => CompiledModels, undefined> {
  const compiler = new Compiler(documents);
  for (const index of documents.keys()) compiler.declareTypes(index);
  for (const [index, document] of documents.entries()) compiler.declareRoot(index, isLazy(document));
  for (const index of documents.keys()) {
    yield;
    compiler.add(index);
  }
  const { network, vocabulary, problems, effects, conventions, development } = compiler;
  const hash = createHash('sha256').update(documents.map(hashOf).join(' ')).digest('hex').slice(0, 32);
  let footprints: readonly Footprint[] | undefined;
  const said = { hash, footprints: () => (footprints ??= documents.map(footprintOf)), conventions, development };
  return () => new ModelSet(network, vocabulary, said, problems, effects.byName);
}

/** The name that stands for the global object in `type`. */
const GLOBAL_TYPE = 'global';

/** Entries with one root. */
interface Section {
  readonly root: ApiNode;
  readonly apis: readonly ApiDocument[] | undefined;
  readonly at: readonly (string | number)[];
}

class Compiler implements EntryHost {
  readonly network = new Network();
  readonly problems: CompileProblem[] = [];
  readonly effects = new CallEffects();
  readonly conventions: ExportConvention[] = [];
  readonly development: Development[] = [];
  /** Position of the document that is being compiled. */
  private index = 0;
  private readonly types = new Map<string, ApiNode>([[GLOBAL_TYPE, this.network.globalObject]]);
  readonly vocabulary: Vocabulary;
  private readonly reader = new EntryReader(this);
  /** By what stands for a convention, the types of what it hands to a file. */
  private readonly conventionTypes = new Map<string, readonly string[]>();
  /** By position of the document. */
  private readonly roots: ApiNode[] = [];
  private readonly lazy = new Set<number>();
  private readonly pending = new PendingDocuments((index) => {
    this.addPlaces(index);
  });

  constructor(private readonly documents: readonly ModelDocument[]) {
    this.vocabulary = new Vocabulary(documents);
    this.network.onReached = (name) => {
      for (const key of this.conventionTypes.get(name) ?? [packageKey(name)]) this.pending.want(key);
      this.pending.settle();
    };
  }

  private get document(): ModelDocument {
    return this.documents[this.index];
  }

  /** What other documents may name. */
  declareTypes(index: number): void {
    this.index = index;
    const { document } = this;
    for (const [name, medium] of Object.entries(document.media ?? {})) {
      this.guarded(['media', name], () => {
        this.vocabulary.addMedium(name, medium);
      });
    }
    for (const [name, type] of Object.entries(document.types ?? {})) {
      const fullName = this.qualified(name);
      if (this.types.has(fullName)) continue;
      // A type that the package itself is has no name for people.
      const ownName = textsOf(type.at).includes('Self')
        ? (document.label ?? document.library)
        : fullName.slice(fullName.lastIndexOf('.') + 1);
      this.types.set(fullName, this.network.root(fullName, type.label ?? ownName));
    }
  }

  /** The names by which programs come to what a document describes, and what linking is told of its calls. With `isLazy` the rest may wait for somebody who does. */
  declareRoot(index: number, isLazy: boolean): void {
    this.index = index;
    const { document } = this;
    const root = this.network.root(document.library, document.label ?? document.library);
    this.roots.push(root);
    for (const name of document.packages ?? []) this.network.package(name).isAlso(root);
    this.effects.addDocument(document);
    // The global object has whatever globals there are.
    if (!isLazy || (document.globals ?? []).length > 0) return;
    this.lazy.add(index);
    const types = Object.keys(document.types ?? {});
    this.pending.wait(index, [
      document.library,
      ...types.map((name) => this.qualified(name)),
      ...(document.packages ?? []).map(packageKey),
    ]);
  }

  /** Everything that may hold anywhere in a program, and the places of the document unless they wait. */
  add(index: number): void {
    const document = this.documents[index];
    this.index = index;
    if (!this.lazy.has(index)) {
      // It adds to what others say of the same library and the same types.
      this.pending.want(document.library);
      for (const name of Object.keys(document.types ?? {})) this.pending.want(this.qualified(name));
      this.pending.settle();
      this.addPlaces(index);
    }
    this.begin(index, 1);
    this.addVocabulary(document);
    const { globalObject, unknownValue } = this.network;
    this.addApis({ root: globalObject, apis: document.globalApis, at: ['globalApis'] });
    this.addApis({ root: unknownValue, apis: document.methods, at: ['methods'] });
    const { development } = document;
    if (development !== undefined)
      this.guarded(['development', 'uncounted'], () => {
        const uncounted = this.vocabulary.sourceKindsOf(development.uncounted);
        this.development.push({ isAbout: readGlobs(development.files), uncounted });
      });
    for (const [position, convention] of (document.conventions ?? []).entries()) {
      this.guarded(['conventions', position], () => {
        const types = textsOf(convention.type);
        // No package has a blank in its name.
        const key = `${document.library} convention ${String(this.conventions.length)}`;
        this.network.package(key).isAlso(...types.map((name) => this.knownType(name)));
        this.conventionTypes.set(
          key,
          types.map((name) => this.qualified(name)),
        );
        this.conventions.push(readConvention(convention, key));
      });
    }
    this.pending.settle();
  }

  /** What a document says of its packages and types. */
  private addPlaces(index: number): void {
    this.begin(index, 0);
    const { document } = this;
    const root = this.roots[index];
    for (const name of document.globals ?? []) this.network.member(this.network.globalObject, name).isAlso(root);
    for (const [name, type] of Object.entries(document.types ?? {})) {
      const node = this.type(name);
      const at = ['types', name];
      if (type.shared === true) node.shared = this.qualified(name);
      if (type.namedOnly === true) node.namedOnly = true;
      this.guarded([...at, 'extends'], () => {
        for (const base of textsOf(type.extends)) node.isAlso(this.type(base));
      });
      for (const [index, path] of textsOf(type.at).entries()) {
        this.guarded([...at, 'at', index], () => {
          const steps = parsePath(path);
          for (const place of this.network.follow(root, steps)) place.isAlso(node);
        });
      }
      this.addApis({ root: node, apis: type.apis, at: [...at, 'apis'] });
    }
    this.addApis({ root, apis: document.apis, at: ['apis'] });
  }

  /** Nodes are numbered by document and part, whenever that is compiled. */
  private begin(index: number, part: 0 | 1): void {
    this.index = index;
    this.network.begin(2 * index + part + 1);
  }

  private addApis({ root, apis, at }: Section): void {
    for (const [index, api] of (apis ?? []).entries()) {
      const facets = this.reader.read(api, [...at, index]);
      for (const [position, path] of textsOf(api.path).entries()) {
        const where = typeof api.path === 'string' ? [...at, index, 'path'] : [...at, index, 'path', position];
        this.guarded(where, () => {
          const steps = parsePath(path);
          checkPositions(steps, path, api);
          for (const node of this.network.follow(root, steps)) this.apply(node, api, facets, isMember(steps.at(-1)));
        });
      }
    }
  }

  private apply(node: ApiNode, api: ApiDocument, facets: Facets, isRead: boolean): void {
    const { when } = facets;
    const label = (api.label ?? node.shownName).replaceAll('{name}', node.lastName);
    node.isAlso(...facets.types);
    if (facets.source !== 0)
      node.sources = [
        ...node.sources,
        {
          kinds: facets.source,
          label,
          when,
          removes: facets.sourceRemoves,
          isRead,
          isObject: api.isObject === true,
        },
      ];
    if (facets.sinks.length > 0)
      node.sinks = [
        ...node.sinks,
        ...facets.sinks.map((kind) => ({ kind, label, when, ofTexts: api.ofTexts === true })),
      ];
    node.flows = joined(node.flows, facets.flows);
    node.guards = joined(node.guards, facets.guards);
    if (facets.schema !== undefined) node.schemas = [...node.schemas, facets.schema];
    node.checks = joined(node.checks, facets.checks);
    node.readRemoves |= facets.readRemoves;
    if (api.ofCollections === true) node.ofCollections = true;
    node.limits |= facets.limits;
    node.decides |= facets.decides;
    if (facets.withoutPrototype !== undefined) node.withoutPrototype = facets.withoutPrototype;
    if (facets.listsKeysOf !== undefined) node.listsKeysOf = facets.listsKeysOf;
    if (facets.listsEntriesOf !== undefined) node.listsEntriesOf = facets.listsEntriesOf;
    node.stores = joined(node.stores, facets.stores);
    node.retrieves = joined(node.retrieves, facets.retrieves);
    if (api.joined !== undefined) node.joined = api.joined;
    if (api.begins !== undefined) node.begins = api.begins;
    if (api.clones === true) node.clones = true;
    node.tidy |= facets.tidy;
    if (facets.isModelled) node.isModelled = true;
    if (api.passesThrough !== undefined) node.passesThrough = api.passesThrough;
    const { copies } = api;
    if (copies !== undefined)
      node.copies = {
        from: copies.from,
        to: copies.to,
        isFirst: copies.first === true,
        isDeep: copies.deep === true,
      };
  }

  /** What is said of it counts from now on. Throws `UnknownNameError` when no document declares it. */
  type(name: string): ApiNode {
    const found = this.knownType(name);
    this.pending.want(this.qualified(name));
    return found;
  }

  private qualified(name: string): string {
    return name.includes('.') || name === GLOBAL_TYPE ? name : `${this.document.library}.${name}`;
  }

  private knownType(name: string): ApiNode {
    const found = this.types.get(this.qualified(name));
    if (found !== undefined) return found;
    const near = closest(this.qualified(name), this.types.keys());
    throw new UnknownNameError(
      `There is no type "${name}".`,
      `${near === undefined ? '' : `Did you mean "${near}"? `}Declare it under "types", or name a type of another library as library.Type.`,
    );
  }

  /** Kinds that rules and prefixes name, and patterns. */
  private addVocabulary(document: ModelDocument): void {
    for (const [index, rule] of (document.rules ?? []).entries()) {
      this.guarded(['rules', index, 'sources'], () => this.vocabulary.sourceKindsOf(rule.sources));
      this.guarded(['rules', index, 'sinks'], () => this.vocabulary.sinkKindsOf(rule.sinks));
      this.guarded(['rules', index, 'only'], () => {
        this.vocabulary.sinkKindsOf(Object.keys(rule.only ?? {}));
        this.vocabulary.sourceKindsOf(Object.values(rule.only ?? {}).flat());
      });
      this.guarded(['rules', index, 'asked'], () => {
        // A rule that replaces another one replaces this, too.
        if (this.vocabulary.rules.includes(rule)) this.vocabulary.addAsked(rule.id, rule.asked ?? { sources: [] });
      });
      this.guarded(['rules', index, 'unless'], () => {
        for (const [kind, { still, sources }] of Object.entries(rule.unless ?? {})) {
          this.vocabulary.sinkKindsOf([kind, still]);
          this.vocabulary.sourceKindsOf(sources);
        }
      });
    }
    for (const [index, prefix] of (document.prefixes ?? []).entries()) {
      this.guarded(['prefixes', index], () => {
        this.vocabulary.addPrefix(prefix);
      });
    }
    for (const [index, refused] of (document.refused ?? []).entries()) {
      this.guarded(['refused', index], () => {
        this.vocabulary.addRefused(refused);
      });
    }
    for (const [index, characters] of (document.characters ?? []).entries()) {
      this.guarded(['characters', index], () => {
        this.vocabulary.addCharacters(characters);
      });
    }
    for (const [index, settled] of (document.settled ?? []).entries()) {
      this.guarded(['settled', index], () => {
        this.vocabulary.addSettled(settled);
      });
    }
    if (this.vocabulary.surplusKinds.some((kind) => kind in (document.sinkKinds ?? {}))) {
      this.report(
        ['sinkKinds'],
        `There are more than ${String(MAX_KINDS)} sink kinds.`,
        'Use one of the kinds that are there already.',
      );
    }
  }

  /** Runs a part; what is wrong in it is reported and costs only this part. */
  guarded(at: readonly (string | number)[], run: () => void): void {
    try {
      run();
    } catch (error) {
      if (error instanceof PathSyntaxError) this.report(at, error.message, error.hint);
      else if (error instanceof UnknownNameError) this.report(at, error.message, error.hint, true);
      else if (error instanceof SyntaxError) this.report(at, 'This is not a regular expression.', error.message);
      else throw error;
    }
  }

  private report(at: readonly (string | number)[], message: string, hint: string, isReference = false): void {
    this.problems.push({ document: this.document.library, index: this.index, at, message, hint, isReference });
  }
}

/** Most of the time one of them is empty. */
function joined<T>(before: readonly T[], more: readonly T[]): readonly T[] {
  if (more.length === 0) return before;
  return before.length === 0 ? more : [...before, ...more];
}

/** What is said of an argument itself, by the call it is given to, needs its position. */
const isMember = (step: PathStep | undefined): boolean => step?.kind === 'member' || step?.kind === 'anyMember';

function checkPositions(steps: readonly PathStep[], path: string, api: ApiDocument): void {
  const ofCall = api.sink !== undefined || (api.source !== undefined && api.when !== undefined);
  const isFromTheEnd = steps.some((step, index) => {
    const isOutside = step.kind === 'argument' && step.span.from < 0;
    return (
      isOutside &&
      !steps
        .slice(index + 1)
        .some(({ kind }) => kind === 'argument' || (kind === 'parameter' && api.when === undefined))
    );
  });
  if (ofCall && isFromTheEnd) throw new PathSyntaxError(`"${path}" counts from the end.`, FROM_THE_END);
}

/** What leads to a document by the name of a package; no library and no type has a blank in its name. */
const packageKey = (name: string): string => `package ${name}`;

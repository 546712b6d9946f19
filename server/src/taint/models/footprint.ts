/**
 * Which APIs model documents speak of, and which of them are described otherwise than before: only code that has to do with these has to be looked at
 * again. Documents are compared as wholes.
 */
import { createHash } from 'node:crypto';
import { textsOf, type ApiDocument, type ModelDocument } from './document';
import { parsePath, PathSyntaxError } from './pathGrammar';

/** What one document may have a say in. Plain data, to be kept with the results that were made with it. */
export interface Footprint {
  readonly hash: string;
  readonly library: string;
  /** Libraries with types that the document says its own places are of. */
  readonly uses: readonly string[];
  readonly packages: readonly string[];
  /** Names of globals, and of methods and properties of values nobody knows. */
  readonly names: readonly string[];
  /** It declares kinds, rules, texts or conventions that may hold for all code, or speaks of any name. */
  readonly concernsAll: boolean;
}

/** What is described otherwise. */
export interface ApiChange {
  readonly packages: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
}

/** Tells a document from any other. */
export const hashOf = (document: ModelDocument): string =>
  createHash('sha256').update(JSON.stringify(document)).digest('hex').slice(0, 16);

export function footprintOf(document: ModelDocument): Footprint {
  const uses = new Set<string>();
  const names = new Set<string>(document.globals ?? []);
  let concernsAll = [
    document.sourceKinds,
    document.sinkKinds,
    document.kindGroups,
    document.rules,
    document.prefixes,
    document.characters,
    document.refused,
    document.settled,
    document.media,
    // Which files they are about, only looking at all of them tells.
    document.conventions,
    document.development,
  ].some((part) => part !== undefined);
  const use = (type: string): void => {
    const end = type.lastIndexOf('.');
    if (end > 0) uses.add(type.slice(0, end));
  };
  const types = Object.values(document.types ?? {});
  for (const type of types) for (const base of textsOf(type.extends)) use(base);
  for (const { type } of document.conventions ?? []) for (const name of textsOf(type)) use(name);
  const apis = [document.apis, document.globalApis, document.methods, ...types.map((type) => type.apis)];
  for (const api of apis.flatMap((list) => list ?? [])) {
    for (const type of [...textsOf(api.type), ...conditionTypes(api)]) use(type);
  }
  for (const api of [...(document.globalApis ?? []), ...(document.methods ?? [])]) {
    const first = firstNames(api);
    if (first === undefined) concernsAll = true;
    else for (const name of first) names.add(name);
  }
  uses.delete(document.library);
  return {
    hash: hashOf(document),
    library: document.library,
    uses: [...uses],
    packages: document.packages ?? [],
    names: [...names],
    concernsAll,
  };
}

/** Types that conditions of an entry ask for. */
function conditionTypes(api: ApiDocument): readonly string[] {
  const parts = [api, ...[api.flow, api.guard].flat()];
  return parts.flatMap((part) =>
    typeof part === 'object' && 'when' in part && part.when?.type !== undefined ? [part.when.type] : [],
  );
}

/** Properties that the paths of an entry start with; undefined when that may be any. Paths that can't be read say nothing. */
function firstNames(api: ApiDocument): readonly string[] | undefined {
  const found: string[] = [];
  for (const path of textsOf(api.path)) {
    try {
      const first = parsePath(path).at(0);
      if (first?.kind !== 'member') return undefined;
      found.push(...first.names);
    } catch (error) {
      if (!(error instanceof PathSyntaxError)) throw error;
    }
  }
  return found;
}

/** What two lists of documents say differently; undefined when that may be anything. */
export function changedApis(before: readonly Footprint[], now: readonly Footprint[]): ApiChange | undefined {
  const old = new Set(before.map(({ hash }) => hash));
  const current = new Set(now.map(({ hash }) => hash));
  const kept = (list: readonly Footprint[], others: ReadonlySet<string>): string =>
    list.flatMap(({ hash }) => (others.has(hash) ? [hash] : [])).join(' ');
  // Later documents add to earlier ones.
  if (kept(before, current) !== kept(now, old)) return undefined;
  const all = [...before, ...now];
  const changed = new Set([
    ...before.filter(({ hash }) => !current.has(hash)),
    ...now.filter(({ hash }) => !old.has(hash)),
  ]);
  for (let size = -1; size !== changed.size;) {
    size = changed.size;
    const libraries = new Set(Array.from(changed, ({ library }) => library));
    for (const document of all) if (document.uses.some((library) => libraries.has(library))) changed.add(document);
  }
  const packages = new Set<string>();
  const names = new Set<string>();
  for (const document of changed) {
    if (document.concernsAll) return undefined;
    for (const name of document.packages) packages.add(name);
    for (const name of document.names) names.add(name);
  }
  return { packages, names };
}

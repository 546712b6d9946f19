/**
 * What the linker keeps of each file: where its imports lead, what others can see of it, and its link results by
 * round. Small: results are packed, and rounds that gave the same share one.
 */
import { IntArray } from '../base/intArray';
import type { FileId } from '../model/ids';
import type { ApiAutomaton, ExportConvention } from '../model/links';
import { NO_API, hashKey } from '../model/ids';
import { IMPORT_KINDS } from '../model/skeleton';
import type { SkeletonImports } from '../model/skeleton';
import type { ImportTarget } from './fileIndex';
import type { FileVersion } from './fileLinker';
import type { ModuleResolver, PackageOfFile } from './host';
import { EMPTY } from './intSets';
import type { SetId } from './intSets';
import type { Content } from './reads';
import type { ValueTable } from './values';

const NO_RETURNS: readonly Content[] = [];

/** An import that leads nowhere. */
const NOWHERE = -1;

export class FileState {
  /** By import: `file * 2`, `number of a package * 2 + 1` (`ValueTable`), or `NOWHERE`. */
  targets: Int32Array = new Int32Array(0);
  /** Hashes of the paths that resolution asked for, sorted. */
  probes: Int32Array = new Int32Array(0);
  /** Positions of the conventions of the models by which a framework calls exports of the file. */
  conventions: readonly number[] = [];
  /** Hash of the folder of the package that the file is part of. */
  packageHash = 0;
  interfaceContent: Content = 0;
  argumentContent: Content = 0;
  /** What functions return, by group; none for nothing. See `Skeleton.returns`. */
  returns: readonly Content[] = NO_RETURNS;
  /** Results by round; the last one holds for all further rounds. */
  versions: FileVersion[] = [];
  /** Slots the file read in any round of any update: it is registered as their reader. */
  slots: SetId = EMPTY;

  constructor(
    readonly id: FileId,
    readonly path: string,
  ) {}

  version(round: number): FileVersion | undefined {
    return this.versions[Math.min(round, this.versions.length - 1)];
  }

  imports(values: ValueTable): ImportTarget[] {
    const found: ImportTarget[] = [];
    for (const packed of this.targets) {
      if (packed === NOWHERE) found.push(undefined);
      else if (packed % 2 === 0) found.push({ file: (packed / 2) as FileId });
      else found.push({ value: values.packageExports((packed - 1) / 2) });
    }
    return found;
  }

  /** Names of the packages imported, by import. */
  importNames(values: ValueTable): (string | undefined)[] {
    const names: (string | undefined)[] = [];
    for (const packed of this.targets) {
      const isPackage = packed !== NOWHERE && packed % 2 !== 0;
      names.push(isPackage ? values.packageName((packed - 1) / 2) : undefined);
    }
    return names;
  }
}

/** Hashes of all paths that the resolutions of one file asked for. */
const probed = new IntArray();

/** Hashes of paths that one resolution asked for; resolvers give the same list again for the same question. */
const hashesOf = new WeakMap<readonly string[], readonly number[]>();

/** Resolves all imports of a file, and who calls its exports by convention. True when any import now leads elsewhere, or others call. */
export function resolveImports(state: FileState, imports: SkeletonImports, context: ResolveContext): boolean {
  const { resolver, values, automaton, idOf } = context;
  const targets = new Int32Array(imports.specifiers.length).fill(NOWHERE);
  probed.length = 0;
  for (let i = 0; i < targets.length; i++) {
    const specifier = imports.specifiers[i];
    const kind = IMPORT_KINDS[imports.importKind[i]] === 'require' ? 'require' : 'import';
    const { resolution, probes: asked } = resolver.resolve(state.path, specifier, kind);
    noteProbes(asked);
    if (resolution.kind === 'file') {
      const file = idOf(resolution.path);
      if (file !== undefined) targets[i] = file * 2;
    } else if (resolution.kind === 'package') {
      const name = resolution.subpath === '' ? resolution.name : `${resolution.name}/${resolution.subpath}`;
      targets[i] = packageNumber(name, values, automaton) * 2 + 1;
    }
  }
  const owner = resolver.packageOf?.(state.path);
  if (owner !== undefined) noteProbes(owner.probes);
  const packageHash = owner?.directory === undefined ? 0 : pathHash(owner.directory);
  const conventions = owner === undefined ? [] : conventionsOf(state.path, imports.specifiers, owner, automaton);
  const isSame =
    targets.length === state.targets.length &&
    targets.every((target, i) => target === state.targets[i]) &&
    packageHash === state.packageHash &&
    conventions.length === state.conventions.length &&
    conventions.every((convention, i) => convention === state.conventions[i]);
  state.targets = targets;
  state.conventions = conventions;
  state.packageHash = packageHash;
  state.probes = distinct(probed);
  return !isSame;
}

function noteProbes(asked: readonly string[]): void {
  let hashes = hashesOf.get(asked);
  if (hashes === undefined) hashesOf.set(asked, (hashes = asked.map(pathHash)));
  for (let h = 0; h < hashes.length; h++) probed.push(hashes[h]);
}

const NO_CONVENTIONS: readonly number[] = [];

/** Conventions that hold for a file: its path is such a one, and it, or its package, uses what brings the convention. */
function conventionsOf(
  path: string,
  specifiers: readonly string[],
  { directory, dependencies }: PackageOfFile,
  { conventions = [] }: ApiAutomaton,
): readonly number[] {
  const brought = new Set(broughtByAll(conventions, dependencies));
  for (const specifier of specifiers)
    if (!specifier.startsWith('.')) for (const i of broughtBy(conventions, packageOf(specifier))) brought.add(i);
  if (brought.size === 0) return NO_CONVENTIONS;
  const relative = directory !== undefined && directory !== '' ? path.slice(directory.length + 1) : path;
  return [...brought].filter((i) => conventions[i].isAbout(relative)).sort((a, b) => a - b);
}

/** By name of a package: nearly all bring none, and the same ones are asked for again and again. */
const ofPackages = new WeakMap<readonly ExportConvention[], Map<string, readonly number[]>>();
/** By the dependencies of a package, which all its files share. */
const ofDependencies = new WeakMap<ReadonlySet<string>, readonly number[]>();

function broughtBy(conventions: readonly ExportConvention[], name: string): readonly number[] {
  let known = ofPackages.get(conventions);
  if (known === undefined) ofPackages.set(conventions, (known = new Map<string, readonly number[]>()));
  let found = known.get(name);
  if (found === undefined) {
    found = conventions.flatMap((convention, i) => (convention.isOf(name) ? [i] : []));
    known.set(name, found.length === 0 ? NO_CONVENTIONS : found);
  }
  return found;
}

function broughtByAll(conventions: readonly ExportConvention[], dependencies: ReadonlySet<string>): readonly number[] {
  let found = ofDependencies.get(dependencies);
  if (found === undefined) {
    found = [...new Set([...dependencies].flatMap((name) => broughtBy(conventions, name)))];
    ofDependencies.set(dependencies, found);
  }
  return found;
}

/** The package that a specifier is of. */
function packageOf(specifier: string): string {
  const first = specifier.indexOf('/');
  const end = specifier.startsWith('@') && first >= 0 ? specifier.indexOf('/', first + 1) : first;
  return end < 0 ? specifier : specifier.slice(0, end);
}

/** Sorted, each once. */
function distinct({ items, length }: IntArray): Int32Array {
  const sorted = items.subarray(0, length).sort();
  let count = 0;
  for (let i = 0; i < length; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) sorted[count++] = sorted[i];
  return sorted.slice(0, count);
}

/**
 * Number of a package that is not part of the workspace, or of a file in one. What it exports may be a value that was reached another way before
 * (`lodash/defaults` is a property of `lodash`, too), so the name is kept beside the value.
 */
export function packageNumber(name: string, values: ValueTable, automaton: ApiAutomaton): number {
  const known = values.packageNumber(name);
  if (known !== undefined) return known;
  const root = automaton.packageRoot(name);
  const value =
    root === NO_API ? values.unmodelled(name) : values.api(root, { step: 'package', from: -1, name, numbers: [] });
  return values.addPackage(name, value);
}

export interface ResolveContext {
  readonly resolver: ModuleResolver;
  readonly values: ValueTable;
  readonly automaton: ApiAutomaton;
  readonly idOf: (path: string) => FileId | undefined;
}

/** Notes what others see of the file; its imports count, because they read through it. */
export function noteInterface(state: FileState, skeleton: SkeletonImports, values: ValueTable): void {
  let imports = 17;
  const names = state.importNames(values);
  for (const [i, target] of state.targets.entries()) {
    const name = names[i];
    imports = (Math.imul(imports, 0x01000193) ^ (name === undefined ? target : hashKey(name))) >>> 0;
  }
  state.interfaceContent = content(skeleton.interfaceHash, imports);
  state.argumentContent = content(skeleton.argumentHash, imports);
  state.returns = skeleton.returns.length === 0 ? NO_RETURNS : skeleton.returns;
}

export const pathHash = (path: string): number => hashKey(path) | 0;

/** Never 0, which means that there is no such file. */
function content(hash: string, imports: number): Content {
  return parseInt(hash.slice(0, 8), 16) * 0x100000 + ((parseInt(hash.slice(8), 16) ^ imports) >>> 12) + 1;
}

/** Hashes of paths, made to look for many of them that are mostly not in it. */
export class ProbeSet {
  private readonly hashes = new Set<number>();
  /** Whether there is any with such low bits. */
  private readonly low = new Uint8Array(1 << 16);

  add(hash: number): void {
    this.hashes.add(hash);
    this.low[hash & 0xffff] = 1;
  }

  hasAny(probes: Int32Array): boolean {
    const { low, hashes } = this;
    for (let i = 0; i < probes.length; i++) if (low[probes[i] & 0xffff] === 1 && hashes.has(probes[i])) return true;
    return false;
  }
}

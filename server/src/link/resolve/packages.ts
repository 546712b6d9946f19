/**
 * Reads `package.json` through the host: which package a directory belongs to, its main file, and what its `exports`
 * and `imports` offer for a subpath under the conditions of an import or a require.
 */
import type { PackageOfFile, ResolutionHost } from '../host';
import { directoryOf } from './paths';
import { Probes } from './probes';

export interface Manifest {
  readonly name: string | undefined;
  readonly main: string | undefined;
  readonly module: string | undefined;
  readonly source: string | undefined;
  readonly types: string | undefined;
  readonly exports: unknown;
  readonly imports: unknown;
  /** Folders, or patterns of them, of the packages of a workspace. */
  readonly workspaces: readonly string[];
  /** Files of `bin`. */
  readonly bin: readonly string[];
  /** Names of packages it depends on, for whatever purpose. */
  readonly dependencies: readonly string[];
}

export interface PackageScope {
  readonly directory: string;
  readonly manifest: Manifest;
}

/** Conditions that hold. `source` leads to what was written rather than what was built. */
const CONDITIONS = {
  import: new Set(['source', 'import', 'module', 'node', 'default', 'development']),
  require: new Set(['source', 'require', 'node', 'default', 'development']),
  /** When nothing else fits: better the other form of a module than none. */
  any: new Set(['source', 'import', 'module', 'require', 'node', 'default', 'development', 'browser', 'production']),
};

type Conditions = keyof typeof CONDITIONS;

export class PackageReader {
  private readonly manifests = new Map<string, Manifest | undefined>();
  /** By the folder of the innermost package. */
  private readonly dependencies = new Map<string, Set<string>>();
  private readonly scopes = new Map<string, { scope: PackageScope | undefined; probes: readonly string[] }>();

  constructor(private readonly host: ResolutionHost) {}

  reset(): void {
    this.manifests.clear();
    this.scopes.clear();
    this.dependencies.clear();
  }

  read(directory: string, probes: Probes): Manifest | undefined {
    const path = `${directory}/package.json`;
    if (this.manifests.has(path)) {
      probes.addAll([path]);
      return this.manifests.get(path);
    }
    const manifest = parseManifest(probes.readJson(path));
    this.manifests.set(path, manifest);
    return manifest;
  }

  /** The innermost package that holds a directory. */
  scopeOf(directory: string, probes: Probes): PackageScope | undefined {
    const cached = this.scopes.get(directory);
    if (cached !== undefined) {
      probes.addAll(cached.probes);
      return cached.scope;
    }
    const own = new Probes(this.host);
    const manifest = this.read(directory, own);
    const parent = directoryOf(directory);
    const scope =
      manifest !== undefined
        ? { directory, manifest }
        : directory === '' || parent === directory || directory.endsWith('/node_modules')
          ? undefined
          : this.scopeOf(parent, own);
    const result = { scope, probes: own.paths() };
    this.scopes.set(directory, result);
    probes.addAll(result.probes);
    return scope;
  }

  /** The innermost package of a directory, with the dependencies of all packages around it: tools install them at the top as well. */
  packageOf(directory: string): PackageOfFile {
    const probes = new Probes(this.host);
    const innermost = this.scopeOf(directory, probes);
    const key = innermost?.directory ?? '';
    const known = this.dependencies.get(key);
    const dependencies = known ?? new Set<string>();
    if (known === undefined) this.dependencies.set(key, dependencies);
    for (let scope = innermost; scope !== undefined;) {
      if (known === undefined) for (const name of scope.manifest.dependencies) dependencies.add(name);
      const parent = directoryOf(scope.directory);
      scope = parent === scope.directory ? undefined : this.scopeOf(parent, probes);
    }
    return { directory: innermost?.directory, dependencies, probes: probes.paths() };
  }

  /** Folders that a package of a workspace around a directory may be in: called like it, where the workspace says that its packages are. */
  workspaceFolders(directory: string, name: string, probes: Probes): readonly string[] {
    const own = name.slice(name.indexOf('/') + 1);
    const found: string[] = [];
    for (let at = directory; ; at = directoryOf(at)) {
      for (const pattern of this.read(at, probes)?.workspaces ?? []) {
        const path = pattern.replace(/^\.\//, '').replace(/\/$/, '');
        const star = path.indexOf('*');
        if (star < 0) {
          if (path.endsWith(own)) found.push(`${at}/${path}`);
        } else found.push(`${at}/${path.slice(0, star)}${own}`, `${at}/${path.slice(0, star)}${name}`);
      }
      if (at === '' || at === '/' || directoryOf(at) === at) return found;
    }
  }

  mainOf(manifest: Manifest): string | undefined {
    return manifest.source ?? manifest.main ?? manifest.module;
  }

  /** Files a subpath (without leading slash) leads to, best first. */
  exportTargets(manifest: Manifest, subpath: string, kind: 'import' | 'require'): readonly string[] {
    const { exports } = manifest;
    const key = subpath === '' ? '.' : `./${subpath}`;
    const find = (conditions: Conditions): readonly string[] => {
      if (isRecord(exports) && Object.keys(exports).some((name) => name.startsWith('.')))
        return patternTargets(exports, key, conditions);
      return key === '.' ? conditionTargets(exports, conditions, '') : [];
    };
    return [...find(kind), ...find('any')];
  }

  importTargets(scope: PackageScope, specifier: string, kind: 'import' | 'require'): readonly string[] {
    const { imports } = scope.manifest;
    return isRecord(imports)
      ? [...patternTargets(imports, specifier, kind), ...patternTargets(imports, specifier, 'any')]
      : [];
  }

  /** Files the package offers to the outside: main, module, exports, bin. Patterns stay as they are, with their `*`. */
  entryTargets(manifest: Manifest): readonly string[] {
    const result: string[] = [];
    for (const target of [manifest.main, manifest.module, manifest.source, ...manifest.bin])
      if (target !== undefined) result.push(target);
    collectTargets(manifest.exports, result);
    return [...new Set(result)];
  }
}

/** Target strings of an exports value under conditions, with `*` replaced. */
function conditionTargets(value: unknown, kind: Conditions, star: string): string[] {
  if (typeof value === 'string') return [value.replaceAll('*', star)];
  if (Array.isArray(value)) return value.flatMap((item) => conditionTargets(item, kind, star));
  if (!isRecord(value)) return [];
  const result: string[] = [];
  for (const [condition, target] of Object.entries(value)) {
    if (CONDITIONS[kind].has(condition)) result.push(...conditionTargets(target, kind, star));
  }
  return result;
}

function patternTargets(table: Readonly<Record<string, unknown>>, key: string, kind: Conditions): string[] {
  if (key in table && !key.includes('*')) return conditionTargets(table[key], kind, '');
  let best: string | undefined;
  for (const pattern of Object.keys(table)) {
    const star = pattern.indexOf('*');
    if (star < 0) {
      // Directories ending in a slash are the older form of a pattern.
      if (!pattern.endsWith('/') || !key.startsWith(pattern)) continue;
    } else {
      const tail = pattern.slice(star + 1);
      if (key.length < pattern.length || !key.startsWith(pattern.slice(0, star)) || !key.endsWith(tail)) continue;
    }
    if (best === undefined || prefixLength(pattern) > prefixLength(best)) best = pattern;
  }
  if (best === undefined) return [];
  const star = best.indexOf('*');
  if (star < 0) {
    const rest = key.slice(best.length);
    return conditionTargets(table[best], kind, '').map((target) => target + rest);
  }
  return conditionTargets(table[best], kind, key.slice(star, key.length - (best.length - star - 1)));
}

function prefixLength(pattern: string): number {
  const star = pattern.indexOf('*');
  return star < 0 ? pattern.length : star;
}

function collectTargets(value: unknown, result: string[]): void {
  if (typeof value === 'string') result.push(value);
  else if (Array.isArray(value)) for (const item of value) collectTargets(item, result);
  else if (isRecord(value)) {
    for (const [condition, target] of Object.entries(value)) if (condition !== 'types') collectTargets(target, result);
  }
}

function parseManifest(json: unknown): Manifest | undefined {
  if (!isRecord(json)) return undefined;
  const bin = json['bin'];
  return {
    name: text(json['name']),
    main: text(json['main']),
    module: text(json['module']),
    source: text(json['source']),
    types: text(json['types']) ?? text(json['typings']),
    exports: json['exports'] ?? undefined,
    imports: json['imports'] ?? undefined,
    workspaces: texts(isRecord(json['workspaces']) ? json['workspaces']['packages'] : json['workspaces']),
    bin:
      typeof bin === 'string'
        ? [bin]
        : isRecord(bin)
          ? Object.values(bin).filter((value) => typeof value === 'string')
          : [],
    dependencies: DEPENDENCIES.flatMap((field) => {
      const named = json[field];
      return isRecord(named) ? Object.keys(named) : [];
    }),
  };
}

const DEPENDENCIES = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'];

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Module resolution of Node and TypeScript: relative files with their extensions and index files, `package.json`
 * main, exports and imports, tsconfig paths and baseUrl, and packages of the same workspace followed through their
 * links to their sources. A package that is not in the workspace is answered by name, without looking into it.
 * Relative specifiers, which are nearly all, never leave this file; answers are cached by directory and specifier.
 */
import type { ModuleResolver, PackageEntries, PackageOfFile, Resolution, ResolutionHost, Resolved } from '../host';
import { isBuiltinModule } from './builtinModules';
import { PackageReader } from './packages';
import type { PackageScope } from './packages';
import { directoryOf, joinPath } from './paths';
import { Probes } from './probes';
import { ConfigReader } from './tsconfig';

/** Extensions tried, in order. Bundlers find components without theirs, too. */
const EXTENSIONS = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.d.ts', '.vue'];

/** What TypeScript sources a written extension may stand for. */
const REWRITES: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx', '.js', '.jsx'],
  '.jsx': ['.tsx', '.jsx'],
  '.mjs': ['.mts', '.mjs'],
  '.cjs': ['.cts', '.cjs'],
};

export interface JavaScriptResolverOptions {
  readonly host: ResolutionHost;
  /** True for files that are part of the index. */
  readonly isIndexed: (path: string) => boolean;
}

export class JavaScriptResolver implements ModuleResolver {
  private readonly host: ResolutionHost;
  private readonly isIndexed: (path: string) => boolean;
  private readonly packages: PackageReader;
  private readonly configs: ConfigReader;
  private readonly cache = new Map<string, Resolved>();
  private readonly entries = new Map<string, PackageEntries>();
  private readonly packagesOf = new Map<string, PackageOfFile>();

  constructor(options: JavaScriptResolverOptions) {
    this.host = options.host;
    this.isIndexed = options.isIndexed;
    this.packages = new PackageReader(options.host);
    this.configs = new ConfigReader(options.host);
  }

  reset(): void {
    this.cache.clear();
    this.entries.clear();
    this.packagesOf.clear();
    this.packages.reset();
    this.configs.reset();
  }

  resolve(from: string, specifier: string, kind: 'import' | 'require'): Resolved {
    const directory = directoryOf(from);
    const key = `${directory}\0${kind}\0${specifier}`;
    const cached = this.cache.get(key);
    if (cached !== undefined) return cached;
    const probes = new Probes(this.host);
    const resolution = this.find(directory, specifier, kind, probes);
    const resolved = { resolution, probes: probes.paths() };
    this.cache.set(key, resolved);
    return resolved;
  }

  packageOf(file: string): PackageOfFile {
    const directory = directoryOf(file);
    let known = this.packagesOf.get(directory);
    if (known === undefined) this.packagesOf.set(directory, (known = this.packages.packageOf(directory)));
    return known;
  }

  packageEntries(file: string): PackageEntries {
    const probes = new Probes(this.host);
    const scope = this.packages.scopeOf(directoryOf(file), probes);
    const key = scope?.directory ?? '';
    let known = this.entries.get(key);
    if (known === undefined) this.entries.set(key, (known = this.findEntries(scope, probes)));
    return known;
  }

  private findEntries(scope: PackageScope | undefined, probes: Probes): PackageEntries {
    if (scope === undefined) return { entries: [], isClosed: false };
    const found = new Set<string>();
    const add = (path: string | undefined): void => {
      if (path !== undefined && this.isIndexed(path)) found.add(path);
    };
    const { directory, manifest } = scope;
    let hasPattern = false;
    for (const target of this.packages.entryTargets(manifest)) {
      if (target.includes('*')) hasPattern = true;
      else add(this.source(directory, target, probes));
    }
    // Programs are no reason to leave out what is required by the name of the package.
    const hasMain = manifest.main !== undefined || manifest.module !== undefined || manifest.exports !== undefined;
    if (!hasMain || found.size === 0) for (const extension of EXTENSIONS) add(`${directory}/index${extension}`);
    if (found.size === 0) for (const extension of EXTENSIONS) add(`${directory}/src/index${extension}`);
    return { entries: [...found], isClosed: manifest.exports !== undefined && !hasPattern };
  }

  private find(directory: string, specifier: string, kind: 'import' | 'require', probes: Probes): Resolution {
    if (specifier === '' || specifier.includes('\0')) return UNRESOLVED;
    const bare = withoutQuery(specifier);
    // To `require` a question mark is part of the name.
    if (kind === 'require' && bare !== specifier && isRelative(specifier)) {
      const literal = this.path(joinPath(directory, specifier), false, probes);
      if (literal !== undefined) return this.file(literal);
    }
    if (isRelative(bare)) return this.file(this.path(joinPath(directory, bare), bare.endsWith('/'), probes));
    if (bare.startsWith('/')) return this.file(this.path(bare, bare.endsWith('/'), probes));
    const scheme = SCHEME.exec(bare);
    if (scheme !== null) return withScheme(scheme[1].toLowerCase(), bare.slice(scheme[0].length), bare);
    if (bare.startsWith('#')) {
      const imported = this.packageImports(directory, bare, kind, probes);
      if (imported !== undefined) return imported;
    }
    const configured = this.fromConfig(directory, bare, probes);
    if (configured !== undefined) return this.file(configured);
    if (bare.startsWith('#')) return UNRESOLVED;
    if (isBuiltinModule(bare)) return packageResolution(bare);
    return this.bare(directory, bare, kind, probes);
  }

  private file(path: string | undefined): Resolution {
    if (path === undefined) return UNRESOLVED;
    const real = this.isIndexed(path) ? path : this.host.realpath(path);
    return this.isIndexed(real) ? { kind: 'file', path: real } : UNRESOLVED;
  }

  /** A file or directory by path, with all the ways a path may be shortened. */
  private path(path: string, mustBeDirectory: boolean, probes: Probes): string | undefined {
    if (!mustBeDirectory) {
      const dot = path.lastIndexOf('.');
      const rewrites = dot > path.lastIndexOf('/') ? REWRITES[path.slice(dot)] : undefined;
      if (rewrites === undefined) {
        if (probes.isFile(path)) return path;
      } else {
        const stem = path.slice(0, dot);
        for (const extension of rewrites) if (probes.isFile(stem + extension)) return stem + extension;
      }
      for (const extension of EXTENSIONS) if (probes.isFile(path + extension)) return path + extension;
    }
    if (!probes.isDirectory(path)) return undefined;
    const manifest = this.packages.read(path, probes);
    const main = manifest === undefined ? undefined : this.packages.mainOf(manifest);
    if (main !== undefined) {
      const target = this.source(path, main, probes);
      if (target !== undefined) return target;
    }
    for (const extension of EXTENSIONS)
      if (probes.isFile(`${path}/index${extension}`)) return `${path}/index${extension}`;
    return undefined;
  }

  /** A file named by a package's configuration: the file itself, or the source it is built from. */
  private source(packageDirectory: string, target: string, probes: Probes): string | undefined {
    const relative = target.replace(/^\.\//, '');
    const path = joinPath(packageDirectory, relative);
    const direct = this.path(path, false, probes);
    if (direct !== undefined && this.isIndexed(this.host.realpath(direct))) return direct;
    for (const source of this.configs.sourcesOf(packageDirectory, path, probes)) {
      // Modules of both forms may be built from one file: index.mjs and index.cjs from index.ts.
      const found = this.path(source, false, probes) ?? this.path(source.replace(/\.[cm]js$/, '.js'), false, probes);
      if (found !== undefined) return found;
    }
    return direct;
  }

  private fromConfig(directory: string, specifier: string, probes: Probes): string | undefined {
    for (const candidate of this.configs.candidates(directory, specifier, probes)) {
      const found = this.path(candidate, false, probes);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  private packageImports(
    directory: string,
    specifier: string,
    kind: 'import' | 'require',
    probes: Probes,
  ): Resolution | undefined {
    const scope = this.packages.scopeOf(directory, probes);
    if (scope === undefined) return undefined;
    for (const target of this.packages.importTargets(scope, specifier, kind)) {
      if (!target.startsWith('.')) return this.find(scope.directory, target, kind, probes);
      const found = this.source(scope.directory, target, probes);
      if (found !== undefined) return this.file(found);
    }
    return undefined;
  }

  /** A package by name: itself, one of the workspace (through a link), or one that is known by name only. */
  private bare(directory: string, specifier: string, kind: 'import' | 'require', probes: Probes): Resolution {
    const { name, subpath } = splitPackage(specifier);
    const external: Resolution = { kind: 'package', name, subpath };
    const scope = this.packages.scopeOf(directory, probes);
    if (scope?.manifest.name === name && (scope.manifest.exports !== undefined || subpath === '')) {
      return this.inPackage(scope.directory, subpath, kind, probes) ?? external;
    }
    for (let at = directory; ; at = directoryOf(at)) {
      if (!at.endsWith('/node_modules')) {
        const linked = `${at}/node_modules/${name}`;
        if (probes.isDirectory(linked)) {
          return this.inPackage(this.host.realpath(linked), subpath, kind, probes) ?? external;
        }
      }
      if (at === '' || at === '/' || directoryOf(at) === at) break;
    }
    return (
      this.inWorkspace(directory, name, subpath, kind, probes) ?? this.underAlias(scope, specifier, probes) ?? external
    );
  }

  /** A package of a workspace that is not installed: in a folder of the workspace's that is called like it. */
  private inWorkspace(
    directory: string,
    name: string,
    subpath: string,
    kind: 'import' | 'require',
    probes: Probes,
  ): Resolution | undefined {
    for (const candidate of this.packages.workspaceFolders(directory, name, probes)) {
      if (this.packages.read(candidate, probes)?.name !== name) continue;
      const found = this.inPackage(candidate, subpath, kind, probes);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** What no package can be called is an alias of a build tool for the folder of the sources. */
  private underAlias(scope: PackageScope | undefined, specifier: string, probes: Probes): Resolution | undefined {
    const alias = ALIAS.exec(specifier);
    if (scope === undefined || alias === null) return undefined;
    const rest = specifier.slice(alias[0].length);
    const below = alias[1] === undefined ? rest : `${alias[1]}/${rest}`;
    for (const folder of SOURCE_FOLDERS) {
      const found = this.path(joinPath(scope.directory, `${folder}${below}`), false, probes);
      if (found !== undefined) return this.indexed(found);
    }
    return undefined;
  }

  private inPackage(
    directory: string,
    subpath: string,
    kind: 'import' | 'require',
    probes: Probes,
  ): Resolution | undefined {
    const manifest = this.packages.read(directory, probes);
    if (manifest?.exports !== undefined) {
      for (const target of this.packages.exportTargets(manifest, subpath, kind)) {
        const found = this.source(directory, target, probes);
        if (found !== undefined) return this.indexed(found);
      }
      return undefined;
    }
    const found =
      subpath === '' ? this.path(directory, true, probes) : this.path(joinPath(directory, subpath), false, probes);
    return found === undefined ? undefined : this.indexed(found);
  }

  private indexed(path: string): Resolution | undefined {
    const resolution = this.file(path);
    return resolution.kind === 'file' ? resolution : undefined;
  }
}

const UNRESOLVED: Resolution = { kind: 'unresolved' };

/** `@/`, `~/`, `$lib/`: no names of packages. */
const ALIAS = /^(?:[@~]{1,2}|\$([a-z]\w*))\//;
/** Where the sources of a package usually are. */
const SOURCE_FOLDERS = ['src/', '', 'app/'];

/** At the beginning of a specifier; more than a letter, which would be a drive. */
const SCHEME = /^([a-z][a-z0-9+.-]+):/i;
/** Schemes of addresses, behind which is no name of a package. */
const ADDRESSES: ReadonlySet<string> = new Set(['file', 'data', 'blob', 'http', 'https']);

/** `node:fs` and `npm:express@4` name what is behind the scheme; `astro:middleware` and the like are modules of a tool, which the whole names. */
function withScheme(scheme: string, rest: string, specifier: string): Resolution {
  if (ADDRESSES.has(scheme)) return UNRESOLVED;
  if (scheme === 'node') return packageResolution(rest);
  if (scheme === 'npm' || scheme === 'jsr') return packageResolution(rest.replace(/(?<=[^/])@[^/]*/, ''));
  return packageResolution(specifier);
}

function packageResolution(specifier: string): Resolution {
  return { kind: 'package', ...splitPackage(specifier) };
}

function isRelative(specifier: string): boolean {
  return specifier === '.' || specifier === '..' || specifier.startsWith('./') || specifier.startsWith('../');
}

/** Bundlers append queries (`./logo.svg?url`). */
function withoutQuery(specifier: string): string {
  const query = specifier.indexOf('?');
  return query > 0 ? specifier.slice(0, query) : specifier;
}

function splitPackage(specifier: string): { readonly name: string; readonly subpath: string } {
  const first = specifier.indexOf('/');
  const end = specifier.startsWith('@') && first >= 0 ? specifier.indexOf('/', first + 1) : first;
  return end < 0
    ? { name: specifier, subpath: '' }
    : { name: specifier.slice(0, end), subpath: specifier.slice(end + 1) };
}

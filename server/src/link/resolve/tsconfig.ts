/**
 * What tsconfig.json and jsconfig.json say about modules: `paths`, `baseUrl`, and which source a built file comes
 * from (`outDir`, `rootDir`). Follows `extends`. Read through the host, because the workspace's view of files counts.
 */
import type { ResolutionHost } from '../host';
import { directoryOf, joinPath } from './paths';
import { isRecord } from './packages';
import { Probes } from './probes';

interface ModuleConfig {
  /** Directory `paths` are relative to. */
  readonly pathsBase: string;
  readonly paths: readonly (readonly [pattern: string, targets: readonly string[]])[];
  readonly baseUrl: string | undefined;
  readonly outDir: string | undefined;
  readonly rootDir: string | undefined;
}

const NAMES = ['tsconfig.json', 'jsconfig.json'];

/** Where built files usually lie and what they are built from, for packages whose configuration does not say. */
const USUAL_OUTPUT = [
  'dist/src',
  'dist/esm',
  'dist/cjs',
  'dist',
  'lib/esm',
  'lib/cjs',
  'lib',
  'build/src',
  'build',
  'out',
  'esm',
  'cjs',
  'es',
];
const USUAL_SOURCE = ['src', ''];

export class ConfigReader {
  private readonly configs = new Map<string, { config: ModuleConfig | undefined; probes: readonly string[] }>();

  constructor(private readonly host: ResolutionHost) {}

  reset(): void {
    this.configs.clear();
  }

  /** Paths that the configuration above `directory` gives for a bare specifier, best first. */
  candidates(directory: string, specifier: string, probes: Probes): readonly string[] {
    const config = this.above(directory, probes);
    if (config === undefined) return [];
    const result: string[] = [];
    let best: readonly [pattern: string, targets: readonly string[]] | undefined;
    for (const entry of config.paths) {
      if (matches(entry[0], specifier) && (best === undefined || rank(entry[0]) > rank(best[0]))) best = entry;
    }
    if (best !== undefined) {
      const star = matched(best[0], specifier);
      for (const target of best[1]) result.push(joinPath(config.pathsBase, target.replace('*', star)));
    }
    if (config.baseUrl !== undefined) result.push(joinPath(config.baseUrl, specifier));
    return result;
  }

  /** Sources that a built file of a package may come from. */
  sourcesOf(packageDirectory: string, path: string, probes: Probes): readonly string[] {
    const config = this.above(packageDirectory, probes);
    const result: string[] = [];
    if (config?.outDir !== undefined && path.startsWith(`${config.outDir}/`)) {
      const rest = path.slice(config.outDir.length + 1);
      for (const root of config.rootDir === undefined ? ['src', '.'] : [config.rootDir]) {
        result.push(joinPath(joinPath(packageDirectory, root), rest));
      }
    }
    const relative = path.slice(packageDirectory.length + 1);
    for (const output of USUAL_OUTPUT) {
      if (!relative.startsWith(`${output}/`)) continue;
      const rest = relative.slice(output.length + 1);
      for (const source of USUAL_SOURCE)
        result.push(joinPath(packageDirectory, source === '' ? rest : `${source}/${rest}`));
    }
    return result.map((source) => source.replace(/\.d\.(ts|mts|cts)$/, '.$1').replace(/\.min\.js$/, '.js'));
  }

  /** The configuration of the innermost directory that has one. */
  private above(directory: string, probes: Probes): ModuleConfig | undefined {
    const cached = this.configs.get(directory);
    if (cached !== undefined) {
      probes.addAll(cached.probes);
      return cached.config;
    }
    const own = new Probes(this.host);
    let config: ModuleConfig | undefined;
    for (const name of NAMES) {
      const json = own.readJson(`${directory}/${name}`);
      if (!isRecord(json)) continue;
      config = this.parse(directory, json, own, 0);
      break;
    }
    const parent = directoryOf(directory);
    if (config === undefined && directory !== '' && parent !== directory) config = this.above(parent, own);
    const result = { config, probes: own.paths() };
    this.configs.set(directory, result);
    probes.addAll(result.probes);
    return config;
  }

  private parse(
    directory: string,
    json: Readonly<Record<string, unknown>>,
    probes: Probes,
    depth: number,
  ): ModuleConfig {
    let inherited: ModuleConfig | undefined;
    const parents =
      typeof json['extends'] === 'string' ? [json['extends']] : Array.isArray(json['extends']) ? json['extends'] : [];
    for (const parent of depth < 8 ? parents : []) {
      if (typeof parent !== 'string') continue;
      const read = this.readParent(directory, parent, probes, depth);
      if (read !== undefined) inherited = inherited === undefined ? read : { ...inherited, ...definedOf(read) };
    }
    const options = isRecord(json['compilerOptions']) ? json['compilerOptions'] : {};
    const absolute = (name: string): string | undefined => {
      const value = options[name];
      return typeof value === 'string' ? joinPath(directory, value.replace('${configDir}', '.')) : undefined;
    };
    const baseUrl = absolute('baseUrl') ?? inherited?.baseUrl;
    const paths = parsePaths(options['paths']);
    return {
      pathsBase: paths === undefined ? (inherited?.pathsBase ?? directory) : (baseUrl ?? directory),
      paths: paths ?? inherited?.paths ?? [],
      baseUrl,
      outDir: absolute('outDir') ?? inherited?.outDir,
      rootDir: absolute('rootDir') ?? inherited?.rootDir,
    };
  }

  private readParent(directory: string, name: string, probes: Probes, depth: number): ModuleConfig | undefined {
    const bases: string[] = [];
    if (name.startsWith('.') || name.startsWith('/')) bases.push(joinPath(directory, name));
    else for (let at = directory; at !== ''; at = directoryOf(at)) bases.push(`${at}/node_modules/${name}`);
    for (const base of bases) {
      for (const path of base.endsWith('.json') ? [base] : [`${base}.json`, `${base}/tsconfig.json`]) {
        const json = probes.readJson(path);
        if (isRecord(json)) return this.parse(directoryOf(path), json, probes, depth + 1);
      }
    }
    return undefined;
  }
}

function definedOf(config: ModuleConfig): Partial<ModuleConfig> {
  return Object.fromEntries(
    Object.entries(config).filter(
      ([name, value]) => value !== undefined && !(name === 'paths' && config.paths.length === 0),
    ),
  );
}

function parsePaths(value: unknown): ModuleConfig['paths'] | undefined {
  if (!isRecord(value)) return undefined;
  return Object.entries(value).map(([pattern, targets]) => [
    pattern,
    Array.isArray(targets) ? targets.filter((target) => typeof target === 'string') : [],
  ]);
}

function matches(pattern: string, specifier: string): boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === specifier;
  return (
    specifier.length >= pattern.length - 1 &&
    specifier.startsWith(pattern.slice(0, star)) &&
    specifier.endsWith(pattern.slice(star + 1))
  );
}

function matched(pattern: string, specifier: string): string {
  const star = pattern.indexOf('*');
  return star < 0 ? '' : specifier.slice(star, specifier.length - (pattern.length - star - 1));
}

/** Exact patterns first, then the longest prefix. */
function rank(pattern: string): number {
  const star = pattern.indexOf('*');
  return star < 0 ? Infinity : star;
}

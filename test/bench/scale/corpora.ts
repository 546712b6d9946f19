/**
 * Corpora of a given number of source files: pinned packages in the order of the list, the last one cut off where the number is reached, side by
 * side in one folder outside the tree. A smaller corpus is a part of each larger one. The same list gives the same folders, byte for byte.
 */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DEFAULT_SETTINGS } from '../../../server/src/cli/options';
import { dialectOf, discover } from '../../../server/src/documents';
import { isDeclaration } from '../../../server/src/documents/languages';
import { cacheFolder, fetchPackages, packageFolder, type PackageVersion } from '../../accuracy/packageCache';

export interface CorpusPackage extends PackageVersion {
  /** Only these folders below the package, where it brings the same code in several forms; `.` are the files directly in it. */
  readonly folders?: readonly string[];
}

interface PackageList {
  readonly packages: readonly CorpusPackage[];
}

/** What linking looks at beside sources. */
const CONFIGURATION = /^(package|[tj]sconfig(\..*)?)\.json$/;

/**
 * Absolute paths by number of files. Throws when a package can't be had, or when the list is too short: figures of
 * another corpus would not compare.
 */
export async function prepareCorpora(
  listFile: string,
  sizes: readonly number[],
  onProgress: (done: number, total: number, spec: string) => void,
): Promise<ReadonlyMap<number, string>> {
  const { packages } = JSON.parse(readFileSync(listFile, 'utf8')) as PackageList;
  const identity = createHash('sha256').update(JSON.stringify(packages)).digest('hex').slice(0, 12);
  const base = join(dirname(cacheFolder()), 'corpora', `scale-${identity}`);
  const folders = new Map(sizes.map((size) => [size, join(base, String(size))]));
  if ([...folders.values()].every((folder) => existsSync(folder))) return folders;
  const { gone, failed } = await fetchPackages(packages, onProgress);
  const missing = [...gone, ...failed].at(0);
  if (missing !== undefined) throw new Error(`the corpus is incomplete: ${missing.spec}: ${missing.reason}`);
  mkdirSync(base, { recursive: true });
  for (const [size, folder] of folders) if (!existsSync(folder)) await build(folder, packages, size);
  return folders;
}

async function build(folder: string, packages: readonly CorpusPackage[], size: number): Promise<void> {
  const temporary = `${folder}.tmp-${String(process.pid)}`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary);
  let next = 0;
  /** At least as many as there will be: discovery leaves some out. */
  let copied = 0;
  for (;;) {
    for (; copied < size && next < packages.length; next++) copied += copyPackage(packages[next], temporary);
    const { files } = await discover({ roots: [temporary], settings: DEFAULT_SETTINGS });
    const found = files.filter(({ state }) => state === 'found');
    if (found.length < size && next < packages.length) {
      copied = found.length;
      continue;
    }
    if (found.length < size) throw new Error(`the packages have ${String(found.length)} files, not ${String(size)}`);
    const order = new Map(packages.map((wanted, index) => [nameOfFolder(wanted), index]));
    const place = (path: string): number => order.get(path.slice(0, path.indexOf('/'))) ?? 0;
    found.sort((a, b) => place(a.path) - place(b.path) || (a.path < b.path ? -1 : 1));
    for (const { absolutePath } of found.slice(size)) rmSync(absolutePath);
    renameSync(temporary, folder);
    return;
  }
}

/** Returns the number of files that may be sources. */
function copyPackage(wanted: CorpusPackage, corpus: string): number {
  const from = packageFolder(wanted);
  const to = join(corpus, nameOfFolder(wanted));
  const { folders } = wanted;
  let sources = 0;
  // Dependencies that a package brings along are not its source.
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const inPackage = join(entry.parentPath, entry.name)
      .slice(from.length + 1)
      .replaceAll('\\', '/');
    if (inPackage.split('/').includes('node_modules')) continue;
    const isConfiguration = CONFIGURATION.test(entry.name);
    if (!isConfiguration && folders !== undefined && !folders.some((within) => isWithin(inPackage, within))) continue;
    const isSource = dialectOf(entry.name) !== undefined && !isDeclaration(entry.name);
    // Programs may have no extension.
    if (!isSource && !isConfiguration && entry.name.includes('.')) continue;
    cpSync(join(from, inPackage), join(to, inPackage));
    if (isSource) sources++;
  }
  return sources;
}

function isWithin(path: string, folder: string): boolean {
  return folder === '.' ? !path.includes('/') : path.startsWith(`${folder}/`);
}

function nameOfFolder({ name }: PackageVersion): string {
  return name.replace('/', '+');
}

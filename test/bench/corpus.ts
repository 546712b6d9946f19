/**
 * The corpus: pinned packages of the registry, side by side in one folder outside the tree, as a large workspace would
 * have them. The same packages give the same folder, byte for byte.
 */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { cacheFolder, fetchPackages, packageFolder, type PackageVersion } from '../accuracy/packageCache';

interface CorpusList {
  readonly packages: readonly PackageVersion[];
}

/** Absolute path of the corpus. Throws when a package can't be had: figures of another corpus would not compare. */
export async function prepareCorpus(
  listFile: string,
  onProgress: (done: number, total: number, spec: string) => void,
): Promise<string> {
  const { packages } = JSON.parse(readFileSync(listFile, 'utf8')) as CorpusList;
  const { gone, failed } = await fetchPackages(packages, onProgress);
  const [missing] = [...gone, ...failed];
  if (missing !== undefined) throw new Error(`the corpus is incomplete: ${missing.spec}: ${missing.reason}`);
  const identity = createHash('sha256').update(JSON.stringify(packages)).digest('hex').slice(0, 12);
  const folder = join(dirname(cacheFolder()), 'corpora', identity);
  if (existsSync(folder)) return folder;
  const temporary = `${folder}.tmp-${String(process.pid)}`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  for (const wanted of packages) {
    const target = join(temporary, wanted.name.replace('/', '+'));
    // Dependencies that a package brings along are not its source.
    cpSync(packageFolder(wanted), target, { recursive: true, filter: (from) => basename(from) !== 'node_modules' });
  }
  renameSync(temporary, folder);
  return folder;
}

/**
 * Packs the extension: a production build (by the `vscode:prepublish` script) and the allow-list of `.vscodeignore`.
 *
 *     node test/tools/packageExtension.mjs [FILE]     default: tributary-VERSION.vsix
 */
import { createVSIX, listFiles } from '@vscode/vsce';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(import.meta.dirname, '../..');

/** Writes the VSIX and returns its size in bytes and the files in it, relative to the repository. */
export async function packageExtension(vsix) {
  // Everything is bundled, so no dependency is packed; there is no public repository to link the README's pictures to.
  await createVSIX({
    cwd: root,
    packagePath: vsix,
    dependencies: false,
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
  });
  return { bytes: statSync(vsix).size, files: await listFiles({ cwd: root, dependencies: false }) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const vsix = path.resolve(process.argv[2] ?? path.join(root, `tributary-${version}.vsix`));
  const { bytes, files } = await packageExtension(vsix).catch((error) => {
    console.error(`The extension could not be packed: ${error.message}`);
    process.exit(1);
  });
  for (const file of files) console.log(`  ${file} (${(statSync(path.join(root, file)).size / 1024).toFixed(0)} KB)`);
  console.log(`${path.relative(process.cwd(), vsix)}: ${files.length} files, ${(bytes / 1024 / 1024).toFixed(2)} MB`);
}

/** What the extension gives the server's process to know, and that it leaves nothing of earlier versions behind. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { removeCompiled, serverEnvironment } from '../../../client/src/serverEnvironment';

let storage: string;
beforeEach(() => {
  storage = mkdtempSync(join(tmpdir(), 'tributary-environment-'));
});
afterEach(() => {
  rmSync(storage, { recursive: true, force: true });
});

it('keeps what was compiled below the extension’s own folder, by version', () => {
  const { NODE_COMPILE_CACHE: folder } = serverEnvironment(storage, '1.2.3');
  expect(folder.startsWith(storage)).toBe(true);
  expect(folder).not.toBe(serverEnvironment(storage, '1.2.4').NODE_COMPILE_CACHE);
  expect(serverEnvironment(undefined, '1.2.3')).not.toHaveProperty('NODE_COMPILE_CACHE');
});

it('removes what was compiled of other versions, and nothing else', async () => {
  await removeCompiled(storage, '1.2.3');
  for (const version of ['1.2.2', '1.2.3']) {
    const { NODE_COMPILE_CACHE: folder } = serverEnvironment(storage, version);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'code'), version);
  }
  writeFileSync(join(storage, 'other'), '');
  await removeCompiled(storage, '1.2.3');
  expect(readdirSync(storage).sort()).toEqual(['compiled', 'other']);
  expect(readdirSync(join(storage, 'compiled'))).toEqual(['1.2.3']);
});

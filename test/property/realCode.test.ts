/**
 * Real code that is edited and put back: after that everything that is known is what it was, and in between, now and then, what a clean run finds. Done with the sample
 * projects and the components here; with other folders by `npm run edits`.
 */
import { readFileSync } from 'node:fs';
import * as nodePath from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Analysis } from '../../server/src/model/analysis';
import { openRoots } from '../taint/analyseCase';
import { findingsIn, randomNumbers } from '../unit/pipeline/project';
import { editedText } from './textEdits';

const samples = ['workspaces/shop', 'workspaces/broken', 'fixtures/components'].map((name) =>
  nodePath.resolve(import.meta.dirname, '..', name),
);
const folders = process.env['TRIBUTARY_FOLDERS']?.split(nodePath.delimiter) ?? samples;
const edits = Number(process.env['TRIBUTARY_EDITS'] ?? 40);
const seed = Number(process.env['TRIBUTARY_SEED'] ?? 1);
/** A clean run after one in so many edits. */
const CLEAN_SHARE = 10;
const THREATS = ['remote', 'local', 'library'];

async function scanned(folder: string, overlay?: readonly [path: string, text: string]): Promise<Analysis> {
  const analysis = await openRoots([folder], THREATS);
  if (overlay !== undefined) analysis.setOverlay(...overlay, languageOf(overlay[0]));
  await analysis.scan({});
  await analysis.idle();
  return analysis;
}

function languageOf(path: string): string {
  const host = /\.(?:vue|svelte|astro|html)$/.exec(path);
  if (host !== null) return host[0].slice(1);
  if (path.endsWith('x')) return path.endsWith('.tsx') ? 'typescriptreact' : 'javascriptreact';
  return /\.[cm]?ts$/.test(path) ? 'typescript' : 'javascript';
}

/** Lines that only one of the two has. */
function difference(is: readonly string[], shouldBe: readonly string[]): readonly string[] {
  const [a, b] = [new Set(is), new Set(shouldBe)];
  return [
    ...is.filter((line) => !b.has(line)).map((line) => `+ ${line}`),
    ...shouldBe.filter((line) => !a.has(line)).map((line) => `- ${line}`),
  ];
}

describe.each(folders)('%s', (folder) => {
  it('is what it was when edits are undone, and what a clean run finds in between', async () => {
    const random = randomNumbers(seed);
    const edited = await scanned(folder);
    const before = edited.dump();
    const files = before.flatMap((line) => /^graph\t([^\t]+)/.exec(line)?.[1] ?? []);
    for (let number = 0; number < edits; number++) {
      const path = files[random(files.length)];
      const text = editedText(readFileSync(path, 'utf8'), random);
      const where = `edit ${String(number)}, of ${nodePath.relative(folder, path)}`;
      edited.setOverlay(path, text, languageOf(path));
      await edited.update([path]);
      if (random(CLEAN_SHARE) === 0) {
        const clean = await scanned(folder, [path, text]);
        await edited.idle();
        expect(findingsIn(edited), where).toEqual(findingsIn(clean));
        expect(difference(edited.dump(), clean.dump()), where).toEqual([]);
        await clean.close();
      }
      edited.removeOverlay(path);
      await edited.update([path]);
      if (random(4) > 0) continue;
      await edited.idle();
      expect(difference(edited.dump(), before), `after ${where}`).toEqual([]);
    }
    await edited.close();
  }, 60_000_000);
});

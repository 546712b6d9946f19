/**
 * The same code gives the same findings whichever way it arrives: read from disk in one scan (the command line), typed into
 * open documents (the editor), or edited and edited back. Fingerprints survive code that moves.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Analysis } from '../../server/src/model/analysis';
import { openRoots } from './analyseCase';
import { shopCase } from './cases';

const SHOP = shopCase();
const FILES = [...SHOP.files.keys()];
const THREATS = ['remote', 'local'];

let root: string;
let analysis: Analysis | undefined;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tributary-parity-'));
  cpSync(SHOP.root, root, { recursive: true });
});

afterEach(async () => {
  await analysis?.close();
  analysis = undefined;
  rmSync(root, { recursive: true, force: true });
});

const textOf = (file: string): string => readFileSync(join(SHOP.root, file), 'utf8');

/** What a user can tell findings apart by, in a stable order. */
function seen(from: Analysis): string[] {
  return from
    .allFindings()
    .map((finding) => {
      const { sink, source } = finding;
      const steps = finding.paths.map((path) =>
        path.steps
          .map((step) => `${step.kind} ${step.location.path}:${String(step.location.range.start.line)}`)
          .join(' > '),
      );
      return [
        finding.rule.id,
        finding.fingerprint,
        source.path,
        source.range.start.line,
        sink.path,
        sink.range.start.line,
        ...steps,
      ].join('|');
    })
    .sort();
}

async function scanned(): Promise<Analysis> {
  analysis = await openRoots([root], THREATS);
  await analysis.scan({});
  return analysis;
}

describe('findings', () => {
  test('typed into open documents equal findings of a scan', async () => {
    const expected = seen(await scanned());
    await analysis?.close();
    expect(expected.length).toBeGreaterThan(5);

    for (const file of FILES) writeFileSync(join(root, file), '// nothing here yet\n');
    const editor = await scanned();
    expect(editor.allFindings()).toEqual([]);
    for (const file of FILES) {
      const path = join(root, file);
      editor.setOverlay(path, textOf(file), 'typescript');
      await editor.update([path]);
    }
    expect(seen(editor)).toEqual(expected);
  });

  test('come back when an edit is taken back', async () => {
    const running = await scanned();
    const expected = seen(running);
    const path = join(root, 'src/data/database.ts');
    running.setOverlay(
      path,
      textOf('src/data/database.ts').replace('pool.query<Row>(statement', "pool.query<Row>('SELECT 1'"),
      'typescript',
    );
    await running.update([path]);
    expect(seen(running).filter((line) => line.startsWith('sql-injection'))).toEqual([]);
    expect(seen(running).length).toBeLessThan(expected.length);
    running.removeOverlay(path);
    await running.update([path]);
    expect(seen(running)).toEqual(expected);
  });
});

describe('fingerprints', () => {
  const fingerprints = (from: Analysis): string[] =>
    from
      .allFindings()
      .map((finding) => finding.fingerprint)
      .sort();

  test('are distinct and survive inserted lines', async () => {
    const running = await scanned();
    const before = fingerprints(running);
    expect(new Set(before).size).toBe(before.length);
    for (const file of FILES) {
      const path = join(root, file);
      running.setOverlay(
        path,
        `// One line more.\n\nconst unrelated = 1;\nvoid unrelated;\n${textOf(file)}`,
        'typescript',
      );
    }
    await running.update(FILES.map((file) => join(root, file)));
    expect(fingerprints(running)).toEqual(before);
  });

  test('change with the rule and with what stands at the sink', async () => {
    const running = await scanned();
    const before = fingerprints(running);
    const path = join(root, 'src/util/shell.ts');
    running.setOverlay(
      path,
      textOf('src/util/shell.ts')
        .replace('run(line: string)', 'run(line: string, _why?: string)')
        .replaceAll('execSync', 'exec'),
      'typescript',
    );
    await running.update([path]);
    const after = fingerprints(running);
    expect(after).toHaveLength(before.length);
    expect(after.filter((print) => !before.includes(print))).toHaveLength(1);
  });
});

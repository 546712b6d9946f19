/**
 * The layer check must fail on what it forbids, not only pass on the code as it is. Plants one violation each in a
 * small tree of its own and runs the check's real configuration over it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = path.resolve(__dirname, '../../..');
let folder = '';

interface CruiseReport {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
  };
}

/** The names of the violated rules with the offending file, for files given as path → text. */
function violations(files: Readonly<Record<string, string>>): string[] {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  const cruiser = path.join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [cruiser, '--config', path.join(root, '.dependency-cruiser.cjs'), '--output-type', 'json'];
  const output = execFileSync(process.execPath, [...args, 'client/src', 'server/src'], {
    cwd: folder,
    encoding: 'utf8',
  });
  const report = JSON.parse(output) as CruiseReport;
  return report.summary.violations.map(({ from, rule }) => `${rule.name}: ${from}`).sort();
}

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tributary-layers-'));
  for (const name of ['tsconfig.json', 'package.json']) {
    writeFileSync(path.join(folder, name), readFileSync(path.join(root, name)));
  }
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  mkdirSync(path.join(folder, 'client/src'), { recursive: true });
  mkdirSync(path.join(folder, 'server/src'), { recursive: true });
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the layer check', () => {
  it('accepts what the table allows', () => {
    const files = {
      'server/src/base/hash.ts': 'export const hash = 1;',
      'server/src/model/ids.ts': "import { hash } from '../base/hash';\nexport type Id = typeof hash;",
      'server/src/parse/parse.ts': "import type { Id } from '../model/ids';\nexport const parse = (id: Id) => id;",
      'server/src/extract/extract.ts': "import { parse } from '../parse/parse';\nexport const extract = parse;",
      'server/src/store/disk.ts': "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;",
      'server/src/pipeline/pipeline.ts':
        "export { extract } from '../extract/extract';\nexport { read } from '../store/disk';",
      'server/src/protocol/messages.ts': 'export const request = 1;',
      'server/src/main.ts': "import { extract } from './pipeline/pipeline';\nimport 'node:net';\nvoid extract;",
      'client/src/extension.ts':
        "import * as vscode from 'vscode';\nimport '../../server/src/protocol/messages';\nvoid vscode;",
    };
    expect(violations(files)).toEqual([]);
  });

  it('refuses a layer that reaches for another', () => {
    const files = {
      'server/src/store/rows.ts': 'export type Row = string;',
      // Types count as well: a layer that knows another's types knows the layer.
      'server/src/taint/solve.ts': "import type { Row } from '../store/rows';\nexport type Solved = Row;",
      'server/src/base/list.ts': "import '../model/graph';",
      'server/src/model/graph.ts': 'export {};',
      'server/src/extract/walk.ts': "import '../link/link';",
      'server/src/link/link.ts': 'export {};',
    };
    expect(violations(files)).toEqual([
      'layer-base: server/src/base/list.ts',
      'layer-extract: server/src/extract/walk.ts',
      'layer-taint: server/src/taint/solve.ts',
    ]);
  });

  it('refuses files, network and processes in the stages', () => {
    const files = {
      'server/src/link/resolve.ts': "import { existsSync } from 'fs';\nvoid existsSync;",
      'server/src/taint/models.ts': "import { readFile } from 'node:fs/promises';\nvoid readFile;",
      'server/src/pipeline/git.ts': "import { spawn } from 'node:child_process';\nvoid spawn;",
      'server/src/documents/disk.ts': "import { readFile } from 'node:fs/promises';\nvoid readFile;",
      'server/src/base/hash.ts': "import { createHash } from 'node:crypto';\nvoid createHash;",
    };
    expect(violations(files)).toEqual([
      'machine-access: server/src/link/resolve.ts',
      'machine-access: server/src/pipeline/git.ts',
      'machine-access: server/src/taint/models.ts',
    ]);
  });

  it('keeps client and server apart', () => {
    const files = {
      'client/src/tree.ts': "import '../../server/src/model/finding';",
      'server/src/model/finding.ts': 'export {};',
      'server/src/session/hover.ts': "import * as vscode from 'vscode';\nvoid vscode;",
      'server/src/present/lens.ts': "import '../cli';",
      'server/src/cli.ts': 'export {};',
      'server/src/solver/solve.ts': 'export {};\nimport "../model/finding";',
    };
    expect(violations(files)).toEqual([
      'client-knows-only-the-protocol: client/src/tree.ts',
      'entry-points-are-ends: server/src/present/lens.ts',
      'layer-present: server/src/present/lens.ts',
      'server-without-editor: server/src/session/hover.ts',
      'unknown-layer: server/src/solver/solve.ts',
    ]);
  });

  it('refuses circles, except through types', () => {
    const files = {
      'server/src/link/a.ts': "import { b } from './b';\nexport const a = () => b;",
      'server/src/link/b.ts': "import { a } from './a';\nexport const b = () => a;",
    };
    expect(violations(files)).toContain('no-circular: server/src/link/a.ts');
    const types = {
      'server/src/link/a.ts': "import { b } from './b';\nexport interface A {}\nexport const a = () => b;",
      'server/src/link/b.ts': "import type { A } from './a';\nexport const b = (a: A) => a;",
    };
    expect(violations(types)).toEqual([]);
  });

  it('fails as a command', () => {
    mkdirSync(path.join(folder, 'server/src/base'), { recursive: true });
    mkdirSync(path.join(folder, 'server/src/model'), { recursive: true });
    writeFileSync(path.join(folder, 'server/src/model/a.ts'), 'export {};');
    writeFileSync(path.join(folder, 'server/src/base/a.ts'), "import '../model/a';");
    writeFileSync(
      path.join(folder, '.dependency-cruiser.cjs'),
      readFileSync(path.join(root, '.dependency-cruiser.cjs')),
    );
    const check = spawnSync('npm', ['run', '--silent', 'check:layers'], { cwd: folder, encoding: 'utf8' });
    expect(check.stdout).toContain('layer-base');
    expect(check.status).not.toBe(0);
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as nodePath from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Logger } from '../../../server/src/model/analysis';
import { readWorkspaceModels } from '../../../server/src/session/workspaceModels';

let root: string;
let warnings: string[];
let log: Logger;

beforeEach(() => {
  root = mkdtempSync(nodePath.join(tmpdir(), 'tributary-models-'));
  warnings = [];
  log = { error: () => {}, warn: (message) => warnings.push(message), info: () => {}, debug: () => {} };
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function write(name: string, text: string): void {
  const folder = nodePath.join(root, '.tributary/models');
  mkdirSync(folder, { recursive: true });
  writeFileSync(nodePath.join(folder, name), text);
}

describe('readWorkspaceModels', () => {
  it('has none without a folder', () => {
    expect(readWorkspaceModels([root, nodePath.join(root, 'missing')], log)).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it('reads YAML files in order of their names, and nothing else', () => {
    write('b.yml', 'library: b');
    write('a.yaml', 'library: a');
    write('notes.txt', 'library: c');
    expect(readWorkspaceModels([root], log).map(({ document }) => document)).toEqual([
      { library: 'a' },
      { library: 'b' },
    ]);
  });

  it('leaves out what is no YAML, what is too large and what is a folder, and says so', () => {
    write('bad.yaml', 'a: [1');
    write('big.yaml', `a: ${'x'.repeat(1024 * 1024)}`);
    write('good.yaml', 'library: good');
    mkdirSync(nodePath.join(root, '.tributary/models/folder.yaml'));
    expect(readWorkspaceModels([root], log).map(({ document }) => document)).toEqual([{ library: 'good' }]);
    expect(warnings).toHaveLength(3);
  });

  it('does not let aliases multiply', () => {
    const levels = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
    for (const [of, name] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg'].map((pair) => pair.split(/(?=.$)/))) {
      levels.push(`${name}: &${name} [${Array.from({ length: 10 }, () => `*${of}`).join(', ')}]`);
    }
    write('bomb.yaml', levels.join('\n'));
    expect(readWorkspaceModels([root], log)).toEqual([]);
    expect(warnings[0]).toContain('bomb.yaml');
  });
});

/**
 * An independent language client: Neovim speaks to `dist/server.js` over standard input and output, and must show for a
 * file what the command line reports for it.
 *
 *     node test/e2e/testNeovim.mjs [--json FILE]
 */
import { execFile } from 'node:child_process';
import { deepStrictEqual, ok } from 'node:assert';
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { outcomeOf, reportOutcomes } from '../tools/outcomes.mjs';
import { installEditor } from './workbench.mjs';

const here = import.meta.dirname;
const dist = path.resolve(here, '../../dist');
const run = promisify(execFile);

/** What the command line says about the workspace, as `rule @ line:column`, by file relative to it. */
async function fromCommandLine(folder) {
  const args = [path.join(dist, 'cli.js'), 'scan', folder, '--format', 'json', '--no-storage'];
  const { stdout } = await run(process.execPath, args).catch((error) => {
    // 1: findings at or above the threshold, which is what the workspace is for.
    if (error.code === 1) return error;
    throw error;
  });
  const byFile = new Map();
  for (const { rule, sink } of JSON.parse(stdout).findings) {
    const list = byFile.get(sink.file) ?? [];
    list.push(`${rule} @ ${sink.line}:${sink.column}`);
    byFile.set(sink.file, list);
  }
  return byFile;
}

async function fromNeovim(folder, file) {
  const result = path.join(folder, '..', 'neovim.json');
  await run('nvim', ['--headless', '--clean', '-n', '-S', path.join(here, 'neovim.lua'), path.join(folder, file)], {
    cwd: folder,
    env: { ...process.env, NODE: process.execPath, SERVER: path.join(dist, 'server.js'), ROOT: folder, RESULT: result },
    timeout: 120_000,
  });
  return JSON.parse(readFileSync(result, 'utf8')).filter(({ source }) => source === 'Tributary');
}

const temporary = realpathSync(mkdtempSync(path.join(tmpdir(), 'tributary-neovim-')));
try {
  // Neovim comes with the editor's installation.
  await installEditor();
  const folder = path.join(temporary, 'workspace');
  cpSync(path.join(here, 'workspace'), folder, { recursive: true });
  const outcomes = [];
  let expected = new Map();
  outcomes.push(
    await outcomeOf('the command line finds flows in the workspace', async () => {
      expected = await fromCommandLine(folder);
      ok(expected.size >= 2, `findings in ${[...expected.keys()].join(', ') || 'no file'}`);
    }),
  );
  for (const [file, findings] of expected) {
    outcomes.push(
      await outcomeOf(`Neovim shows for ${file} what the command line reports`, async () => {
        const shown = (await fromNeovim(folder, file)).filter(({ rule }) => !rule.endsWith('-file'));
        // Neovim counts bytes, the command line UTF-16 units.
        const lines = readFileSync(path.join(folder, file), 'utf8').split('\n');
        const units = (line, bytes) => Buffer.from(lines[line]).subarray(0, bytes).toString().length;
        const places = shown.map(({ rule, line, column }) => `${rule} @ ${line + 1}:${units(line, column) + 1}`);
        deepStrictEqual(places.sort(), [...findings].sort());
        ok(
          shown.every(({ related }) => related >= 2),
          'every diagnostic has its steps',
        );
      }),
    );
  }
  reportOutcomes(outcomes);
} finally {
  rmSync(temporary, { recursive: true, force: true });
}

/** Saving one file writes that file's rows: those of all others stay as they are, to the last. */
import { afterEach, expect, it } from 'vitest';
import { Project } from './project';

const project = new Project();
afterEach(() => project.remove());

/** What a text says, whatever other files say. */
const OF_CONTENT = new Set(['file', 'graph', 'skeleton', 'symbol', 'call', 'import', 'probe']);

/** Rows by file, without those of one. */
function rowsOfOthers(lines: readonly string[], path: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const [table, file] = line.split('\t');
    if (!OF_CONTENT.has(table) || file === path) continue;
    counts.set(`${table} ${file}`, (counts.get(`${table} ${file}`) ?? 0) + 1);
  }
  return counts;
}

it('leaves the rows of all other files as they were', async () => {
  const files: Record<string, string> = {
    'main.js': `const express = require('express');\nconst { run0 } = require('./part0');\nexpress().get('/', (req) => { run0(req.query.a); });\n`,
    'last.js': `const { exec } = require('child_process');\nexports.last = (text) => { exec(text); };\n`,
  };
  for (let i = 0; i < 20; i++) {
    const next = i === 19 ? `require('./last').last` : `require('./part${String(i + 1)}').run${String(i + 1)}`;
    files[`part${String(i)}.js`] = `exports.run${String(i)} = function run(text) {\n  return ${next}(text);\n};\n`;
  }
  project.write(files);
  const analysis = await project.open();
  const { findings } = await analysis.scan({});
  expect(findings.total).toBe(1);
  const path = project.path('part7.js');
  const before = analysis.dump();

  // What others see of the file stays: not even what is derived of others is another.
  project.write({ 'part7.js': `// Number seven.\n${files['part7.js']}function helper() { return 7; }\n` });
  await analysis.update([path]);
  const isOther = (line: string): boolean => !line.includes('part7.js') && !line.startsWith('finding');
  expect(analysis.dump().filter(isOther)).toEqual(before.filter(isOther));

  // And when results elsewhere change, the rows of what the others' texts say do not.
  project.write({ 'part7.js': `exports.run7 = function run(text) {\n  return text.length;\n};\n` });
  const update = await analysis.update([path]);
  expect(update.findings).toEqual({ added: 0, changed: 0, removed: 1, total: 0 });
  const others = rowsOfOthers(analysis.dump(), path);
  expect(others.size).toBeGreaterThan(21 * 3);
  expect(others).toEqual(rowsOfOthers(before, path));
});

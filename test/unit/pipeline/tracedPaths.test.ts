/** What is told of a way: each function once, the fewest of them, and nothing left out where there is room. */
import { afterEach, expect, it } from 'vitest';
import type { Path } from '../../../server/src/model/finding';
import { Project } from './project';

const project = new Project();
afterEach(() => project.remove());

const HANDLER = "require('express')().get('/', (req) => { require('./work').start(req.query.x, []); });\n";

async function pathsIn(files: Readonly<Record<string, string>>): Promise<readonly Path[]> {
  project.write({ 'server.js': HANDLER, ...files });
  const analysis = await project.open();
  await analysis.scan({});
  const [finding, ...others] = analysis.allFindings();
  expect(others).toEqual([]);
  return finding.paths;
}

const told = ({ steps }: Path): readonly string[] => steps.map(({ kind, functionName }) => `${kind} ${functionName}`);

it('does not go round in a recursive function', async () => {
  const paths = await pathsIn({
    'work.js': `
exports.start = (text, out) => read(text, out, 3);
function read(text, out, depth) {
  while (text) {
    const word = text.slice(0, 4);
    if (word === 'list') read(word, out, depth - 1);
    if (word === 'item') read(text.slice(1), out, depth - 1);
    if (word === 'nest') read(word + text, out, depth - 1);
    text = text.slice(4);
    require('child_process').exec(text);
  }
}
`,
  });
  expect(paths[0].truncated).toBeUndefined();
  expect(paths[0].steps.filter(({ kind }) => kind === 'call')).toHaveLength(2);
  expect(told(paths[0]).at(-1)).toBe('sink read');
});

it('does not go round in functions that call each other, when the way out comes last', async () => {
  const paths = await pathsIn({
    'work.js': `
exports.start = (value, out) => even(value, 7);
function even(value, depth) {
  if (depth > 3) return odd(value, depth - 1);
  if (depth > 2) return odd(value + 'a', depth - 1);
  return odd('b' + value, depth - 1);
}
function odd(value, depth) {
  if (depth > 5) even(value, depth - 1);
  if (depth > 4) even(value + 'c', depth - 2);
  last(value);
}
function last(value) {
  require('child_process').exec(value);
}
`,
  });
  expect(paths[0].truncated).toBeUndefined();
  expect(paths[0].steps.filter(({ kind }) => kind === 'call')).toHaveLength(4);
});

it('tells sources that come back from functions that call each other', async () => {
  const paths = await pathsIn({
    'server.js': "require('express')().get('/', (req) => { require('./work').start(req); });\n",
    'work.js': `
const first = (request, depth) => (depth > 1 ? second(request, depth - 1) : request.query.x);
const second = (request, depth) => (depth > 2 ? first(request, depth - 1) : first(request, 0));
exports.start = (request) => {
  require('child_process').exec(second(request, 5));
};
`,
  });
  expect(paths[0].truncated).toBeUndefined();
  expect(told(paths[0])[0]).toMatch(/^source /);
});

it('tells all of a chain of forty functions', async () => {
  const lines = Array.from({ length: 40 }, (_, i) => `function f${String(i)}(x) { f${String(i + 1)}(x); }`);
  const paths = await pathsIn({
    'work.js': `exports.start = (x) => f0(x);\n${lines.join('\n')}\nfunction f40(x) { require('child_process').exec(x); }\n`,
  });
  expect(paths[0].truncated).toBeUndefined();
  expect(paths[0].steps.filter(({ kind }) => kind === 'call')).toHaveLength(42);
});

it('is found again though recursion brings more inputs than one function is followed for', async () => {
  const walked = Array.from({ length: 26 }, (_, i) => `k${String(i)}`).map(
    (kind) =>
      `if (node.kind === '${kind}') return walk(node.${kind}) || walk(node.${kind}.left) || walk(node.${kind}.right.inner);`,
  );
  project.write({
    'package.json': '{"name": "walk", "main": "walk.js"}',
    'walk.js': `
const print = require('printer').print;
module.exports = function (tree) {
  return (function walk(node) {
    ${walked.join('\n    ')}
    return Function('return ' + print(node));
  })(tree);
};
`,
  });
  const analysis = await project.open({ threatModels: ['library'] });
  await analysis.scan({});
  const [{ paths, hasGap }] = analysis.allFindings();
  expect(paths[0].truncated).toBeUndefined();
  expect(hasGap).toBeUndefined();
  expect(told(paths[0])).toEqual([
    'source anonymous function',
    'call anonymous function',
    'flow walk',
    'flow walk',
    'flow walk',
    'sink walk',
  ]);
});

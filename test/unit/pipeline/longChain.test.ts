/** A change at the end of a long chain of calls goes up all of it, and comes out as in a clean run. */
import { afterEach, expect, it } from 'vitest';
import { findingsIn, Project } from './project';

const project = new Project();
afterEach(() => project.remove());

const FILES = 8;
const FUNCTIONS = 50;

function chain(): Record<string, string> {
  const files: Record<string, string> = {
    'server.js': "require('express')().get('/', (req) => { require('./part0').f0(req.query.x); });\n",
  };
  for (let file = 0; file < FILES; file++) {
    const lines = [`const next = require('./part${String(file + 1)}');`];
    for (let i = 0; i < FUNCTIONS; i++) {
      const callee = i === FUNCTIONS - 1 ? 'next.f0' : `exports.f${String(i + 1)}`;
      lines.push(`exports.f${String(i)} = (x) => ${callee}(x);`);
    }
    files[`part${String(file)}.js`] = `${lines.join('\n')}\n`;
  }
  return files;
}
const end = (body: string): Record<string, string> => ({
  [`part${String(FILES)}.js`]: `exports.f0 = (x) => { ${body} };\n`,
});

it('is followed to its start', async () => {
  project.write({ ...chain(), ...end("require('child_process').exec(x); return x;") });
  const analysis = await project.open();
  await analysis.scan({});
  expect(findingsIn(analysis)).toHaveLength(1);
  for (const body of [
    'return x + 1;',
    "require('fs').readFileSync(x); return { of: x };",
    "require('child_process').exec(x);",
  ]) {
    project.write(end(body));
    const { summaries } = await analysis.update([project.path(`part${String(FILES)}.js`)]);
    expect(summaries.changed).toBeGreaterThan(FILES * FUNCTIONS);
    const clean = await project.open();
    await clean.scan({});
    expect(findingsIn(analysis)).toEqual(findingsIn(clean));
    await analysis.idle();
    await clean.idle();
    expect(analysis.dump()).toEqual(clean.dump());
  }
});

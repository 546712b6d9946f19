import { describe, expect, it } from 'vitest';
import { extractJavaScript } from '../../../server/src/extract/javascript';

const code = `const limit = 10;
class Cart { items = []; add(x) { if (typeof x !== 'string') return; this.items.push(() => x + limit); } }
function run(cmd) { return exec('ls ' + cmd); }
exports.run = run;`;

function hashes(text: string): ReadonlyMap<string, string> {
  return new Map(extractJavaScript(text, 'js').functions.map((graph) => [graph.key, graph.structureHash]));
}

describe('structure hash', () => {
  it('has 16 hex digits and tells functions apart', () => {
    const all = [...hashes(code).values()];
    for (const hash of all) expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(new Set(all).size).toBe(all.length);
  });

  it('does not change with white space, comments and positions', () => {
    const moved = `// moved\n\n${code.replaceAll('{', ' /* open */ {\n').replaceAll(';', ' ;\n\n')}`;
    expect(hashes(moved)).toEqual(hashes(code));
  });

  it('does not change in functions when another one is inserted', () => {
    const before = hashes(code);
    const after = hashes(`function fresh(a) { return a.new + "text"; }\nclass Early { m() {} }\n${code}`);
    for (const [key, hash] of before) if (key !== 'module') expect([key, after.get(key)]).toEqual([key, hash]);
  });

  it.each([
    ['a string', "'ls '", "'rm '"],
    ['an operator', '!==', '==='],
    ['a parameter name', 'cmd', 'line'],
    ['an argument', 'exec(', 'exec(1, '],
    ['a callee', 'exec(', 'spawn('],
  ])('changes with %s', (_what, from, to) => {
    const before = hashes(code);
    const after = hashes(code.replaceAll(from, to));
    const changed = [...before].filter(([key, hash]) => after.get(key) !== hash);
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.length).toBeLessThan(before.size);
  });

  it('changes with the variable that is captured', () => {
    const make = (name: string): string | undefined =>
      hashes(`let a = f(), b = g(); function h() { return ${name}; }`).get('function h');
    expect(make('a')).not.toBe(make('b'));
  });
});

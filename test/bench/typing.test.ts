import { describe, expect, it } from 'vitest';
import { editsFor } from './typing';

const text = Array.from({ length: 20 }, (_, i) => `function f${String(i)}(p${String(i)}) {\n  g();\n}`).join('\n');

function apply(source: string, edits: ReturnType<typeof editsFor>): string {
  const lines = source.split('\n');
  for (const { start, end, text: typed } of edits) {
    const before = lines[start.line].slice(0, start.character);
    const after = lines[end.line].slice(end.character);
    lines.splice(start.line, end.line - start.line + 1, ...(before + typed + after).split('\n'));
  }
  return lines.join('\n');
}

describe('typing', () => {
  it('changes a summary with at least a fifth of the edits', () => {
    const edits = editsFor(text, 240);
    expect(edits).toHaveLength(240);
    expect(edits.filter(({ changesSummary }) => changesSummary).length).toBeGreaterThanOrEqual(48);
    expect(edits).toEqual(editsFor(text, 240));
  });

  it('lands in the bodies of functions and leaves no return behind', () => {
    const whole = apply(text, editsFor(text, 2000).slice(0, -50));
    for (const [, name, parameter] of whole.matchAll(/var probe(\d+) = (p\d+);/g)) {
      expect(whole).toMatch(
        new RegExp(
          `function f${parameter.slice(1)}\\(${parameter}\\) \\{\\n(?:[^}]*\\n)?var probe${name} = ${parameter};`,
        ),
      );
    }
    expect(whole.match(/^return /gm)?.length ?? 0).toBeLessThanOrEqual(1);
  });

  it('refuses a file without a place to type', () => {
    expect(() => editsFor('var a = 1;', 10)).toThrow(/no function/);
  });
});

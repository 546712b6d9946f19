import { describe, expect, it } from 'vitest';
import { hoverAt } from '../../../server/src/present/hover';
import { finding, place, step, view } from './findingFixture';

describe('hoverAt', () => {
  it('tells at the sink the rule, the weakness, the path with links and what would make it safe', () => {
    const hover = hoverAt('/w/out.ts', 8, 5, [finding()], view);
    expect(hover?.range).toEqual({ start: { line: 8, character: 2 }, end: { line: 8, character: 10 } });
    const text = hover?.markdown ?? '';
    expect(text).toContain('**Command injection**');
    expect(text).toContain('[CWE-78](https://cwe.mitre.org/data/definitions/78.html)');
    expect(text).toContain('Critical · likely flow');
    expect(text).toContain('1. [in\\.ts:2](file:///w/in.ts#L2,5) source: source');
    expect(text).toContain('2. [mid\\.ts:5](file:///w/mid.ts#L5,1) call: passed to `run`');
    expect(text).toContain('3. [out\\.ts:9](file:///w/out.ts#L9,3) sink: sink');
    expect(text).toContain('**What would make it safe:** Use `execFile`.');
  });

  it('says at the source and at a step what the place is', () => {
    expect(hoverAt('/w/in.ts', 1, 4, [finding()], view)?.markdown).toContain(
      'Untrusted data comes in here (`Express request query`)',
    );
    expect(hoverAt('/w/mid.ts', 4, 2, [finding()], view)?.markdown).toContain(
      'This value is tainted: passed to `run`.',
    );
  });

  it('is silent elsewhere', () => {
    expect(hoverAt('/w/out.ts', 8, 11, [finding()], view)).toBeUndefined();
    expect(hoverAt('/w/out.ts', 7, 5, [finding()], view)).toBeUndefined();
    expect(hoverAt('/w/other.ts', 8, 5, [finding()], view)).toBeUndefined();
  });

  it('takes the innermost step, and the path it is on', () => {
    const outer = step('flow', place('/w/mid.ts', 4, 0, 40), 'the outer');
    const inner = step('flow', place('/w/mid.ts', 4, 10, 14), 'the inner');
    const paths = [{ steps: [outer] }, { steps: [inner, step('sink', place('/w/out.ts', 8))] }];
    const text = hoverAt('/w/mid.ts', 4, 12, [finding({ paths })], view)?.markdown ?? '';
    expect(text).toContain('the inner');
    expect(text).not.toContain('the outer');
    expect(text).toContain('**Path** (one of 2)');
  });

  it('puts the worst first and counts what it leaves out', () => {
    const low = (id: string) => finding({ severity: 'low', message: `low ${id}` }, id);
    const text = hoverAt('/w/out.ts', 8, 5, [low('a'), low('b'), low('c'), finding()], view)?.markdown ?? '';
    expect(text.indexOf('Critical')).toBeLessThan(text.indexOf('Low'));
    expect(text).toContain('_and 1 more finding here_');
  });

  it('shows both ends of a long path', () => {
    const steps = Array.from({ length: 60 }, (_, line) =>
      step('flow', place('/w/out.ts', line, 0, 20), `at ${String(line)}`),
    );
    const text = hoverAt('/w/out.ts', 8, 5, [finding({ paths: [{ steps }] })], view)?.markdown ?? '';
    expect(text).toContain('1. [');
    expect(text).toContain('60. [');
    expect(text).not.toContain('40. [');
    expect(text).toContain('_… 35 steps …_');
  });

  it('lets no text of the code become markup', () => {
    const evil = '![x](https://evil.example/p.png)';
    const paths = [{ steps: [step('sink', place('/w/out.ts', 8), `reads ${evil}`)] }];
    const text = hoverAt('/w/out.ts', 8, 5, [finding({ message: evil, paths })], view)?.markdown ?? '';
    expect(text).not.toContain('![x]');
    expect(text).not.toContain('](https://evil');
  });
});

import { describe, expect, it } from 'vitest';
import { taintPaths, taintTree } from '../../../server/src/present/taintTree';
import { finding, place, view } from './findingFixture';

const low = finding({ severity: 'low', sink: place('/w/a.ts', 3) }, 'low');
const high = finding(
  { severity: 'high', rule: { ...finding().finding.rule, id: 'sql-injection', name: 'SQL injection' } },
  'high',
);

describe('taintTree', () => {
  it('groups by severity, most severe first', () => {
    const tree = taintTree(7, [low, finding(), high], 'severity', view);
    expect(tree).toMatchObject({ generation: 7, total: 3, omitted: 0 });
    expect(tree.groups.map(({ label, findings }) => [label, findings.map(({ id }) => id)])).toEqual([
      ['Critical', ['f1']],
      ['High', ['high']],
      ['Low', ['low']],
    ]);
  });

  it('groups by file and by rule, the group with the worst finding first', () => {
    expect(
      taintTree(1, [low, finding()], 'file', view).groups.map(({ label, uri, severity }) => [label, uri, severity]),
    ).toEqual([
      ['out.ts', 'file:///w/out.ts', 'critical'],
      ['a.ts', 'file:///w/a.ts', 'low'],
    ]);
    expect(
      taintTree(1, [high, finding(), low], 'rule', view).groups.map(({ id, description }) => [id, description]),
    ).toEqual([
      ['rule:command-injection', '2'],
      ['rule:sql-injection', '1'],
    ]);
  });

  it('says of a finding what screen readers need', () => {
    const [group] = taintTree(1, [finding()], 'none', view).groups;
    expect(group?.findings[0]?.accessibilityLabel).toBe(
      'Critical severity, likely: Command injection. Express request query reaches child_process.exec at out.ts:9, 1 path.',
    );
  });

  it('counts what it does not show', () => {
    const many = Array.from({ length: 5003 }, (_, i) => finding({}, `f${String(i)}`));
    const tree = taintTree(1, many, 'none', view);
    expect(tree.groups[0]?.findings).toHaveLength(5000);
    expect(tree).toMatchObject({ total: 5003, omitted: 3 });
  });
});

describe('taintPaths', () => {
  it('numbers the steps and names places and functions', () => {
    const { paths, morePaths } = taintPaths(finding({ morePaths: 2 }), view);
    expect(morePaths).toBe(2);
    expect(paths[0]).toMatchObject({ label: 'Path 1', description: '3 steps, 3 files' });
    expect(paths[0]?.steps[1]).toEqual({
      number: 2,
      kind: 'call',
      label: '2. passed to run',
      description: 'mid.ts:5 in run',
      accessibilityLabel: 'Step 2 of 3, call: passed to run, mid.ts:5 in run',
      uri: 'file:///w/mid.ts',
      range: place('/w/mid.ts', 4).range,
    });
  });
});

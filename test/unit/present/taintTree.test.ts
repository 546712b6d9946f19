import { describe, expect, it } from 'vitest';
import {
  compareFindings,
  compareGroups,
  groupIdOf,
  groupLabelOf,
  taintFindings,
  taintPaths,
  taintTree,
  type FindingGroup,
} from '../../../server/src/present/taintTree';
import { GROUPINGS, type Grouping } from '../../../server/src/protocol/messages';
import { finding, place, view } from './findingFixture';

const low = finding({ severity: 'low', sink: place('/w/a.ts', 3) }, 'low');
const high = finding(
  { severity: 'high', rule: { ...finding().finding.rule, id: 'sql-injection', name: 'SQL injection' } },
  'high',
);

type Named = ReturnType<typeof finding>;

function groupOf(first: Named, others: readonly Named[], grouping: Grouping): FindingGroup {
  return {
    id: groupIdOf(first, grouping),
    label: groupLabelOf(first, grouping, view),
    findings: [first, ...others],
  };
}

const many = (count: number, part: Parameters<typeof finding>[0] = {}): [Named, Named[]] => {
  const all = Array.from({ length: count }, (_, i) => finding(part, `f${String(i).padStart(5, '0')}`));
  return [all[0] ?? finding(part), all.slice(1)];
};

const all = { generation: 7, total: 3, groups: 100 };

describe('the order of the tree', () => {
  it('is by severity, then certainty, then place', () => {
    const sure = finding({ confidence: 3 }, 'sure');
    const earlier = finding({ sink: place('/w/out.ts', 2) }, 'earlier');
    expect([low, finding(), high, earlier, sure].sort(compareFindings).map(({ id }) => id)).toEqual([
      'sure',
      'earlier',
      'f1',
      'high',
      'low',
    ]);
  });

  it('has the group with the worst finding first, then goes by name', () => {
    const groups = [low, high, finding({ sink: place('/w/b.ts', 1) }), finding()].map((each) =>
      groupOf(each, [], 'file'),
    );
    expect(groups.sort(compareGroups).map(({ label }) => label)).toEqual(['b.ts', 'out.ts', 'out.ts', 'a.ts']);
  });

  it('names a group for each way of grouping', () => {
    expect(GROUPINGS.map((grouping) => groupOf(high, [], grouping)).map(({ id, label }) => [id, label])).toEqual([
      ['severity:high', 'High'],
      ['rule:sql-injection', 'SQL injection'],
      ['file:/w/out.ts', 'out.ts'],
      ['all', 'All findings'],
    ]);
  });
});

describe('taintTree', () => {
  it('has a small tree with all findings', () => {
    const tree = taintTree([groupOf(finding(), [high], 'file'), groupOf(low, [], 'file')], 'file', all, view);
    expect(tree).toMatchObject({ generation: 7, total: 3, moreGroups: 0 });
    expect(
      tree.groups.map(({ label, uri, severity, description, count, findings }) => {
        return [label, uri, severity, description, count, findings.map(({ id }) => id)];
      }),
    ).toEqual([
      ['out.ts', 'file:///w/out.ts', 'critical', '2', 2, ['f1', 'high']],
      ['a.ts', 'file:///w/a.ts', 'low', '1', 1, ['low']],
    ]);
  });

  it('says of a finding what screen readers need', () => {
    const [group] = taintTree([groupOf(finding(), [], 'none')], 'none', all, view).groups;
    expect(group?.findings[0]?.accessibilityLabel).toBe(
      'Critical severity, likely: Command injection. Express request query reaches child_process.exec at out.ts:9, 1 path.',
    );
  });

  it('sends the first findings of a large tree along, and counts all', () => {
    const groups = [groupOf(...many(200), 'severity'), groupOf(...many(300, { severity: 'low' }), 'severity')];
    groups.push(groupOf(...many(7, { severity: 'note' }), 'severity'));
    const tree = taintTree(groups, 'severity', { ...all, total: 507 }, view);
    expect(tree.groups.map(({ description, count, findings }) => [description, count, findings.length])).toEqual([
      ['200', 200, 200],
      ['300', 300, 50],
      ['7', 7, 0],
    ]);
    expect(tree).toMatchObject({ total: 507, moreGroups: 0 });
  });

  it('counts the groups it does not send', () => {
    const groups = Array.from({ length: 5 }, (_, i) =>
      groupOf(finding({ sink: place(`/w/${String(i)}.ts`, 1) }), [], 'file'),
    );
    const tree = taintTree(groups, 'file', { generation: 1, total: 5, groups: 2 }, view);
    expect(tree.groups.map(({ label }) => label)).toEqual(['0.ts', '1.ts']);
    expect(tree).toMatchObject({ total: 5, moreGroups: 3 });
  });
});

describe('taintFindings', () => {
  it('goes through a group in pages, each finding once', () => {
    const group = groupOf(...many(600), 'severity');
    const ids: string[] = [];
    const sizes: number[] = [];
    while (ids.length < 600) {
      const { findings, count } = taintFindings(group, 'severity', ids.length, view);
      expect(count).toBe(600);
      sizes.push(findings.length);
      ids.push(...findings.map(({ id }) => id));
    }
    expect(sizes).toEqual([250, 250, 100]);
    expect(ids).toEqual(group.findings.map(({ id }) => id));
    expect(taintFindings(group, 'severity', 600, view)).toEqual({ findings: [], count: 600 });
  });

  it('has none of a group that is gone', () => {
    expect(taintFindings(undefined, 'file', 0, view)).toEqual({ findings: [], count: 0 });
  });
});

describe('taintPaths', () => {
  it('numbers the steps and names places and functions', () => {
    const { paths, morePaths, tooltip } = taintPaths(finding({ morePaths: 2 }), view);
    expect(morePaths).toBe(2);
    expect(tooltip).toBe(
      '**Command injection**\n\nExpress request query reaches a command line\\.\n\nCritical · likely · 1 path  \n' +
        'Source: `Express request query` in in\\.ts:2  \nSink: `child_process.exec` in out\\.ts:9',
    );
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

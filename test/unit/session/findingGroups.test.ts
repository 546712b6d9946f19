import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { GROUPINGS, type Grouping } from '../../../server/src/protocol/messages';
import { Documents } from '../../../server/src/session/documents';
import { FindingGroups } from '../../../server/src/session/findingGroups';
import { PublishedFindings } from '../../../server/src/session/published';
import { finding, place } from '../present/findingFixture';

let published: PublishedFindings;
let documents: Documents;
let groups: FindingGroups;
beforeEach(() => {
  published = new PublishedFindings();
  documents = new Documents();
  documents.roots = ['/w'];
  groups = new FindingGroups(published, documents);
});

type Part = NonNullable<Parameters<typeof finding>[0]>;

function publish(path: string, ...parts: Part[]): void {
  const findings = parts.map((part, line) => finding({ sink: place(path, line), ...part }, `${path}${String(line)}`));
  published.apply([{ path, version: undefined, findings: findings.map((named) => named.finding), status: undefined }]);
}

/** Labels with the findings below them, in order. */
function shown(grouping: Grouping, of = groups): [string, string[]][] {
  return of.of(grouping).groups.map(({ label, findings }) => [label, findings.map(({ id }) => id)]);
}

describe('FindingGroups', () => {
  it('follows what is published', () => {
    publish('/w/b.ts', { severity: 'low' });
    publish('/w/a.ts', { severity: 'low' }, { severity: 'high' });
    expect(shown('file')).toEqual([
      ['a.ts', ['/w/a.ts1', '/w/a.ts0']],
      ['b.ts', ['/w/b.ts0']],
    ]);
    expect(shown('severity')).toEqual([
      ['High', ['/w/a.ts1']],
      ['Low', ['/w/a.ts0', '/w/b.ts0']],
    ]);
    publish('/w/b.ts', { severity: 'critical' }, { severity: 'low' });
    expect(shown('file')[0]).toEqual(['b.ts', ['/w/b.ts0', '/w/b.ts1']]);
    expect(shown('severity')).toEqual([
      ['Critical', ['/w/b.ts0']],
      ['High', ['/w/a.ts1']],
      ['Low', ['/w/a.ts0', '/w/b.ts1']],
    ]);
    publish('/w/a.ts');
    expect(shown('file')).toEqual([['b.ts', ['/w/b.ts0', '/w/b.ts1']]]);
    expect(groups.of('severity').byId.has('severity:high')).toBe(false);
  });

  it('leaves the groups alone that an update is not about', () => {
    publish('/w/a.ts', {}, {});
    publish('/w/b.ts', {});
    const before = groups.of('file').byId.get('file:/w/a.ts');
    publish('/w/b.ts', { severity: 'low' });
    expect(groups.of('file').byId.get('file:/w/a.ts')).toBe(before);
    const list = groups.of('file').groups;
    expect(groups.of('file').groups).toBe(list);
  });

  it('names files by the roots there are now', () => {
    publish('/w/lib/a.ts', {});
    expect(shown('file').map(([label]) => label)).toEqual(['lib/a.ts']);
    documents.roots = ['/w/lib'];
    expect(shown('file').map(([label]) => label)).toEqual(['a.ts']);
  });

  it('is empty when all is forgotten', () => {
    publish('/w/a.ts', {});
    for (const grouping of GROUPINGS) expect(shown(grouping)).toHaveLength(1);
    published.clear();
    for (const grouping of GROUPINGS) expect(shown(grouping)).toEqual([]);
  });

  it('is after any updates what it would be if it were asked for the first time', () => {
    const part = fc.record({
      severity: fc.constantFrom('critical', 'high', 'medium', 'low', 'note'),
      confidence: fc.constantFrom(1, 2, 3),
    });
    const update = fc.record({
      path: fc.constantFrom('/w/a.ts', '/w/b.ts', '/w/c/a.ts', '/w/d.ts'),
      parts: fc.array(part, { maxLength: 4 }),
      asked: fc.option(fc.constantFrom(...GROUPINGS)),
    });
    fc.assert(
      fc.property(fc.array(update, { maxLength: 20 }), (updates) => {
        published = new PublishedFindings();
        groups = new FindingGroups(published, documents);
        for (const { path, parts, asked } of updates) {
          publish(path, ...(parts as Part[]));
          if (asked !== null) groups.of(asked);
        }
        const fresh = new FindingGroups(published, documents);
        for (const grouping of GROUPINGS) expect(shown(grouping)).toEqual(shown(grouping, fresh));
      }),
    );
  });
});

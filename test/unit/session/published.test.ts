import { beforeEach, describe, expect, it } from 'vitest';
import type { FileStatus } from '../../../server/src/model/finding';
import { PublishedFindings } from '../../../server/src/session/published';
import { finding } from '../present/findingFixture';

const OUT = '/w/out.ts';
const status: FileStatus = { path: OUT, state: 'indexed', reason: '', lost: [], limits: [] };

let published: PublishedFindings;
let changes: [string[], string[]][];
beforeEach(() => {
  published = new PublishedFindings();
  changes = [];
  published.events.on('changed', (own, touched) => changes.push([[...own], [...touched].sort()]));
});

const publish = (findings: ReturnType<typeof finding>[] | undefined, version?: number): void => {
  published.apply([{ path: OUT, version, findings: findings?.map((named) => named.finding), status }]);
};

describe('PublishedFindings', () => {
  it('answers by sink, by every file a path crosses, and by id', () => {
    publish([finding()]);
    expect(published.inFile(OUT)).toHaveLength(1);
    for (const path of [OUT, '/w/in.ts', '/w/mid.ts']) expect(published.touching(path)).toHaveLength(1);
    expect(published.touching('/w/other.ts')).toEqual([]);
    expect(published.byId('f1')?.finding.sink.path).toBe(OUT);
    expect(changes).toEqual([[[OUT], ['/w/in.ts', '/w/mid.ts']]]);
  });

  it('forgets what is replaced', () => {
    publish([finding()]);
    publish([]);
    expect(published.total).toBe(0);
    expect(published.touching('/w/mid.ts')).toEqual([]);
    expect(published.byId('f1')).toBeUndefined();
    expect(changes.at(-1)).toEqual([[OUT], ['/w/in.ts', '/w/mid.ts']]);
  });

  it('keeps findings with one fingerprint apart', () => {
    publish([finding(), finding()]);
    expect(published.inFile(OUT).map(({ id }) => id)).toEqual(['f1', 'f1-2']);
  });

  it('gives a new revision to what changed only', () => {
    publish([finding()]);
    const first = published.revision(OUT);
    publish(undefined, 4);
    expect(published.revision(OUT)).toBe(first);
    expect(published.analysedVersion(OUT)).toBe(4);
    publish([finding()]);
    expect(published.revision(OUT)).not.toBe(first);
    expect(published.revision('/w/never.ts')).toBe(0);
  });

  it('confirms versions after the change is visible', () => {
    const seen: [string, number, number][] = [];
    published.events.on('analysed', (path, version) => seen.push([path, version, published.total]));
    publish([finding()], 7);
    expect(seen).toEqual([[OUT, 7, 1]]);
  });

  it('keeps what an earlier thread told until the new one has told everything', () => {
    publish([finding()]);
    published.startEpoch();
    expect(published.total).toBe(1);
    published.endEpoch();
    expect(published.total).toBe(0);
    expect(changes).toHaveLength(2);
  });

  it('drops old findings of a file the new thread finds nothing in', () => {
    publish([finding()]);
    published.startEpoch();
    publish(undefined, 1);
    expect(published.total).toBe(0);
  });
});

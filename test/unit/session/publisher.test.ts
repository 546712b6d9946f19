import { beforeEach, describe, expect, it } from 'vitest';
import type { FileStatus, ResolvedFinding } from '../../../server/src/model/finding';
import { Publisher } from '../../../server/src/session/publisher';
import { finding, place } from '../present/findingFixture';

const OUT = '/w/out.ts';
let findings: ResolvedFinding[];
let statuses: Map<string, FileStatus>;
let publisher: Publisher;

beforeEach(() => {
  findings = [finding().finding];
  statuses = new Map();
  publisher = new Publisher({
    findingsOf: (path) => findings.filter(({ sink, source }) => sink.path === path || source.path === path),
    statusOf: (path) => statuses.get(path),
  });
});

describe('Publisher', () => {
  it('sends findings with the file of their sink, once', () => {
    expect(publisher.publish(OUT, undefined)?.findings).toHaveLength(1);
    expect(publisher.publish('/w/in.ts', undefined)).toBeUndefined();
    expect(publisher.publish(OUT, undefined)).toBeUndefined();
  });

  it('confirms a version even when nothing is new', () => {
    publisher.publish(OUT, 1);
    expect(publisher.publish(OUT, 2)).toMatchObject({ version: 2, findings: undefined });
    expect(publisher.publish('/w/clean.ts', 5)).toMatchObject({ version: 5, findings: undefined });
  });

  it('sends nothing of findings that are equal and others, as after a rebuild', () => {
    publisher.publish(OUT, undefined);
    findings = [finding().finding];
    expect(publisher.publish(OUT, undefined)).toBeUndefined();
    expect(publisher.publish(OUT, 3)).toMatchObject({ version: 3, findings: undefined });
    statuses.set(OUT, { path: OUT, state: 'partial', reason: '', lost: [], limits: [] });
    expect(publisher.publish(OUT, undefined)).toMatchObject({ findings: [{}], status: { state: 'partial' } });
  });

  it('sends a file again when a step moved, and knows whom a file concerns', () => {
    publisher.publish(OUT, undefined);
    expect([...publisher.concerned(['/w/mid.ts'])].sort()).toEqual(['/w/mid.ts', OUT]);
    const [first] = findings;
    const steps = first?.paths[0]?.steps.map((step) => ({ ...step, location: place('/w/mid.ts', 40) })) ?? [];
    findings = [finding({ paths: [{ steps }] }).finding];
    expect(publisher.publish(OUT, undefined)?.findings).toHaveLength(1);
  });

  it('says when the last finding is gone, and forgets the file', () => {
    publisher.publish(OUT, undefined);
    findings = [];
    expect(publisher.publish(OUT, undefined)?.findings).toEqual([]);
    expect([...publisher.known()]).toEqual([]);
    expect([...publisher.concerned(['/w/mid.ts'])]).toEqual(['/w/mid.ts']);
    expect(publisher.publish(OUT, undefined)).toBeUndefined();
  });

  it('sends the status of files that are not whole', () => {
    statuses.set('/w/bad.ts', { path: '/w/bad.ts', state: 'failed', reason: 'x', lost: [], limits: [] });
    expect(publisher.publish('/w/bad.ts', undefined)?.status?.state).toBe('failed');
    expect(publisher.publish('/w/bad.ts', undefined)).toBeUndefined();
    statuses.set('/w/bad.ts', { path: '/w/bad.ts', state: 'indexed', reason: '', lost: [], limits: [] });
    expect(publisher.publish('/w/bad.ts', undefined)).toMatchObject({ findings: [], status: { state: 'indexed' } });
  });
});

import { describe, expect, it } from 'vitest';
import { codeLenses } from '../../../server/src/present/codeLenses';
import type { NamedFinding } from '../../../server/src/present/diagnostics';
import { finding, place, view } from './findingFixture';

const titles = (path: string, findings: NamedFinding[]): (string | undefined)[] =>
  codeLenses(path, findings, view).map((lens) => lens.command?.title);

describe('codeLenses', () => {
  it('counts paths above the function that holds the sink', () => {
    expect(titles('/w/out.ts', [finding()])).toEqual(['1 taint path reaches this']);
    const { paths } = finding().finding;
    expect(titles('/w/out.ts', [finding({ paths: [...paths, ...paths] })])).toEqual(['2 taint paths reach this']);
    expect(titles('/w/out.ts', [finding({ morePaths: 4 })])).toEqual(['5 taint paths reach this']);
    expect(titles('/w/out.ts', [finding({ morePaths: -1 })])).toEqual(['more than 1 taint path reach this']);
  });

  it('counts distinct sinks above the entry point', () => {
    const same = finding({}, 'f2');
    const other = finding({ sink: place('/w/out.ts', 20) }, 'f3');
    expect(titles('/w/in.ts', [finding(), same])).toEqual(['untrusted input flows to 1 sink']);
    expect(titles('/w/in.ts', [finding(), same, other])).toEqual(['untrusted input flows to 2 sinks']);
  });

  it('has none for files a path only crosses', () => {
    expect(codeLenses('/w/mid.ts', [finding()], view)).toEqual([]);
  });

  it('puts one lens on each function, in order, the entry point first', () => {
    const here = { ...place('/w/in.ts', 0), name: 'handler' };
    const own = finding({ sinkFunction: here }, 'own');
    const later = finding({ sinkFunction: { ...place('/w/in.ts', 40), name: 'later' } }, 'later');
    expect(titles('/w/in.ts', [later, own])).toEqual([
      'untrusted input flows to 1 sink',
      '1 taint path reaches this',
      '1 taint path reaches this',
    ]);
  });

  it('hands the findings to the command, most severe first', () => {
    const low = finding({ severity: 'low' }, 'low');
    const [lens] = codeLenses('/w/out.ts', [low, finding()], view);
    expect(lens?.command).toMatchObject({
      command: 'tributary.showPaths',
      arguments: [{ uri: 'file:///w/out.ts', position: { line: 6, character: 0 }, findings: ['f1', 'low'] }],
    });
  });
});

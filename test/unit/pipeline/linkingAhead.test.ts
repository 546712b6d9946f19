/** A first index is linked package by package while it is extracted, and the result is what it would be otherwise. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FileId } from '../../../server/src/model/ids';
import { LinkingAhead } from '../../../server/src/pipeline/linkingAhead';
import { Project, findingsIn } from './project';

describe('the order of linking', () => {
  const manifests: Readonly<Record<string, unknown>> = {
    '/w/package.json': { name: 'root' },
    '/w/a/package.json': { name: 'a' },
    '/w/a/esm/package.json': { type: 'module' },
    '/w/b/package.json': { name: 'b' },
  };
  const host = { isFile: (path: string) => path in manifests, readJson: (path: string) => manifests[path] };
  const named = (folder: string, count: number): string[] =>
    Array.from({ length: count }, (_, i) => `${folder}/f${String(i)}.js`);

  function open(
    paths: readonly string[],
    again = 0,
  ): { ahead: LinkingAhead; linked: number[]; store: (some: readonly string[]) => void } {
    const linked: number[] = [];
    const ahead = new LinkingAhead(paths, host, (files) => {
      linked.push(files.length);
      return {
        relinked: [],
        removed: [],
        reviewed: [],
        files: [...files, ...Array.from({ length: again }, () => 0 as FileId)],
      };
    });
    let next = 1;
    const store = (some: readonly string[]): void => {
      for (const path of some) {
        ahead.stored(path, next++ as FileId);
        ahead.step();
      }
    };
    return { ahead, linked, store };
  }

  it('is that in which packages become complete', () => {
    const a = [...named('/w/a', 150), ...named('/w/a/esm', 50)];
    const b = named('/w/b/lib/deep', 200);
    const rest = named('/w/src', 200);
    const { linked, store } = open([...a, ...b, ...rest]);
    store(a.slice(0, 199));
    expect(linked).toEqual([]);
    store(b.slice(0, 100));
    store(a.slice(199));
    expect(linked).toEqual([200]);
    store([...b.slice(100), ...rest]);
    expect(linked).toEqual([200, 200, 200]);
  });

  it('joins small packages, and counts files without facts as done', () => {
    const a = named('/w/a', 100);
    const b = named('/w/b', 100);
    const { ahead, linked, store } = open([...a, ...b]);
    store(a);
    expect(linked).toEqual([]);
    ahead.stored(b[0], undefined);
    store(b.slice(1));
    expect(linked).toEqual([199]);
  });

  it('is given up when earlier packages are linked again and again', () => {
    const a = named('/w/a', 200);
    const b = named('/w/b', 200);
    const { linked, store } = open([...a, ...b], 1_201);
    store([...a, ...b]);
    expect(linked).toEqual([200]);
  });

  it('is gone on with when a package now and then has others linked again', () => {
    const a = named('/w/a', 200);
    const b = named('/w/b', 200);
    const { linked, store } = open([...a, ...b], 400);
    store([...a, ...b]);
    expect(linked).toEqual([200, 200]);
  });
});

describe('findings', () => {
  let project: Project;
  beforeEach(() => {
    project = new Project();
  });
  afterEach(async () => {
    await project.remove();
  });

  it('cross packages in both directions, whichever is linked first', async () => {
    const filler = (name: string): Record<string, string> =>
      Object.fromEntries(
        Array.from({ length: 140 }, (_, i) => [`${name}/part${String(i)}.js`, `exports.f = (x) => x + ${String(i)};`]),
      );
    const run = "const { exec } = require('child_process');\nexports.run = (text) => exec(text);";
    const app = (target: string): string =>
      [
        "const express = require('express');",
        `const { run } = require('${target}');`,
        "const { f } = require('./part7');",
        'express().get("/", (req, res) => run(f(req.query.q)));',
      ].join('\n');
    project.write({
      ...filler('a'),
      ...filler('m'),
      ...filler('z'),
      'a/package.json': '{"name": "a"}',
      'm/package.json': '{"name": "m"}',
      'z/package.json': '{"name": "z"}',
      'm/run.js': run,
      'a/server.js': app('../m/run'),
      'z/server.js': app('../m/run'),
      'm/server.js': app('../z/run'),
      'z/run.js': run,
    });
    const analysis = await project.open();
    const { relinkedFunctions } = await analysis.scan({});
    const found = findingsIn(analysis);
    expect(found.map((line) => line.split(' ').slice(0, 1))).toHaveLength(3);
    expect(new Set(analysis.allFindings().map(({ sink }) => sink.path))).toEqual(
      new Set([project.path('m/run.js'), project.path('z/run.js')]),
    );
    expect(relinkedFunctions).toBe(analysis.statistics().functions);

    // Without any package of its own, everything is linked at the end.
    for (const name of ['a', 'm', 'z']) project.delete(`${name}/package.json`);
    const atOnce = await project.open();
    await atOnce.scan({});
    expect(findingsIn(atOnce)).toEqual(found);
  });
});

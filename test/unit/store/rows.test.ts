import { describe, expect, it } from 'vitest';
import type { FileId } from '../../../server/src/model/ids';
import { encodeGraph } from '../../../server/src/model/graphCodec';
import { StoreError } from '../../../server/src/store/errors';
import { close, factsRecord, fileRecord, hashOf, openStore, put, ROOT, temporaryFolder, textOf } from './harness';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe('files and facts', () => {
  it('gives back a file as it was put', async () => {
    const { store } = await openStore();
    const record = fileRecord('src/a b#%😀.js', 'text', {
      state: 'partial',
      reason: 'Two ranges could not be parsed.',
      lost: [{ start: { line: 1, character: 2 }, end: { line: 3, character: 4 } }],
      limits: ['Too many nodes.'],
    });
    const id = store.batch(() => store.putFile(record, factsRecord('text')));
    const facts = store.facts.find(hashOf('text'), 'js', 'x1');
    expect(store.files.get(id)).toEqual({ ...record, id, facts });
    expect(store.files.find(ROOT, record.path)).toEqual(store.files.get(id));
    expect(store.files.idOf(ROOT, record.path)).toBe(id);
    expect([...store.files.statuses()]).toEqual([
      {
        path: `${ROOT}/${record.path}`,
        state: 'partial',
        reason: record.reason,
        lost: record.lost,
        limits: record.limits,
      },
    ]);
  });

  it('shares the facts of equal texts and collects them with the last file', async () => {
    const { store } = await openStore();
    const [a, b] = store.batch(() => [put(store, 'a.js', 'same'), put(store, 'b.js', 'same')]);
    const facts = store.files.get(a)?.facts;
    expect(store.files.get(b)?.facts).toBe(facts);
    expect(store.facts.callers('call_same')).toEqual([a, b]);
    expect(store.facts.symbols('symbol_same')).toEqual([
      { name: 'symbol_same', kind: 'export', functionKey: 4_000_000_000, file: a },
      { name: 'symbol_same', kind: 'export', functionKey: 4_000_000_000, file: b },
    ]);
    store.batch(() => store.files.remove(a));
    expect(textOf(store.facts.graph(b))).toBe('graph of same');
    store.batch(() => store.files.remove(b));
    expect(store.facts.find(hashOf('same'), 'js', 'x1')).toBeUndefined();
    expect(store.facts.graph(b)).toBeUndefined();
    expect(store.facts.callers('call_same')).toEqual([]);
  });

  it('keeps the facts of the same text in two dialects apart', async () => {
    const { store } = await openStore();
    const [js, ts] = store.batch(() => [
      put(store, 'a.js', 'text'),
      store.putFile(
        fileRecord('a.ts', 'text', { dialect: 'ts' }),
        factsRecord('text', { dialect: 'ts', graph: bytes(7) }),
      ),
    ]);
    expect(textOf(store.facts.graph(js))).toBe('graph of text');
    expect(store.facts.graph(ts)).toEqual(bytes(7));
  });

  it('replaces a file in place: same id, new facts, caches included', async () => {
    const { store } = await openStore();
    const id = store.batch(() => put(store, 'a.js', 'one'));
    expect(textOf(store.facts.graph(id))).toBe('graph of one');
    expect(textOf(store.facts.skeleton(id))).toBe('skeleton of one');
    expect(store.batch(() => put(store, 'a.js', 'two'))).toBe(id);
    expect(textOf(store.facts.graph(id))).toBe('graph of two');
    expect(textOf(store.facts.skeleton(id))).toBe('skeleton of two');
    expect(store.facts.find(hashOf('one'), 'js', 'x1')).toBeUndefined();
  });

  it('never gives an id twice', async () => {
    const { store } = await openStore();
    const first = store.batch(() => put(store, 'a.js', 'one'));
    store.batch(() => {
      store.files.remove(first);
    });
    expect(store.batch(() => put(store, 'b.js', 'one'))).toBeGreaterThan(first);
    store.batch(() => {
      store.files.clearPending();
    });
    expect(store.batch(() => put(store, 'a.js', 'one'))).toBeGreaterThan(first);
  });

  it('gives a file its id back that returns before its removal was dealt with', async () => {
    const { store } = await openStore();
    const id = store.batch(() => put(store, 'a.js', 'one'));
    store.batch(() => {
      store.files.clearPending();
      store.files.remove(id);
    });
    expect(store.batch(() => put(store, 'a.js', 'two'))).toBe(id);
    expect(store.files.pending()).toEqual([{ file: id, change: 'new', root: ROOT, path: 'a.js' }]);
  });

  it('opens a graph once for all who ask', async () => {
    const { store } = await openStore();
    const graph = encodeGraph({
      dialect: 'js',
      strings: ['x'],
      functions: [],
      classes: [],
      imports: [],
      decorators: [],
      isEsm: true,
      lineStarts: new Uint32Array([0]),
      lost: [],
      limits: [],
    });
    const id = store.batch(() => store.putFile(fileRecord('a.js', 't'), factsRecord('t', { graph })));
    expect(store.facts.openGraph(id)?.strings).toEqual(['x']);
    expect(store.facts.openGraph(id)).toBe(store.facts.openGraph(id));
    expect([...store.facts.graphsOf([id])]).toEqual([[id, graph]]);
    expect([...store.facts.allSkeletons()].map(([file]) => file)).toEqual([id]);
  });

  it('knows where files are, also after removals and batches that failed', async () => {
    const { store } = await openStore();
    const a = store.batch(() => put(store, 'a.js', 'a'));
    expect(store.files.placeOf(a)).toMatchObject({ root: ROOT, path: 'a.js' });
    const stop = new Error('stop');
    let lost = a;
    expect(() =>
      store.batch(() => {
        lost = put(store, 'b.js', 'b');
        store.files.remove(a);
        expect(store.files.idOf(ROOT, 'a.js')).toBeUndefined();
        expect(store.files.idOf(ROOT, 'b.js')).toBe(lost);
        throw stop;
      }),
    ).toThrow(stop);
    expect(store.files.idOf(ROOT, 'b.js')).toBeUndefined();
    expect(store.files.placeOf(lost)).toBeUndefined();
    expect(store.files.idOf(ROOT, 'a.js')).toBe(a);
    store.batch(() => store.files.remove(a));
    expect(store.files.idOf(ROOT, 'a.js')).toBeUndefined();
    expect(store.files.placeOf(a)).toBeUndefined();
  });

  it('counts files by state', async () => {
    const { store } = await openStore();
    store.batch(() => {
      put(store, 'a.js', 'one');
      store.putFile(fileRecord('b.min.js', '', { hash: '', state: 'skipped', reason: 'Minified.' }), undefined);
    });
    expect(store.files.countByState()).toEqual({ indexed: 1, partial: 0, failed: 0, skipped: 1 });
    expect(store.files.count()).toBe(2);
    store.batch(() => {
      put(store, 'c.js', 'two');
      store.putFile(fileRecord('a.js', 'x', { state: 'failed', reason: 'Crashed.' }), undefined);
      store.files.remove(2 as FileId);
    });
    expect(store.files.countByState()).toEqual({ indexed: 1, partial: 0, failed: 1, skipped: 0 });
    expect(() =>
      store.batch(() => {
        put(store, 'd.js', 'three');
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(store.files.countByState()).toEqual({ indexed: 1, partial: 0, failed: 1, skipped: 0 });
  });
});

describe('pending files', () => {
  it('are those whose content changed, until their results are written', async () => {
    const { store } = await openStore();
    const [a, b] = store.batch(() => [put(store, 'a.js', 'one'), put(store, 'b.js', 'two')]);
    expect(store.files.pending().map(({ file, change }) => [file, change])).toEqual([
      [a, 'new'],
      [b, 'new'],
    ]);
    store.batch(() => store.files.clearPending([b]));
    expect(store.files.pending().map(({ file }) => file)).toEqual([a]);
    store.batch(() => store.files.clearPending());
    expect(store.files.hasPending()).toBe(false);
    store.batch(() => {
      put(store, 'a.js', 'changed');
      put(store, 'b.js', 'two');
    });
    expect(store.files.pending()).toEqual([{ file: a, change: 'modified', root: ROOT, path: 'a.js' }]);
    store.batch(() => store.files.remove(a));
    expect(store.files.pending()).toEqual([{ file: a, change: 'removed', root: ROOT, path: 'a.js' }]);
  });

  it('do not come from another time stamp', async () => {
    const { store } = await openStore();
    const a = store.batch(() => put(store, 'a.js', 'one'));
    store.batch(() => {
      store.files.clearPending();
      store.files.touch(a, 5, 6);
    });
    expect(store.files.hasPending()).toBe(false);
    expect(store.files.get(a)).toMatchObject({ mtime: 5, size: 6, hash: hashOf('one') });
  });

  it('can be marked by hand', async () => {
    const { store } = await openStore();
    const a = store.batch(() => put(store, 'a.js', 'one'));
    store.batch(() => store.files.clearPending());
    store.batch(() => store.files.markPending([a, 99 as FileId]));
    expect(store.files.pending().map(({ file, change }) => [file, change])).toEqual([[a, 'modified']]);
  });
});

describe('imports', () => {
  it('tell who imports a file and who looked for a path', async () => {
    const { store } = await openStore();
    const [a, b, c] = store.batch(() => [put(store, 'a.js', '1'), put(store, 'b.js', '2'), put(store, 'c.js', '3')]);
    store.batch(() => {
      store.imports.replace(
        a,
        [
          { specifier: './c', kind: 'import', target: c },
          { specifier: './missing', kind: 'require', target: undefined },
        ],
        ['/project/missing.js', '/project/missing.ts', '/project/c.js'],
      );
      store.imports.replace(b, [{ specifier: './c.js', kind: 'import', target: c }], ['/project/c.js']);
    });
    expect(store.imports.importersOf(c)).toEqual([a, b]);
    expect(store.imports.probersOf('/project/missing.ts')).toEqual([a]);
    expect(store.imports.probersOf('/project/c.js')).toEqual([a, b]);
    expect(store.imports.of(a)).toEqual([
      { specifier: './c', kind: 'import', target: c },
      { specifier: './missing', kind: 'require', target: undefined },
    ]);
    store.batch(() => store.imports.replace(a, [], ['/project/c.js']));
    expect(store.imports.importersOf(c)).toEqual([b]);
    expect(store.imports.probersOf('/project/missing.ts')).toEqual([]);
    store.batch(() => store.files.remove(c));
    expect(store.imports.importersOf(c)).toEqual([b]);
    store.batch(() => store.files.remove(b));
    expect(store.imports.importersOf(c)).toEqual([]);
    expect(store.imports.probersOf('/project/c.js')).toEqual([a]);
  });
});

describe('links, summaries and findings', () => {
  it('keep one blob a file and the way back', async () => {
    const { store } = await openStore();
    const [a, b, c] = store.batch(() => [put(store, 'a.js', '1'), put(store, 'b.js', '2'), put(store, 'c.js', '3')]);
    for (const rows of [store.links, store.summaries]) {
      store.batch(() => {
        rows.replace(a, { data: bytes(1), hash: 'h1', deps: bytes(9), dependsOn: [b, c] });
        rows.replace(b, { data: bytes(2), hash: 'h2', deps: bytes(), dependsOn: [c, c] });
      });
      expect(rows.get(a)).toEqual({ data: bytes(1), hash: 'h1', deps: bytes(9) });
      expect(rows.dependentsOf(c)).toEqual([a, b]);
      store.batch(() => rows.replace(a, { data: bytes(3), hash: 'h3', deps: bytes(), dependsOn: [b] }));
      expect(rows.get(a)?.data).toEqual(bytes(3));
      expect(rows.hashOf(a)).toBe('h3');
      expect(rows.dependentsOf(c)).toEqual([b]);
      expect(rows.dependenciesOf(a)).toEqual([b]);
      expect([...rows.each()].map(([file]) => file)).toEqual([a, b]);
    }
    store.batch(() => store.files.remove(a));
    // Whoever takes up the index before results are written has to know what others were computed with.
    expect(store.links.get(a)?.data).toEqual(bytes(3));
    store.batch(() => store.files.clearPending());
    expect(store.links.get(a)).toBeUndefined();
    expect(store.summaries.dependentsOf(b)).toEqual([]);
    store.batch(() => store.summaries.removeAll());
    expect(store.summaries.get(b)).toBeUndefined();
    expect(store.links.get(b)?.hash).toBe('h2');
  });

  it('find a finding by every file it crosses', async () => {
    const { store } = await openStore();
    const [a, b, c] = store.batch(() => [put(store, 'a.js', '1'), put(store, 'b.js', '2'), put(store, 'c.js', '3')]);
    const finding = { rule: 'sql', fingerprint: 'f1', sourceFile: a, sinkFile: c, data: bytes(1) };
    const twin = { ...finding, data: bytes(2) };
    store.batch(() =>
      store.findings.replace(b, [
        { ...finding, files: [a, b, c] },
        { ...twin, files: [b, b] },
      ]),
    );
    expect(store.findings.of(b)).toEqual([
      { ...finding, file: b },
      { ...twin, file: b },
    ]);
    expect(store.findings.touching(c)).toEqual([{ ...finding, file: b }]);
    expect(store.findings.byFingerprint('f1')).toHaveLength(2);
    expect(store.findings.count()).toBe(2);
    store.batch(() => store.findings.replace(b, []));
    expect([...store.findings.each()]).toEqual([]);
    expect(store.findings.touching(c)).toEqual([]);
  });
});

describe('a batch', () => {
  it('is all or nothing', async () => {
    const { store } = await openStore();
    const a = store.batch(() => put(store, 'a.js', 'one'));
    expect(store.facts.callers('call_one')).toEqual([a]);
    const stop = new Error('stopped by the caller');
    expect(() =>
      store.batch(() => {
        put(store, 'a.js', 'two');
        put(store, 'b.js', 'three');
        store.links.replace(a, { data: bytes(1), hash: 'h', deps: bytes(), dependsOn: [] });
        expect(textOf(store.facts.graph(a))).toBe('graph of two');
        throw stop;
      }),
    ).toThrow(stop);
    expect(store.files.count()).toBe(1);
    expect(textOf(store.facts.graph(a))).toBe('graph of one');
    expect(store.facts.callers('call_two')).toEqual([]);
    expect(store.links.get(a)).toBeUndefined();
    expect(store.batch(() => put(store, 'a.js', 'two'))).toBe(a);
  });

  it('says which file failed and why', async () => {
    const { store } = await openStore();
    const broken = { ...fileRecord('lib/broken.js', 'x'), reason: undefined as unknown as string };
    let error: unknown;
    try {
      store.batch(() => {
        put(store, 'a.js', 'one');
        store.files.put({ ...broken, facts: undefined });
      });
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ file: 'lib/broken.js' });
    expect(String(error)).toMatch(/lib\/broken\.js.*(NOT NULL|Wrong API use)/);
    expect(store.files.count()).toBe(0);
  });

  it('names a file that was given by its id', async () => {
    const { store } = await openStore();
    const id = store.batch(() => put(store, 'a.js', 'one'));
    const wrong = { data: undefined as unknown as Uint8Array, hash: 'h', deps: bytes(), dependsOn: [] };
    expect(() =>
      store.batch(() => store.links.replace(id, { ...wrong, data: bytes(), hash: null as unknown as string })),
    ).toThrow(/\/project\/a\.js/);
  });

  it('is the only way to write', async () => {
    const { store } = await openStore();
    expect(() => put(store, 'a.js', 'one')).toThrow(StoreError);
    expect(store.files.count()).toBe(0);
  });

  it('joins the batch around it', async () => {
    const { store } = await openStore();
    expect(() =>
      store.batch(() => {
        store.batch(() => put(store, 'a.js', 'one'));
        throw new Error('outer');
      }),
    ).toThrow('outer');
    expect(store.files.count()).toBe(0);
  });
});

describe('bulk loading', () => {
  it('answers the same as loading one by one', async () => {
    const { store } = await openStore();
    const ids = await store.bulk(async () =>
      Promise.resolve(
        ['a', 'b', 'c'].map((name) =>
          store.batch(() => {
            const id = put(store, `${name}.js`, 'same');
            store.imports.replace(
              id,
              [{ specifier: './a', kind: 'import', target: 1 as FileId }],
              [`/project/${name}.js`],
            );
            expect(store.imports.probersOf(`/project/${name}.js`)).toEqual([id]);
            return id;
          }),
        ),
      ),
    );
    expect(store.facts.callers('call_same')).toEqual(ids);
    expect(store.imports.importersOf(ids[0])).toEqual(ids);
  });

  it('forgets names put off in a batch that failed, and writes the others with the checkpoint', async () => {
    const folder = temporaryFolder();
    const { store } = await openStore(folder);
    await store.bulk(() => {
      store.batch(() => put(store, 'a.js', 'one'));
      expect(() =>
        store.batch(() => {
          put(store, 'b.js', 'two');
          store.facts.writeNames();
          throw new Error('no');
        }),
      ).toThrow('no');
      store.batch(() => put(store, 'c.js', 'three'));
      store.batch(() => put(store, 'd.js', 'four'));
      store.batch(() => store.files.remove(store.files.idOf(ROOT, 'd.js') ?? (0 as FileId)));
      return Promise.resolve();
    });
    expect(store.facts.hasUnwrittenNames).toBe(true);
    expect(await store.checkpoint()).toBe(true);
    expect(store.facts.hasUnwrittenNames).toBe(false);
    await close(store);
    const { store: again } = await openStore(folder);
    for (const [name, path] of [
      ['one', 'a.js'],
      ['three', 'c.js'],
    ]) {
      const id = again.files.idOf(ROOT, path);
      expect(again.facts.callers(`call_${name}`)).toEqual([id]);
      expect(again.facts.symbols(`symbol_${name}`).map(({ file }) => file)).toEqual([id]);
    }
    expect(again.facts.callers('call_two')).toEqual([]);
    expect(again.facts.callers('call_four')).toEqual([]);
  });

  it('builds its indexes also when loading fails', async () => {
    const { store } = await openStore();
    await expect(store.bulk(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    const id = store.batch(() => put(store, 'a.js', 'one'));
    expect(store.facts.callers('call_one')).toEqual([id]);
  });
});

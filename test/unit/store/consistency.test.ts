import { beforeEach, describe, expect, it } from 'vitest';
import type { FileId } from '../../../server/src/model/ids';
import { Connection } from '../../../server/src/store/connection';
import { ConsistencyRows } from '../../../server/src/store/consistency';
import { sqlite } from './harness';

let db: Connection;
let rows: ConsistencyRows;

beforeEach(async () => {
  db = new Connection(await sqlite());
  rows = new ConsistencyRows(db);
  db.execute(`
    INSERT INTO root VALUES (1, '/w');
    INSERT INTO facts VALUES (10, x'aa', 'js', '1'), (11, x'bb', 'js', '1');
    INSERT INTO graph VALUES (10, x'00'), (11, x'00');
    INSERT INTO skeleton VALUES (10, x'00'), (11, x'00');
    INSERT INTO symbol VALUES (10, 'f', 'function', 1);
    INSERT INTO call_name VALUES (11, 'g');
    INSERT INTO file VALUES
      (1, 1, 'a.js', x'aa', 0, 1, 'js', 'indexed', '', '[]', '[]', 10),
      (2, 1, 'b.js', x'bb', 0, 1, 'js', 'partial', '', '[]', '[]', 11),
      (3, 1, 'c.js', x'',   0, 1, 'js', 'skipped', 'large', '[]', '[]', NULL);
    INSERT INTO import VALUES (1, './b', 'require', 2), (1, './gone', 'require', NULL);
    INSERT INTO probe VALUES (1, 5);
    INSERT INTO link VALUES (1, '', x'', x''), (2, '', x'', x'');
    INSERT INTO summary VALUES (1, '', x'', x'');
    INSERT INTO finding VALUES (1, 0, 'rule', 'print', 1, 2, x'');
    INSERT INTO finding_file VALUES (1, 0, 1), (1, 0, 2);
  `);
});

const whole = (): string[] => [...rows.whole()].flat().map(({ file, problem }) => `${String(file ?? '-')}: ${problem}`);

/** What is wrong after a change by hand: everywhere, and as far as one file is asked for. */
function after(sql: string, file = 1): { readonly whole: string[]; readonly ofFile: string[] } {
  db.execute(sql);
  return { whole: whole(), ofFile: rows.ofFile(file as FileId).map(({ problem }) => problem) };
}

describe('rows', () => {
  it('that fit together are fine', () => {
    expect(whole()).toEqual([]);
    for (const file of [1, 2, 3]) expect(rows.ofFile(file as FileId)).toEqual([]);
  });

  it.each([
    ['DELETE FROM facts WHERE id = 10', 'refers to facts that are not there'],
    ["UPDATE facts SET hash = x'cc' WHERE id = 10", 'has the facts of another content'],
    ["UPDATE file SET dialect = 'ts' WHERE id = 1", 'has the facts of another content'],
    ['UPDATE file SET facts_id = NULL WHERE id = 1', 'is indexed without facts'],
    ['DELETE FROM graph WHERE facts_id = 10', 'has facts without a flow graph or skeleton'],
    ['DELETE FROM skeleton WHERE facts_id = 10', 'has facts without a flow graph or skeleton'],
    ['UPDATE import SET target_id = 9 WHERE target_id = 2', 'imports a file that is not there'],
    ['UPDATE finding SET source_file = 9', 'has a finding with a source or sink in a file that is not there'],
    ['UPDATE finding SET sink_file = 9', 'has a finding with a source or sink in a file that is not there'],
    ['UPDATE finding_file SET on_file = 9 WHERE on_file = 2', 'has a finding that crosses a file that is not there'],
  ])('of a file are wrong after %s', (sql, problem) => {
    const found = after(sql);
    expect(found.ofFile).toEqual([problem]);
    expect(found.whole).toContain(`1: ${problem}`);
    expect(rows.ofFile(3 as FileId)).toEqual([]);
  });

  it.each([
    ['import', "INSERT INTO import VALUES (9, './b', 'require', 2)"],
    ['probe', 'INSERT INTO probe VALUES (9, 5)'],
    ['link', "INSERT INTO link VALUES (9, '', x'', x'')"],
    ['summary', "INSERT INTO summary VALUES (9, '', x'', x'')"],
    ['finding', "INSERT INTO finding VALUES (9, 0, 'rule', 'print', 1, 2, x'')"],
    ['finding_file', 'INSERT INTO finding_file VALUES (9, 0, 1)'],
  ])('of %s without a file are told, and removed', (table, sql) => {
    expect(after(sql).whole).toEqual([`-: rows of ${table} belong to file 9, which is not there`]);
    db.begin();
    rows.removeOrphans();
    db.commit();
    expect(whole()).toEqual([]);
    expect(db.number(`SELECT count(*) FROM ${table}`)).toBeGreaterThan(0);
  });

  it('of facts that nobody has are told, and removed', () => {
    const found = after("INSERT INTO facts VALUES (12, x'dd', 'js', '1'); INSERT INTO graph VALUES (13, x'00')");
    expect(found.whole).toEqual([
      '-: rows of graph belong to facts 13, which is not there',
      '-: facts 12 belong to no file',
    ]);
    db.begin();
    rows.removeOrphans();
    db.commit();
    expect(whole()).toEqual([]);
  });

  it('of a removed file may wait until its removal is dealt with', () => {
    db.execute(`DELETE FROM file WHERE id = 2; DELETE FROM import; DELETE FROM finding; DELETE FROM finding_file;
      DELETE FROM facts WHERE id = 11; DELETE FROM graph WHERE facts_id = 11; DELETE FROM skeleton WHERE facts_id = 11;
      DELETE FROM call_name; INSERT INTO pending VALUES (2, 'removed', '/w', 'b.js')`);
    expect(whole()).toEqual([]);
    db.execute('DELETE FROM pending');
    expect(whole()).toEqual(['-: rows of link belong to file 2, which is not there']);
  });

  it('are looked at in windows', () => {
    const values = Array.from(
      { length: 2000 },
      (_, i) => `(${String(i + 100)}, 1, 'x${String(i)}.js', x'aa', 0, 1, 'js', 'indexed', '', '[]', '[]', 10)`,
    );
    db.execute(`INSERT INTO file VALUES ${values.join(', ')}`);
    const windows = [...rows.whole()].length;
    db.execute('UPDATE file SET facts_id = NULL WHERE id IN (500, 1999)');
    expect([...rows.whole()]).toHaveLength(windows);
    expect(windows).toBeGreaterThan(4);
    expect(whole()).toEqual(['500: is indexed without facts', '1999: is indexed without facts']);
  });
});

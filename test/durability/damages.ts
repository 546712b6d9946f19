/**
 * Damages a stored index in random ways, and looks at what becomes of it: it opens, says so once, and is brought to what a clean run gives.
 */
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { writeCheckpoint } from '../../server/src/store/checkpoint';
import { Journal } from '../../server/src/store/journal';
import { EDITS } from '../property/edits';
import { makeProgram, textOf, type ProgramModel } from '../property/programs';
import { expectState, stateOf, type AnalysisState } from '../property/sameAsClean';
import { Project, randomNumbers } from '../unit/pipeline/project';

type Choose = (below: number) => number;
/** What becomes of a file's bytes. */
type Damage = (bytes: Buffer, choose: Choose) => Buffer;

const somewhere = (bytes: Buffer, choose: Choose): number => choose(Math.max(1, bytes.length));
const garbage = (length: number, choose: Choose): Buffer => Buffer.from(Array.from({ length }, () => choose(256)));

function flip(bytes: Buffer, choose: Choose, count: number): Buffer {
  const result = Buffer.from(bytes);
  for (let i = 0; i < count; i++) result[somewhere(bytes, choose)] ^= 1 + choose(255);
  return result;
}

const DAMAGES: Readonly<Record<string, Damage>> = {
  'one byte flipped': (bytes, choose) => flip(bytes, choose, 1),
  'one more byte flipped': (bytes, choose) => flip(bytes, choose, 1),
  'some bytes flipped': (bytes, choose) => flip(bytes, choose, 2 + choose(20)),
  cut: (bytes, choose) => bytes.subarray(0, somewhere(bytes, choose)),
  'cut near the end': (bytes, choose) => bytes.subarray(0, Math.max(0, bytes.length - choose(80))),
  'cut at the start': (bytes, choose) => bytes.subarray(somewhere(bytes, choose)),
  emptied: () => Buffer.alloc(0),
  'replaced by garbage': (bytes, choose) => garbage(choose(bytes.length < 5000 ? bytes.length * 2 : 5000), choose),
  'partly zero': (bytes, choose) => {
    const from = somewhere(bytes, choose);
    return Buffer.from(bytes).fill(0, from, Math.min(bytes.length, from + 1 + choose(5000)));
  },
  'with garbage at its end': (bytes, choose) => Buffer.concat([bytes, garbage(1 + choose(200), choose)]),
  'with a part twice': (bytes, choose) => {
    const from = somewhere(bytes, choose);
    const to = Math.min(bytes.length, from + choose(3000));
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
  },
  'with a part missing': (bytes, choose) => {
    const from = somewhere(bytes, choose);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + 1 + choose(3000))]);
  },
};

/** What happens to a folder as a whole. */
const MISHAPS: Readonly<
  Record<string, (folder: string, history: StoredHistory, choose: Choose) => Promise<void> | void>
> = {
  'another schema': async (folder, _, choose) => {
    const path = join(folder, 'index.sqlite');
    const schema = `${String(choose(9))}/another`;
    await writeCheckpoint(path, readFileSync(path).subarray(0, -500), { schema, sequence: choose(3) });
  },
  'a journal of another schema': (folder, _, choose) => {
    const sequence = choose(4);
    rmSync(join(folder, `changes-${String(sequence)}.journal`), { force: true });
    const journal = Journal.create(join(folder, `changes-${String(sequence)}.journal`), {
      schema: 'another',
      sequence,
    });
    journal.append(garbage(50, choose));
    return journal.close();
  },
  'no checkpoint': (folder) => {
    rmSync(join(folder, 'index.sqlite'));
  },
  'no journal': (folder, _, choose) => {
    const journals = journalsIn(folder);
    rmSync(join(folder, journals[choose(journals.length)]));
  },
  'an older checkpoint': (folder, { older }) => {
    cpSync(join(older, 'index.sqlite'), join(folder, 'index.sqlite'));
  },
  'an older journal': (folder, { older }) => {
    for (const name of journalsIn(folder)) rmSync(join(folder, name));
    for (const name of journalsIn(older)) cpSync(join(older, name), join(folder, name));
  },
  'an older journal under the number of the last': (folder, { older }) => {
    const [name = ''] = journalsIn(folder);
    const [old = ''] = journalsIn(older);
    const bytes = Buffer.from(readFileSync(join(older, old)));
    readFileSync(join(folder, name)).copy(bytes, 0, 0, 24);
    writeFileSync(join(folder, name), bytes);
  },
  'a folder for a file': (folder, _, choose) => {
    const path = join(folder, ['index.sqlite', 'index.sqlite.tmp', journalsIn(folder)[0]][choose(3)]);
    rmSync(path, { force: true });
    mkdirSync(join(path, 'inside'), { recursive: true });
  },
  'garbage for a lock': (folder, _, choose) => {
    writeFileSync(join(folder, 'lock'), garbage(choose(100), choose));
  },
};

const journalsIn = (folder: string): string[] => readdirSync(folder).filter((name) => name.endsWith('.journal'));

/** A project with its stored index: a checkpoint, and a journal with some records. */
interface StoredHistory {
  readonly project: Project;
  readonly roots: readonly string[];
  readonly storage: string;
  /** The same folder some edits earlier. */
  readonly older: string;
  readonly clean: AnalysisState;
}

export interface DamagesSeen {
  readonly kinds: Record<string, number>;
  /** Indexes that were taken up without a word to the user. */
  readonly untold: number;
}

/** Damages that are tried on one history. */
const PER_HISTORY = 50;

export async function damageRepeatedly(count: number, seed: number): Promise<DamagesSeen> {
  const kinds: Record<string, number> = {};
  const random = randomNumbers(seed);
  let untold = 0;
  for (let from = 0; from < count; from += PER_HISTORY) {
    const history = await makeHistory(seed + from);
    try {
      for (let number = from; number < Math.min(count, from + PER_HISTORY); number++) {
        const { what, wasTold } = await damageOnce(history, random);
        kinds[what] = (kinds[what] ?? 0) + 1;
        if (!wasTold) untold++;
      }
    } finally {
      await history.project.remove();
    }
  }
  return { kinds, untold };
}

async function makeHistory(seed: number): Promise<StoredHistory> {
  const project = new Project();
  const random = randomNumbers(seed);
  const roots = [project.path('project')];
  const storage = project.path('storage');
  const older = project.path('older');
  let program = makeProgram(random, 8);
  let written: ProgramModel = new Map();
  const write = (): string[] => {
    const changed: string[] = [];
    for (const file of program.values()) {
      if (written.get(file.path) === file) continue;
      project.write({ [`project/${file.path}`]: textOf(file, false) });
      changed.push(file.path);
    }
    for (const path of written.keys()) {
      if (program.has(path)) continue;
      project.delete(`project/${path}`);
      changed.push(path);
    }
    written = program;
    return changed.map((path) => project.path(`project/${path}`));
  };
  write();
  const analysis = await project.open({}, storage, [], roots);
  await analysis.scan({});
  await analysis.idle();
  const names = Object.keys(EDITS);
  const edit = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) {
      for (let n = random(3); n >= 0; n--) program = EDITS[names[random(names.length)]](program, random);
      await analysis.update(write());
    }
  };
  await edit(4);
  cpSync(storage, older, { recursive: true });
  rmSync(join(older, 'lock'));
  // A checkpoint with links and summaries, and a journal behind it.
  await analysis.rebuild({});
  await edit(6);
  await analysis.close();
  const fresh = await project.open({}, undefined, [], roots);
  await fresh.scan({});
  const clean = await stateOf(fresh);
  await fresh.close();
  expect(project.problems).toEqual([]);
  return { project, roots, storage, older, clean };
}

async function damageOnce(history: StoredHistory, choose: Choose): Promise<{ what: string; wasTold: boolean }> {
  const { project, roots, storage, clean } = history;
  const folder = project.path('damaged');
  rmSync(folder, { recursive: true, force: true });
  cpSync(storage, folder, { recursive: true });
  const what = await damage(folder, history, choose);
  project.problems.length = project.notices.length = 0;
  const analysis = await project.open({}, folder, [], roots);
  await analysis.scan({});
  await expectState(analysis, clean, what);
  expect(project.notices.length, `${what}: ${project.problems.join(' ')}`).toBeLessThanOrEqual(1);
  expect(project.problems.length, `${what}: ${project.problems.join(' ')}`).toBeLessThanOrEqual(2);
  const wasTold = project.notices.length > 0;
  await analysis.close();
  // What was told is not told again, and what is kept is the index of a clean run.
  project.problems.length = project.notices.length = 0;
  const again = await project.open({}, folder, [], roots);
  await again.scan({});
  await expectState(again, clean, `${what}, opened again`);
  expect(project.problems, `${what}, opened again`).toEqual([]);
  await again.close();
  return { what, wasTold };
}

async function damage(folder: string, history: StoredHistory, choose: Choose): Promise<string> {
  if (choose(4) === 0) {
    const names = Object.keys(MISHAPS);
    const name = names[choose(names.length)];
    await MISHAPS[name](folder, history, choose);
    return name;
  }
  const names = Object.keys(DAMAGES);
  const journals = journalsIn(folder);
  const targets = [['index.sqlite'], journals, journals, ['index.sqlite', ...journals]][choose(4)];
  const name = names[choose(names.length)];
  for (const target of targets) {
    const path = join(folder, target);
    writeFileSync(path, DAMAGES[name](readFileSync(path), choose));
  }
  return `${targets.map((target) => (target === 'index.sqlite' ? 'checkpoint' : 'journal')).join(' and ')} ${name}`;
}

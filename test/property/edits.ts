/** Random edits of a program: each takes the program and gives the one after it, and says what it did. */
import {
  makeFile,
  makeFunction,
  makeImport,
  makeRoute,
  makeStatement,
  NAMES,
  type Choose,
  type FileModel,
  type ProgramModel,
} from './programs';

export type Edit = (program: ProgramModel, choose: Choose) => ProgramModel;

const pick = <T>(items: readonly T[], choose: Choose): T => items[choose(items.length)];

/** Replaces one file by what becomes of it. */
function change(program: ProgramModel, choose: Choose, edit: (file: FileModel) => FileModel): ProgramModel {
  const paths = [...program.keys()];
  if (paths.length === 0) return program;
  const path = pick(paths, choose);
  const file = program.get(path);
  return file === undefined ? program : new Map(program).set(path, edit(file));
}

const without = <T>(items: readonly T[], index: number): readonly T[] => items.filter((_, at) => at !== index);
const replaced = <T>(items: readonly T[], index: number, item: T): readonly T[] =>
  items.map((old, at) => (at === index ? item : old));

/** One function of one file becomes another one. */
function changeFunction(
  program: ProgramModel,
  choose: Choose,
  edit: (fn: FileModel['functions'][number]) => FileModel['functions'][number],
): ProgramModel {
  return change(program, choose, (file) => {
    if (file.functions.length === 0) return file;
    const at = choose(file.functions.length);
    return { ...file, functions: replaced(file.functions, at, edit(file.functions[at])) };
  });
}

/** The files move, and those who import them follow when `isFollowed`. */
function moved(program: ProgramModel, rename: (path: string) => string, isFollowed: boolean): ProgramModel {
  const follow = (path: string): string => (isFollowed ? rename(path) : path);
  const result = new Map<string, FileModel>();
  for (const file of program.values()) {
    const path = rename(file.path);
    result.set(path, {
      ...file,
      path,
      imports: file.imports.map((one) => ({ ...one, from: follow(one.from) })),
      reexports: file.reexports.map(follow),
    });
  }
  return result;
}

export const EDITS: Readonly<Record<string, Edit>> = {
  'change a statement': (program, choose) =>
    changeFunction(program, choose, (fn) => ({
      ...fn,
      statements: replaced(fn.statements, choose(fn.statements.length), makeStatement(choose)),
    })),
  'add a statement': (program, choose) =>
    changeFunction(program, choose, (fn) => ({ ...fn, statements: [...fn.statements, makeStatement(choose)] })),
  'drop a statement': (program, choose) =>
    changeFunction(program, choose, (fn) =>
      fn.statements.length < 2 ? fn : { ...fn, statements: without(fn.statements, choose(fn.statements.length)) },
    ),
  'insert a function': (program, choose) =>
    change(program, choose, (file) => {
      const fn = makeFunction(choose);
      return { ...file, functions: [...file.functions, fn], exported: [...new Set([...file.exported, fn.name])] };
    }),
  'delete a function': (program, choose) =>
    change(program, choose, (file) => ({
      ...file,
      functions: without(file.functions, choose(Math.max(1, file.functions.length))),
    })),
  'rename a function': (program, choose) =>
    changeFunction(program, choose, (fn) => ({ ...fn, name: pick(NAMES, choose) })),
  'write a function in another form': (program, choose) =>
    changeFunction(program, choose, (fn) => ({ ...fn, form: choose(8) })),
  'move a function to another file': (program, choose) => {
    const from = pick([...program.values()], choose);
    const to = pick([...program.values()], choose);
    if (from.functions.length === 0 || from === to) return program;
    const at = choose(from.functions.length);
    const fn = from.functions[at];
    return new Map(program)
      .set(from.path, {
        ...from,
        functions: without(from.functions, at),
        imports: [...from.imports, { name: fn.name, from: to.path, isWhole: false }],
      })
      .set(to.path, { ...to, functions: [...to.functions, fn], exported: [...new Set([...to.exported, fn.name])] });
  },
  'turn functions of a file round': (program, choose) =>
    change(program, choose, (file) => ({ ...file, functions: [...file.functions].reverse() })),
  'add an export': (program, choose) =>
    change(program, choose, (file) => ({ ...file, exported: [...new Set([...file.exported, pick(NAMES, choose)])] })),
  'drop an export': (program, choose) =>
    change(program, choose, (file) => ({
      ...file,
      exported: without(file.exported, choose(Math.max(1, file.exported.length))),
    })),
  'add a re-export': (program, choose) =>
    change(program, choose, (file) => ({ ...file, reexports: [...file.reexports, pick([...program.keys()], choose)] })),
  'drop a re-export': (program, choose) =>
    change(program, choose, (file) => ({
      ...file,
      reexports: without(file.reexports, choose(Math.max(1, file.reexports.length))),
    })),
  'add an import': (program, choose) =>
    change(program, choose, (file) => ({
      ...file,
      imports: [makeImport(choose, [...program.keys()]), ...file.imports],
    })),
  'drop an import': (program, choose) =>
    change(program, choose, (file) => ({
      ...file,
      imports: without(file.imports, choose(Math.max(1, file.imports.length))),
    })),
  'add a route': (program, choose) =>
    change(program, choose, (file) => ({ ...file, routes: [...file.routes, makeRoute(choose)] })),
  'drop a route': (program, choose) =>
    change(program, choose, (file) => ({
      ...file,
      routes: without(file.routes, choose(Math.max(1, file.routes.length))),
    })),
  'break or mend a file': (program, choose) =>
    change(program, choose, (file) => ({ ...file, isBroken: !file.isBroken })),
  'write a comment': (program, choose) =>
    change(program, choose, (file) => ({ ...file, comments: (file.comments + 1) % 3 })),
  'write a file as the other kind of module': (program, choose) =>
    change(program, choose, (file) => ({ ...file, isModule: !file.isModule })),
  'delete a file': (program, choose) => {
    if (program.size < 4) return program;
    const result = new Map(program);
    result.delete(pick([...program.keys()], choose));
    return result;
  },
  'add a file': (program, choose) => {
    const path = `${pick(['', 'lib/', 'routes/'], choose)}f${String(choose(14))}.js`;
    return program.has(path) ? program : new Map(program).set(path, makeFile(choose, path, [...program.keys(), path]));
  },
  'rename a file': (program, choose) => {
    const path = pick([...program.keys()], choose);
    const name = `${path.slice(0, path.lastIndexOf('/') + 1)}g${String(choose(5))}.js`;
    if (program.has(name)) return program;
    return moved(program, (old) => (old === path ? name : old), choose(2) === 0);
  },
  'rename a folder': (program, choose) => {
    const [from, to] = pick(
      [
        ['lib/', 'library/'],
        ['library/', 'lib/'],
        ['routes/', 'lib/'],
        ['lib/deep/', 'deep/'],
      ] as const,
      choose,
    );
    const rename = (path: string): string => (path.startsWith(from) ? to + path.slice(from.length) : path);
    const names = new Set([...program.keys()].map(rename));
    return names.size < program.size ? program : moved(program, rename, choose(2) === 0);
  },
};

/**
 * Random programs of many files that can be edited, and the text of their files. Names are of a small pool, so that whatever is
 * dropped is often found again elsewhere, and calls go through cycles of imports, barrels and recursion.
 */

/** A whole number from 0, below what is given. */
export type Choose = (below: number) => number;

export interface FunctionModel {
  readonly name: string;
  readonly form: number;
  /** Numbers of `STATEMENTS` with what they choose from. */
  readonly statements: readonly { readonly kind: number; readonly choice: number }[];
}

export interface FileModel {
  readonly path: string;
  /** CommonJS otherwise. */
  readonly isModule: boolean;
  readonly functions: readonly FunctionModel[];
  /** Names of `NAMES` that are offered. */
  readonly exported: readonly string[];
  /** Name and path of the file that it is taken from. */
  readonly imports: readonly { readonly name: string; readonly from: string; readonly isWhole: boolean }[];
  /** All that these files offer is offered here, too. */
  readonly reexports: readonly string[];
  /** `source` is a number of `SOURCES`; one more stands for a function that is the route's handler itself. */
  readonly routes: readonly { readonly callee: string; readonly source: number }[];
  readonly isBroken: boolean;
  readonly comments: number;
}

export type ProgramModel = ReadonlyMap<string, FileModel>;

export const NAMES = ['load', 'run', 'keep', 'clean', 'send', 'walk', 'pick', 'make', 'join', 'turn', 'last', 'open'];
const FOLDERS = ['', 'lib/', 'lib/deep/', 'routes/'];
const SOURCES = ['req.query.q', 'req.body', 'req.params.id', "'fixed'", 'req.headers.cookie', 'req.body.list[0]'];

/** What the body of a function may say; `f` and `g` are names of other functions, `p` and `q` its parameters. */
const STATEMENTS: readonly ((f: string, g: string) => string)[] = [
  (f) => `return ${f}(p, q);`,
  (f) => `return ${f}(p + 'x', false);`,
  (f, g) => `if (q) return ${f}(p, 0); else ${g}(p.inner, true);`,
  () => `require('child_process').exec(p);`,
  () => `if (q !== undefined) require('child_process').exec('tool ' + p.name);`,
  () => `eval(q);`,
  () => `require('fs').readFileSync('/data/' + p, 'utf8');`,
  () => `kept = p;`,
  () => `kept.name = q;`,
  () => `require('child_process').execSync(kept);`,
  (f) => `${f}(kept, q);`,
  (f) => `p.forEach?.((each) => ${f}(each, 1));`,
  (f, g) => `return ${f}({ name: p, inner: { deep: q } }, ${g});`,
  () => `if (q === false) return p; p.inner = q;`,
  (f) => `const box = new Box(); box.put(p); ${f}(box.get(), q);`,
  () => `return p;`,
  () => `return { name: p, inner: q };`,
  (f) => `return q && q(${f}(p));`,
  () => `p = Number(p);`,
  () => `if (!/^[a-z]+$/.test(p)) return undefined;`,
  (f) => `try { ${f}(p, 1); } catch (error) { eval(error.message); }`,
  (f) => `const { name, ...rest } = p; ${f}(rest, name);`,
  (f) => `[p, q].map(${f});`,
  (f) => `return (async () => ${f}(await p, q))();`,
  (f, g) => `Promise.resolve(p).then(${f}).then(${g});`,
  () => `throw new Error(p);`,
  () => `other.put(p);`,
  () => `require('child_process').execSync(other.get());`,
  (f) => `return ${f}(require('helper').wash(p), q);`,
  () => `require('helper').spill(p);`,
  (f) => `${f}(require('helper').fetched, 1);`,
  (f) => `require('helper').each(p, (one) => ${f}(one, q));`,
  (f) => `require('helper').on('data', (one) => { kept = one; ${f}(kept, 1); });`,
  () => `require('child_process').exec(p.query.command);`,
  (f, g) => `${f}.after = ${g};`,
  (f) => `if (${f}.after) return ${f}.after(p, q);`,
  (f) => `if (p.next) ${f}(p.next, q); throw p;`,
  (f) => `return ${f}({ name: q, inner: p, next: { name: p, inner: q }, list: [q] }, p.name);`,
  (f) => `if (${f}.list.includes(p)) require('child_process').exec(p);`,
  (f) => `if (!${f}.pattern.test(q)) return; eval(q);`,
  (f) => `p = ${f}.schema.parse(p); require('child_process').exec(p.name);`,
  (f, g) => `const { name, inner } = ${f}().schema.parse(p); ${g}(inner, name);`,
  (f) => `require('fs').writeFileSync('${f}.json', JSON.stringify(p));`,
  (f) => `require('child_process').exec(JSON.parse(require('fs').readFileSync('./${f}.json', 'utf8')).name);`,
  (f) => `require('fs').writeFileSync(${f}.file, q.name);`,
  (f, g) => `return ${g}(require('fs').readFileSync(${f}.file, 'utf8'), q);`,
  (f, g) => `return require('helper').${f}.load('notes', (one) => ${g}(one, p));`,
  (f) => `require('helper').box('notes').put({ name: p, inner: ${f}.file });`,
  (f) => `kept = kept ?? new (require('events').EventEmitter)(); kept.emit('${f}', p, q.name);`,
  (f, g) => `kept?.on('${f}', (one, two) => ${g}(two, one));`,
  (f, g) =>
    `const view = { get inner() { return ${f}(p, 1); }, set inner(one) { kept = one; } }; view.inner = q; ${g}(view.inner, view);`,
  (f, g) => `return { get list() { return ${f}; }, get name() { return ${g}(q, p); } };`,
  (f) => `require('child_process').exec(${f}(p, q).name);`,
  (f, g) => `[${f}, ${g}].forEach((one) => one(p, q));`,
  (f, g) => `for (const one of [${f}, ${g}, ...p.list]) one(p.inner, q);`,
  () => `p.list.forEach((one) => { one.name = q; }); eval(p.list[0].name);`,
  (f) => `require('child_process').exec(Object.assign({}, p, { name: ${f}.list[0] }).name);`,
  (f) => `return Reflect.apply(${f}, undefined, [q, p]);`,
  () => `Promise.resolve(p).then(require('child_process').exec);`,
];

/** Those of what models say something; others would leave them few, and with them what must follow a change of models. */
const ABOUT_MODELS = [...STATEMENTS.keys()].filter((kind) => STATEMENTS[kind]('', '').includes("require('helper')"));

/** What is said of the package `helper`, beside nothing: for analyses that have more models than others. */
export const HELPER_MODELS: readonly (readonly Record<string, unknown>[])[] = [
  [],
  [
    { path: 'Member[wash]', flow: 'Argument[0] -> ReturnValue', removes: 'all' },
    { path: 'Member[spill].Argument[0]', sink: 'command' },
    { path: 'Member[fetched]', source: 'local' },
    { path: 'Member[each].Argument[1].Parameter[0]', source: 'remote' },
  ],
  [
    { path: 'Member[wash]', flow: 'Argument[0] => ReturnValue' },
    { path: 'Member[spill].Argument[0]', sink: 'code' },
    { path: 'Member[fetched]', source: 'remote' },
    { path: 'Member[each]', flow: 'Argument[0] => Argument[1].Parameter[0]' },
    {
      path: 'Member[*].Member[load]',
      retrieves: { from: 'key', name: 'Argument[0]', to: 'Argument[1].Parameter[0]' },
    },
    {
      path: 'Member[box].ReturnValue.Member[put]',
      stores: { in: 'key', name: 'Receiver', of: 'box', value: 'Argument[0]' },
    },
    { path: 'Member[on].Argument[1].Parameter[0]', source: 'remote' },
  ],
];

export function makeProgram(choose: Choose, files: number): ProgramModel {
  const program = new Map<string, FileModel>();
  const paths: string[] = [];
  for (let i = 0; i < files; i++) {
    const extension = choose(6) === 0 ? 'vue' : 'js';
    paths.push(`${FOLDERS[choose(FOLDERS.length)]}f${String(i)}.${extension}`);
  }
  for (const path of paths) program.set(path, makeFile(choose, path, paths));
  return program;
}

export function makeFile(choose: Choose, path: string, others: readonly string[]): FileModel {
  const functions = Array.from({ length: 1 + choose(3) }, () => makeFunction(choose));
  const imports = Array.from({ length: 1 + choose(3) }, () => makeImport(choose, others));
  return {
    path,
    isModule: choose(2) === 0,
    functions,
    exported: functions.map(({ name }) => name).filter(() => choose(5) !== 0),
    imports,
    reexports: choose(4) === 0 ? [others[choose(others.length)]] : [],
    routes: choose(3) > 0 ? [makeRoute(choose)] : [],
    isBroken: false,
    comments: 0,
  };
}

export function makeFunction(choose: Choose): FunctionModel {
  return {
    name: NAMES[choose(NAMES.length)],
    // Two of eight are no functions, but what values are held against.
    form: choose(8),
    statements: Array.from({ length: 1 + choose(3) }, () => makeStatement(choose)),
  };
}

export const makeStatement = (choose: Choose): FunctionModel['statements'][number] => ({
  kind: choose(6) === 0 ? ABOUT_MODELS[choose(ABOUT_MODELS.length)] : choose(STATEMENTS.length),
  choice: choose(NAMES.length * NAMES.length),
});

export const makeImport = (choose: Choose, others: readonly string[]): FileModel['imports'][number] => ({
  name: NAMES[choose(NAMES.length)],
  from: others[choose(others.length)],
  isWhole: choose(5) === 0,
});

export const makeRoute = (choose: Choose): FileModel['routes'][number] => ({
  callee: NAMES[choose(NAMES.length)],
  source: choose(SOURCES.length + 1),
});

/** The text of a file. `@lib/` stands for `lib/` when `usesAliases`, as the project's configuration says. */
export function textOf(file: FileModel, usesAliases: boolean): string {
  const known = new Set<string>([...file.functions.map(({ name }) => name), ...file.imports.map(({ name }) => name)]);
  const callable = NAMES.filter((name) => known.has(name));
  const lines: string[] = file.path.endsWith('.vue') ? ['<script>'] : [];
  const declared = new Set(file.functions.map(({ name }) => name));
  for (const [index, { name, from, isWhole }] of file.imports.entries()) {
    const at = JSON.stringify(specifier(file.path, from, usesAliases && index % 2 === 0));
    if (declared.has(name)) continue;
    declared.add(name);
    if (file.isModule) {
      lines.push(
        isWhole
          ? `import * as all${String(index)} from ${at}; const ${name} = all${String(index)}.${name};`
          : `import { ${name} } from ${at};`,
      );
    } else
      lines.push(
        isWhole ? `const ${name} = (...all) => require(${at}).${name}(...all);` : `const { ${name} } = require(${at});`,
      );
  }
  lines.push('let kept;', 'class Box { put(v) { this.v = v; } get() { return this.v; } }', 'const other = new Box();');
  const seen = new Set<string>();
  for (const fn of file.functions) {
    if (seen.has(fn.name)) continue;
    seen.add(fn.name);
    for (let i = 0; i < file.comments; i++) lines.push(`// ${fn.name}`);
    const name = (at: number): string => callable[at % callable.length];
    const body = fn.statements
      .map(({ kind, choice }) => STATEMENTS[kind](name(choice), name(Math.floor(choice / NAMES.length))))
      .join('\n  ');
    lines.push(
      [
        `function ${fn.name}(p, q) {\n  ${body}\n}`,
        `const ${fn.name} = (p, q) => {\n  ${body}\n};`,
        `const ${fn.name} = async function (p, q) {\n  ${body}\n};`,
        `var ${fn.name} = function ${fn.name}(p, q) {\n  ${body}\n};`,
        `const ${fn.name} = { file: require('path').join(__dirname, '${name(fn.statements.at(0)?.choice ?? 0)}.json'), list: ['a', 'b'], pattern: /^[a-z]+$/, schema: ${name(fn.statements.at(0)?.choice ?? 0)}.schema };`,
        `const ${fn.name} = (p) => ({ list: p, schema: ${schemaText(fn)} });\n${fn.name}.schema = ${schemaText(fn)};`,
      ][fn.form % 6],
    );
  }
  const offered = file.exported.filter((name) => seen.has(name));
  if (file.isModule) {
    if (offered.length > 0) lines.push(`export { ${offered.join(', ')} };`);
    for (const from of file.reexports)
      lines.push(`export * from ${JSON.stringify(specifier(file.path, from, usesAliases))};`);
  } else {
    for (const name of offered) lines.push(`exports.${name} = ${name};`);
    for (const from of file.reexports)
      lines.push(`Object.assign(exports, require(${JSON.stringify(specifier(file.path, from, false))}));`);
  }
  for (const [index, { callee, source }] of file.routes.entries()) {
    const target = known.has(callee) ? callee : callable[0];
    if (source === SOURCES.length) {
      lines.push(`require('express')().get('/${String(index)}', ${target});`);
      continue;
    }
    const spilled = source % 3 === 0 ? ` require('helper').spill(${SOURCES[source]});` : '';
    lines.push(
      `require('express')().get('/${String(index)}', (req, res) => { ${target}(${SOURCES[source]}, req.query.n);${spilled} });`,
    );
  }
  if (file.path.endsWith('.vue')) lines.push(...componentOf(file, offered, callable));
  if (file.isBroken) lines.splice(Math.floor(lines.length / 2), 0, 'function broken( {{ [');
  return `${lines.join('\n')}\n`;
}

/** Makes the module a component whose template uses what it declares. */
function componentOf(file: FileModel, offered: readonly string[], callable: readonly string[]): string[] {
  const methods = offered.length > 0 ? offered : callable.slice(0, 1);
  return [
    `export default { data: () => ({ kept, shown: other.get() }), methods: { ${methods.join(', ')} } };`,
    '</script>',
    '<template>',
    '  <p v-html="kept"></p>',
    ...methods.map(
      (name) => `  <a v-for="one in shown" :href="one" @click="shown = ${name}(one, $route.query.n)">${name}</a>`,
    ),
    ...file.imports.slice(0, 1).map(({ name }) => `  <i v-if="shown" v-html="${name}"></i>`),
    '</template>',
  ];
}

/** A schema whose fields follow from the statements that stand in the model. */
function schemaText({ statements }: FunctionModel): string {
  const builders = ['number', 'string', 'boolean', 'any'];
  const field = (at: number): string =>
    `require('zod').${builders[(statements.at(at)?.choice ?? at) % builders.length]}()`;
  return `require('zod').object({ name: ${field(0)}, inner: ${field(1)} })`;
}

function specifier(from: string, to: string, usesAlias: boolean): string {
  if (usesAlias && to.startsWith('lib/')) return `@lib/${to.slice('lib/'.length)}`;
  const up = '../'.repeat(from.split('/').length - 1);
  return `${up === '' ? './' : up}${to}`;
}

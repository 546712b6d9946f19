/** Linking after edits equals linking from scratch, whatever the order, and re-links no more than it has to. */
import { describe, expect, it } from 'vitest';
import { Project, shuffled } from './project';
import type { ProjectOptions } from './project';

const known = [
  'lib.assign',
  'express().get(cb)(0).query',
  'express().get(cb)(1).send()',
  'express().use(cb)(0)',
  'child_process.exec',
  'db().query',
  'web convention(0).query',
];

const SHOP: Readonly<Record<string, string>> = {
  'package.json': '{"main": "app.js"}',
  'app.js': `import express from 'express'; import { setup } from './routes/index.js'; export const app = express(); setup(app);`,
  'routes/index.js': `import { show, list } from './cart.js'; import { wrap } from '../wrap.js'; export function setup(app) { app.get('/', wrap(show)); app.get('/l', list); }`,
  'routes/cart.js': `import { Cart } from '../models/index.js'; import { reply } from '../reply.js'; export function show(req, res) { const c = new Cart(req); reply(res, c.total()) } export const list = (req, res) => reply(res, Cart.all(req));`,
  'models/index.js': `export * from './cart.js'; export * from './base.js';`,
  'models/base.js': `export class Base { constructor(x) { this.x = x; this.init(x) } init() {} total() { return this.x } static all(q) { return run(q) } } import { run } from '../db.js';`,
  'models/cart.js': `import { Base } from './base.js'; export class Cart extends Base { init(x) { this.items = x.query } total() { return super.total() } }`,
  'db.js': `import { exec } from 'child_process'; let driver = null; export function use(d) { driver = d } export function run(q) { if (driver) return driver.query(q); return exec(q) }`,
  'boot.js': `import db from 'db'; import { use } from './db.js'; use(db());`,
  'reply.js': `export function reply(res, value) { res.send(value) }`,
  'wrap.js': `export const wrap = (fn) => (req, res) => fn(req, res);`,
};

type Edit = (project: Project) => void;

const EDITS: Readonly<Record<string, readonly Edit[]>> = {
  'a body': [(p) => p.set('reply.js', `export function reply(res, value) { const t = value + 1; res.send(t) }`)],
  'moved lines and comments': [(p) => p.set('reply.js', `\n\n// hello\n${SHOP['reply.js']}`)],
  'an export renamed, and back': [
    (p) => p.set('reply.js', `export function answer(res, value) { res.send(value) }`),
    (p) => p.set('reply.js', SHOP['reply.js']),
  ],
  'a file deleted, and restored': [
    (p) => p.delete('models/base.js'),
    (p) => p.set('models/base.js', SHOP['models/base.js']),
  ],
  'a file that shadows another': [
    (p) => p.set('models.js', `export class Cart { total() {} static all() {} }`),
    (p) => p.set('routes/cart.js', SHOP['routes/cart.js'].replace('../models/index.js', '../models')),
    (p) => p.delete('models.js'),
  ],
  'a contribution taken away': [
    (p) => p.set('routes/index.js', SHOP['routes/index.js'].replace("app.get('/l', list);", '')),
  ],
  'the root of all contributions': [
    (p) => p.set('app.js', SHOP['app.js'].replace('setup(app);', '')),
    (p) => p.set('app.js', SHOP['app.js']),
  ],
  'the superclass': [
    (p) => p.set('models/cart.js', SHOP['models/cart.js'].replace('extends Base', '')),
    (p) => p.set('models/cart.js', SHOP['models/cart.js']),
  ],
  'a subclass more': [
    (p) =>
      p.set(
        'models/big.js',
        `import { Base } from './base.js'; export class Big extends Base { init() { this.y = 1 } }`,
      ),
    (p) => p.delete('models/big.js'),
  ],
  'a re-export': [
    (p) => p.set('models/index.js', `export { Base as Cart } from './base.js';`),
    (p) => p.set('models/index.js', SHOP['models/index.js']),
  ],
  'two files at once': [
    (p) => {
      p.set('wrap.js', `export const guard = (fn) => fn;`);
      p.set('routes/index.js', SHOP['routes/index.js'].replace(/wrap/g, 'guard').replace('guard.js', 'wrap.js'));
    },
  ],
  'the package entry': [
    (p) => p.set('package.json', '{"exports": "./reply.js"}'),
    (p) => p.set('package.json', SHOP['package.json']),
  ],
  'exports that a framework calls, and not any more': [
    (p) =>
      p.set('pages/home.js', `import { reply } from '../reply.js'; export default (req) => { reply(req, req.query) };`),
    (p) => p.set('package.json', '{"main": "app.js", "dependencies": {"web": "1"}}'),
    (p) => p.set('pages/home.js', `import { show } from '../routes/cart.js'; export { show as load };`),
    (p) => p.set('package.json', SHOP['package.json']),
    (p) => p.set('pages/home.js', `import 'web'; export { show as load } from '../routes/cart.js';`),
    (p) => p.delete('pages/home.js'),
  ],
  'a circle that contributes to itself': [
    (p) => {
      p.set('ping.js', `import { pong } from './pong.js'; export function ping(x) { pong(x); x.send(1) }`);
      p.set('pong.js', `import { ping } from './ping.js'; export function pong(y) { ping(y); y.send(2) }`);
    },
    (p) => p.set('reply.js', `import { ping } from './ping.js'; export function reply(res, value) { ping(res) }`),
    (p) => p.set('reply.js', SHOP['reply.js']),
  ],
  'writes from elsewhere': [
    (p) =>
      p.set(
        'patch.js',
        `import { Cart } from './models/index.js'; Cart.prototype.extra = function () {}; Cart.helper = (x) => x;`,
      ),
    (p) => p.set('use.js', `import { Cart } from './models/cart.js'; new Cart(1).extra(); Cart.helper(2);`),
    (p) => p.set('patch.js', `import { Cart } from './models/index.js'; Cart.prototype.extra = null;`),
    (p) => p.delete('patch.js'),
  ],
  'properties that a call copies, and no more': [
    (p) => {
      p.set('all.js', `exports.own = 1;`);
      p.set('caller.js', `const all = require('./all.js'); all.reply(1, 2); all.made();`);
    },
    (p) => p.set('all.js', `exports.own = 1; Object.assign(exports, require('./reply.js'));`),
    (p) => p.set('all.js', `exports.own = 1; Object.assign(exports, require('./reply.js'), { made() {} });`),
    (p) => p.set('all.js', `exports.own = 1;`),
    (p) =>
      p.set(
        'all.js',
        `exports.own = 1; const made = () => 1; Object.defineProperty(exports, 'made', { value: made });`,
      ),
    (p) => p.set('all.js', `exports.own = 1;`),
    (p) => {
      p.delete('all.js');
      p.delete('caller.js');
    },
  ],
  'properties that a call copies whose callee comes in': [
    (p) => {
      p.set('start.js', `import { setUp } from './setUp.js'; setUp(null);`);
      p.set(
        'setUp.js',
        `import { Cart } from './models/cart.js'; export function setUp(lib) { lib.assign(Cart.prototype, { tip(x) {} }); }`,
      );
      p.set('tips.js', `import { Cart } from './models/cart.js'; new Cart(1).tip(2);`);
    },
    (p) => p.set('start.js', `import lib from 'lib'; import { setUp } from './setUp.js'; setUp(lib);`),
    (p) => p.set('start.js', `import { setUp } from './setUp.js'; setUp({ assign() {} });`),
    (p) => p.set('start.js', `import lib from 'lib'; import { setUp } from './setUp.js'; setUp(lib);`),
    (p) => {
      p.delete('start.js');
      p.delete('setUp.js');
      p.delete('tips.js');
    },
  ],
  'more values than a parameter holds, and fewer again': [
    (p) => {
      for (let i = 0; i < 9; i++)
        p.set(`many${String(i)}.js`, `import { reply } from './reply.js'; class V { send() {} } reply(new V());`);
    },
    (p) => p.delete('many3.js'),
    (p) => p.delete('many4.js'),
  ],
  'a syntax error, and its repair': [
    (p) => p.set('db.js', SHOP['db.js'].replace('{ driver = d }', '{ driver = ')),
    (p) => p.set('db.js', SHOP['db.js']),
  ],
};

function shop(options: ProjectOptions = {}): Project {
  return new Project(SHOP, { known, ...options });
}

/** The same files linked from scratch, with memory enough. */
function shopLike(project: Project, seed: number): Project {
  const clean = new Project({}, { known }, false);
  for (const [path, text] of shuffled([...project.host.files], seed)) clean.set(path.slice('/p/'.length), text);
  clean.update();
  return clean;
}

describe('the order of files', () => {
  it('does not matter', () => {
    const first = shop().dump();
    expect(first.some((line) => line.includes('express().get(cb)(1).send'))).toBe(true);
    for (let seed = 1; seed <= 12; seed++) expect(shop().clean(seed).dump()).toEqual(first);
  });

  it('does not matter with next to no memory', () => {
    const expected = shop().dump();
    const project = shop({ cacheBytes: 1 });
    expect(project.dump()).toEqual(expected);
    for (const edit of Object.values(EDITS).flat()) {
      edit(project);
      project.update();
    }
    expect(project.dump()).toEqual(project.clean(7).dump());
  });
});

describe('conventions', () => {
  it('hand over what the framework calls an export with', () => {
    const files = {
      'package.json': '{"devDependencies": {"web": "1"}}',
      'pages/home.js': `export default function home(req) { return req.query; }`,
      'other/home.js': `export default function home(req) { return req.query; }`,
    };
    const project = new Project(files, { known });
    const entered = (): string[] => project.dump().filter((line) => line.includes('web convention(0)'));
    expect(entered()).toHaveLength(1);
    project.set('package.json', '{}');
    project.update();
    expect(entered()).toEqual([]);
  });
});

describe('after an edit', () => {
  for (const [name, edits] of Object.entries(EDITS)) {
    it(`equals linking from scratch: ${name}`, () => {
      const project = shop();
      for (const [i, edit] of edits.entries()) {
        const before = project.hashes();
        edit(project);
        const { relinked, removed } = project.update();
        expect(project.dump()).toEqual(project.clean(i + 1).dump());
        const after = project.hashes();
        const changed = [...after].filter(([fn, hash]) => before.get(fn) !== hash).map(([fn]) => fn);
        expect(relinked.map((id) => project.functionName(id)).sort()).toEqual(changed.sort());
        expect(removed).toHaveLength([...before.keys()].filter((fn) => !after.has(fn)).length);
      }
    });
  }

  it('equals linking from scratch, over long sequences of edits', () => {
    const all = Object.values(EDITS).flat();
    for (let seed = 1; seed <= 4; seed++) {
      const project = shop();
      for (const [i, edit] of shuffled(all, seed).entries()) {
        edit(project);
        project.update();
        if (i % 5 === 4 || i === all.length - 1) expect(project.dump()).toEqual(project.clean(seed + i).dump());
      }
    }
  });

  it('equals linking from scratch with next to no memory, at every step', () => {
    const project = shop({ cacheBytes: 1 });
    for (const [i, edit] of shuffled(Object.values(EDITS).flat(), 5).entries()) {
      edit(project);
      project.update();
      expect(project.dump()).toEqual(shopLike(project, i).dump());
    }
  });

  it('equals linking from scratch when sets of values are sorted out after every update', () => {
    const project = shop({ growthLimit: { minimum: 0, factor: 0 } });
    for (const [i, edit] of shuffled(Object.values(EDITS).flat(), 6).entries()) {
      edit(project);
      project.update();
      expect(project.dump()).toEqual(shopLike(project, i).dump());
    }
  });

  it('links only the edited file when others cannot see the edit', () => {
    const project = shop();
    project.set(
      'db.js',
      SHOP['db.js'].replace('return exec(q)', 'const s = "sh " + q; console.log(s, exec.name); return exec(q)'),
    );
    expect(project.update().files).toHaveLength(1);
  });

  it('re-links nothing when nothing changed', () => {
    const project = shop();
    project.set('db.js', SHOP['db.js']);
    const { relinked, removed } = project.update();
    expect(relinked).toEqual([]);
    expect(removed).toEqual([]);
  });
});

describe('stored links', () => {
  it('give the same answers in a new process, and go on from there', () => {
    const project = shop();
    const restarted = project.restarted();
    expect(restarted.dump()).toEqual(project.dump());
    for (const edits of Object.values(EDITS)) {
      for (const [i, edit] of edits.entries()) {
        edit(restarted);
        restarted.update();
        expect(restarted.dump()).toEqual(restarted.clean(i).dump());
      }
    }
  });

  it('survive compaction', () => {
    const project = shop();
    const before = project.dump();
    Array.from(project.linker.compact());
    expect(project.dump()).toEqual(before);
    project.set('db.js', SHOP['db.js'].replace('return exec(q)', 'return q'));
    project.update();
    expect(project.dump()).toEqual(project.clean(3).dump());
  });

  it('link nothing again after a restart without edits', () => {
    const restarted = shop().restarted();
    expect(restarted.update()).toEqual({ relinked: [], removed: [], reviewed: [], files: [] });
    restarted.set('db.js', SHOP['db.js']);
    expect(restarted.update().relinked).toEqual([]);
  });
});

/** When a model changes, only files that have to do with what it speaks of are analysed again, and what comes out is what a clean run finds. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { readModels } from '../../taint/analyseCase';
import { findingsIn, Project } from './project';

type Models = ReturnType<typeof readModels>;

let project: Project;
let storage: string;
beforeEach(() => {
  project = new Project();
  storage = project.path('.index');
});
afterEach(() => project.remove());

const own = (apis: readonly object[], more: object = {}): Models => [
  { name: 'own/orders.yaml', document: { library: 'orders', packages: ['orders'], apis, ...more } },
];
const SINK = own([{ path: 'Member[place].Argument[0]', sink: 'command' }]);
const SINK_AND_SOURCE = own([
  { path: 'Member[place].Argument[0]', sink: 'command' },
  { path: 'Member[onOrder].Argument[0].Parameter[0]', source: 'remote' },
]);

const FILES = {
  'shop.js': "require('express')().get('/', (req) => { require('./orders').order(req.query.item); });\n",
  'orders.js': "const orders = require('orders');\nexports.order = (item) => { orders.place(item); };\n",
  'events.js':
    "const orders = require('orders');\norders.onOrder((order) => { require('child_process').exec(order.name); });\n",
  'passed.js': "exports.use = (api) => { require('express')().get('/x', (req) => { api.place(req.query.y); }); };\n",
  'passing.js': "require('./passed').use(require('orders'));\n",
  'facade.js': "exports.api = require('orders');\n",
  'through.js': "require('express')().get('/t', (req) => { require('./facade').api.place(req.query.t); });\n",
  'other.js': "require('express')().get('/o', (req) => { require('child_process').exec(req.query.z); });\n",
};

/** Indexes with some models, and starts again with others: the files that were linked again, and what is found. */
async function changed(before: Models, after: Models): Promise<{ linked: string[]; findings: string[] }> {
  project.write(FILES);
  const first = await project.open({}, storage, before);
  await first.scan({});
  await first.idle();
  await first.close();
  const second = await project.open({ explainUpdates: true }, storage, after);
  const { queries, indexed } = await second.scan({});
  expect(indexed).toEqual([]);
  const clean = await project.open({}, undefined, after);
  await clean.scan({});
  await clean.idle();
  await second.idle();
  expect(second.dump()).toEqual(clean.dump());
  expect(project.problems).toEqual([]);
  const linked = queries.filter(({ query }) => query === 'link').map(({ subject }) => subject);
  return { linked, findings: findingsIn(second).map((line) => line.split(' ').slice(2, 4).join(' ')) };
}

describe('a model that', () => {
  it('comes makes the files that use it be looked at, also those that are handed the API', async () => {
    const { linked, findings } = await changed([], SINK);
    expect(linked).toEqual(['events.js', 'facade.js', 'orders.js', 'passed.js', 'passing.js', 'shop.js', 'through.js']);
    expect(findings).toEqual([
      'other.js:1 other.js:1',
      'passed.js:1 passed.js:1',
      'shop.js:1 orders.js:2',
      'through.js:1 through.js:1',
    ]);
  });

  it('says more brings what it says', async () => {
    const { linked, findings } = await changed(SINK, SINK_AND_SOURCE);
    expect(linked).not.toContain('other.js');
    expect(findings).toEqual([
      'events.js:2 events.js:2',
      'other.js:1 other.js:1',
      'passed.js:1 passed.js:1',
      'shop.js:1 orders.js:2',
      'through.js:1 through.js:1',
    ]);
  });

  it('says something else of the same place makes functions be looked at whose links are what they were', async () => {
    const { linked, findings } = await changed(SINK, own([{ path: 'Member[place].Argument[0]', sink: 'code' }]));
    expect(linked).not.toContain('other.js');
    expect(findings).toHaveLength(4);
  });

  it('goes takes its findings along', async () => {
    const { linked, findings } = await changed(SINK_AND_SOURCE, []);
    expect(linked).not.toContain('other.js');
    expect(findings).toEqual(['other.js:1 other.js:1']);
  });

  it('speaks of a method of any value concerns the files that name it', async () => {
    const methods = [{ path: 'Member[place].Argument[0]', sink: 'command' }];
    const { linked } = await changed([], [{ name: 'own/any.yaml', document: { library: 'any-place', methods } }]);
    expect(linked).toContain('orders.js');
    expect(linked).not.toContain('other.js');
  });

  it('is as it was costs nothing', async () => {
    expect((await changed(SINK, SINK)).linked).toEqual([]);
  });

  it('declares a kind concerns all', async () => {
    const { linked } = await changed(SINK, own([], { sinkKinds: { kitchen: 'Orders of the kitchen' } }));
    expect(linked).toHaveLength(Object.keys(FILES).length);
  });
});

it('is looked at again by the next process when this one ended before it was done', async () => {
  project.write(FILES);
  const first = await project.open({}, storage, []);
  await first.scan({});
  await first.idle();
  await first.close();
  const second = await project.open({}, storage, SINK);
  await second.close();
  const third = await project.open({}, storage, SINK);
  await third.scan({});
  expect(findingsIn(third)).toHaveLength(4);
});

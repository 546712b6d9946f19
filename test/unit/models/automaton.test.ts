import { describe, expect, it } from 'vitest';
import { NO_API } from '../../../server/src/model/ids';
import { RECEIVER } from '../../../server/src/model/graph';
import { compileModels, type ModelDocument } from '../../../server/src/taint/models';

const vocabulary: ModelDocument = {
  library: 'words',
  sourceKinds: { remote: 'Network.', local: 'Machine.' },
  sinkKinds: { command: 'Command.', html: 'HTML.', path: 'Path.' },
};
const compiled = (document: Partial<ModelDocument>) =>
  compileModels([vocabulary, { library: 'lib', packages: ['lib'], ...document }]);

describe('steps', () => {
  it('leads through members, calls and parameters, and nowhere else', () => {
    const models = compiled({
      apis: [{ path: 'Member[get|post].Argument[1..].Parameter[0].Member[query]', source: 'remote' }],
    });
    const root = models.packageRoot('lib');
    const get = models.member(root, 'get');
    expect(models.callbackParameter(get, 0, 2, 0, 2)).toBe(NO_API);
    const request = models.callbackParameter(get, 1, 2, 0, 2);
    expect(request).not.toBe(NO_API);
    expect(models.callbackParameter(models.member(root, 'post'), 3, 4, 0, 2)).not.toBe(NO_API);
    expect(models.parameter(models.argument(get, 1, 2), 0)).toBe(request);
    expect(models.callbackParameter(get, 1, 2, 1, 2)).toBe(NO_API);
    expect(models.member(root, 'put')).toBe(NO_API);
    expect(models.valueSources(request)).toEqual([
      { path: ['query'], kinds: models.sourceKindBit('remote'), label: 'lib.get', isRead: true },
    ]);
    expect(models.member(NO_API, 'get')).toBe(NO_API);
  });

  it('counts arguments from the end, and parameters where their number is asked for', () => {
    const models = compiled({
      apis: [
        { path: 'Member[read].Argument[-1].Parameter[1]', source: 'local' },
        { path: 'Member[use].Argument[0..].Parameter[0 of ..3]', source: 'remote' },
        { path: 'Member[use].Argument[0..].Parameter[1 of 4]', source: 'remote' },
      ],
    });
    const read = models.member(models.packageRoot('lib'), 'read');
    expect(models.callbackParameter(read, 1, 2, 1, 2)).not.toBe(NO_API);
    expect(models.callbackParameter(read, 2, 3, 1, 2)).not.toBe(NO_API);
    expect(models.callbackParameter(read, 1, 3, 1, 2)).toBe(NO_API);
    const use = models.member(models.packageRoot('lib'), 'use');
    expect(models.callbackParameter(use, 0, 1, 0, 2)).not.toBe(NO_API);
    expect(models.callbackParameter(use, 0, 1, 0, 4)).toBe(NO_API);
    expect(models.callbackParameter(use, 0, 1, 1, 4)).not.toBe(NO_API);
    expect(models.callbackParameter(use, 0, 1, 1, 3)).toBe(NO_API);
    expect(models.parameter(models.argument(use, 0, 1), 0)).not.toBe(NO_API);
    expect(models.parameter(models.argument(use, 0, 1), 1)).toBe(NO_API);
  });

  it('knows elements, constructors, receivers of callbacks and unknown keys', () => {
    const models = compiled({
      apis: [
        { path: 'Member[list].Element.Member[x]', source: 'remote' },
        { path: 'Member[Made].Instance.Member[x]', source: 'remote' },
        { path: 'Member[factory].ReturnValue.Member[x]', source: 'remote' },
        { path: 'Member[each].Argument[0].Parameter[this].Member[x]', source: 'remote' },
        { path: 'Member[table].Member[*].Member[x]', source: 'remote' },
      ],
    });
    const root = models.packageRoot('lib');
    const list = models.member(root, 'list');
    expect(models.member(list, '0')).toBe(models.element(list));
    expect(models.member(list, 'first')).toBe(NO_API);
    expect(models.instance(models.member(root, 'Made'))).not.toBe(NO_API);
    expect(models.returnValue(models.member(root, 'Made'))).toBe(NO_API);
    const factory = models.member(root, 'factory');
    expect(models.instance(factory)).toBe(models.returnValue(factory));
    expect(models.callbackParameter(models.member(root, 'each'), 0, 1, RECEIVER, 1)).not.toBe(NO_API);
    expect(models.member(models.member(root, 'table'), 'anything')).not.toBe(NO_API);
    // A computed key may name any member.
    expect(models.valueSources(models.element(root)).map(({ path }) => path.join('.'))).toContain('[].x');
  });

  it('has types that lead to themselves', () => {
    const models = compiled({
      types: {
        Reply: {
          at: ['Member[reply]', 'Member[Reply].Instance'],
          apis: [
            { path: 'Member[status|type].ReturnValue', type: 'Reply' },
            { path: 'Member[send].Argument[0]', sink: 'html' },
          ],
        },
        Special: { extends: 'Reply', at: 'Member[special]', apis: [{ path: 'Member[raw].Argument[0]', sink: 'html' }] },
      },
    });
    const root = models.packageRoot('lib');
    let reply = models.member(root, 'reply');
    for (const method of ['status', 'type', 'status', 'status']) {
      const before = reply;
      reply = models.returnValue(models.member(reply, method));
      expect(models.callModel(models.member(reply, 'send'), false)).toMatchObject({
        known: true,
        sinks: [
          { at: { root: 'argument', from: 0, to: 0, path: [] }, kind: models.kindBit('html'), label: 'Reply.send' },
        ],
      });
      if (before !== models.member(root, 'reply')) expect(reply).toBe(before);
    }
    const special = models.member(root, 'special');
    expect(models.callModel(models.member(special, 'send'), false).sinks).toHaveLength(1);
    expect(models.callModel(models.member(special, 'raw'), false).sinks).toHaveLength(1);
    expect(models.member(reply, 'raw')).toBe(NO_API);
  });

  it('hands the value of a promise to await and then', () => {
    const models = compiled({ apis: [{ path: 'Member[load].ReturnValue.Awaited.Member[data]', source: 'remote' }] });
    const promise = models.returnValue(models.member(models.packageRoot('lib'), 'load'));
    const expected = [{ path: ['data'], kinds: 1, label: 'lib.load.data', isRead: true }];
    expect(models.valueSources(models.awaited(promise))).toEqual(expected);
    const then = models.member(promise, 'then');
    expect(models.valueSources(models.callbackParameter(then, 0, 1, 0, 1))).toEqual(expected);
    // What `then` does with values is known by its name, not by this API.
    expect(models.callModel(then, false).known).toBe(false);
    expect(models.valueSources(models.returnValue(models.member(promise, 'catch')))).toEqual(expected);
  });
});

describe('roots', () => {
  const models = compiled({
    packages: ['lib', 'twin', '@scope/lib'],
    apis: [{ path: 'Member[run].Argument[0]', sink: 'command' }],
    globalApis: [
      { path: 'Member[window|globalThis]', type: 'global' },
      { path: 'Member[document].Member[cookie]', source: 'local' },
    ],
  });
  const isRun = (state: ReturnType<typeof models.member>) => models.callModel(state, false).sinks.length === 1;

  it('finds packages by all their names, with node: and subpaths', () => {
    for (const name of ['lib', 'node:lib', 'twin', '@scope/lib'])
      expect(isRun(models.member(models.packageRoot(name), 'run'))).toBe(true);
    for (const name of ['lib/run', 'lib/run.js', 'lib/esm/run.mjs', '@scope/lib/run', 'lib.js/run']) {
      expect(isRun(models.packageRoot(name)), name).toBe(name !== 'lib.js/run');
    }
    expect(models.packageRoot('other')).toBe(NO_API);
    expect(models.packageRoot('constructor')).toBe(NO_API);
  });

  it('takes the default export for the module itself', () => {
    expect(isRun(models.member(models.member(models.packageRoot('lib'), 'default'), 'run'))).toBe(true);
    expect(isRun(models.member(models.packageRoot('lib/run'), 'default'))).toBe(true);
    expect(models.global('default')).toBe(NO_API);
  });

  it('knows the names of the global object', () => {
    expect(models.member(models.global('window'), 'document')).toBe(models.global('document'));
    expect(models.member(models.member(models.global('globalThis'), 'window'), 'document')).toBe(
      models.global('document'),
    );
    expect(models.valueSources(models.global('window'))).toContainEqual({
      path: ['document', 'cookie'],
      kinds: 2,
      label: 'document.cookie',
      isRead: true,
    });
    // A computed key does not make everything possible.
    expect(models.element(models.global('window'))).toBe(NO_API);
  });

  it('describes states in terms that do not depend on who asked first', () => {
    const again = compiled({ packages: ['lib'], apis: [{ path: 'Member[run].Argument[0]', sink: 'command' }] });
    again.member(again.packageRoot('lib'), 'walk');
    expect(again.describe(again.member(again.packageRoot('lib'), 'run'))).toBe(
      models.describe(models.member(models.packageRoot('lib'), 'run')),
    );
    expect(again.describe(NO_API)).toBe('nothing known');
    expect(again.hash).not.toBe(models.hash);
  });
});

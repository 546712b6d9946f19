import { describe, expect, it } from 'vitest';
import { compileModels, type ApiDocument, type ModelDocument } from '../../../server/src/taint/models';

const vocabulary: ModelDocument = {
  library: 'words',
  sourceKinds: { remote: 'Network.', local: 'Machine.' },
  sinkKinds: { command: 'Command.', html: 'HTML.', path: 'Path.' },
};
const compiled = (apis: readonly ApiDocument[], more: Partial<ModelDocument> = {}) =>
  compileModels([vocabulary, { library: 'lib', packages: ['lib'], apis, ...more }]);
const modelOf = (apis: readonly ApiDocument[], construct = false) => {
  const models = compiled(apis);
  expect(models.problems).toEqual([]);
  return models.callModel(models.member(models.packageRoot('lib'), 'f'), construct);
};
const argument = (from: number, to: number, ...path: string[]) => ({ root: 'argument', from, to, path });

describe('flows', () => {
  it('tell made data from the very same value', () => {
    const { flows, known } = modelOf([
      { path: 'Member[f]', flow: ['Argument[0..] -> ReturnValue', 'Receiver.Element => Argument[0].Parameter[0]'] },
    ]);
    expect(known).toBe(true);
    expect(flows).toEqual([
      { from: argument(0, Infinity), to: { root: 'return', path: [] }, removes: 0, derives: true },
      { from: { root: 'receiver', path: ['[]'] }, to: argument(0, 0, '(0)'), removes: 0, derives: false },
    ]);
  });

  it('take several places, results of callbacks, receivers and all that lies below', () => {
    const { flows } = modelOf([
      {
        path: 'Member[f]',
        flow: { from: ['Argument[0].ReturnValue', 'Argument[1].Anything'], to: 'ReturnValue.Member[a|b]', same: true },
      },
      { path: 'Member[f]', flow: 'Argument[2].Member[x], Receiver => Argument[0].Parameter[this]' },
    ]);
    expect(flows.map(({ from, to }) => [from.path.join('.'), to.path.join('.')])).toEqual([
      ['()', 'a'],
      ['()', 'b'],
      ['*', 'a'],
      ['*', 'b'],
      ['x', '(this)'],
      ['', '(this)'],
    ]);
  });

  it('remove kinds', () => {
    expect(
      modelOf([{ path: 'Member[f]', flow: 'Argument[0] -> ReturnValue', removes: ['html', 'path'] }]).flows[0].removes,
    ).toBe(6);
    expect(modelOf([{ path: 'Member[f]', flow: 'Argument[0] -> ReturnValue', removes: 'all' }]).flows[0].removes).toBe(
      7,
    );
  });

  it('to an instance only hold for new', () => {
    const apis: ApiDocument[] = [{ path: 'Member[f]', flow: 'Argument[0] -> Instance' }];
    expect(modelOf(apis, true).flows).toHaveLength(1);
    expect(modelOf(apis, false)).toMatchObject({ flows: [], known: true });
  });

  it('none still says that the API is known', () => {
    expect(modelOf([{ path: 'Member[f]', flow: 'none' }])).toEqual({
      flows: [],
      sinks: [],
      sources: [],
      guards: [],
      schemas: [],
      stores: [],
      known: true,
    });
    expect(modelOf([{ path: 'Member[g]', flow: 'none' }]).known).toBe(false);
  });

  it('hand functions through and copy properties', () => {
    const models = compiled([
      { path: 'Member[f]', passesThrough: 1 },
      { path: 'Member[extend]', copies: { from: 1, to: 0 } },
      { path: 'Member[inherits]', inherits: { sub: 0, base: 1 } },
    ]);
    const root = models.packageRoot('lib');
    expect(models.passesThrough(models.member(root, 'f'))).toBe(1);
    expect(models.passesThrough(models.member(root, 'extend'))).toBe(-1);
    expect(models.callModel(models.member(root, 'extend'), false).flows).toHaveLength(2);
    expect(models.callEffects).toMatchObject({
      'lib.f': { returns: [1] },
      'lib.extend': { returns: [0], copies: { from: 1, to: 0 } },
      'lib/extend': { returns: [0], copies: { from: 1, to: 0 } },
      'lib.inherits': { inherits: { sub: 0, base: 1 } },
    });
  });
});

describe('sinks and sources', () => {
  it('lie at arguments and below their options, with labels of their own', () => {
    const { sinks } = modelOf([
      { path: 'Member[f|g].Argument[0]', sink: ['command', 'path'] },
      { path: 'Member[f].Argument[1].Member[host|port]', sink: 'command', label: 'option {name}' },
      { path: 'Member[f].Argument[1].Anything', sink: 'html' },
      { path: 'Member[f].Receiver', sink: 'html' },
    ]);
    expect(sinks).toEqual([
      { at: argument(0, 0), kind: 1, label: 'lib.f' },
      { at: argument(0, 0), kind: 4, label: 'lib.f' },
      { at: argument(1, 1, '*'), kind: 2, label: 'lib.f' },
      { at: argument(1, 1, 'host'), kind: 1, label: 'option host' },
      { at: argument(1, 1, 'port'), kind: 1, label: 'option port' },
      { at: { root: 'receiver', path: [] }, kind: 2, label: 'lib.f' },
    ]);
  });

  it('hold under conditions', () => {
    const { sinks, sources } = modelOf([
      { path: 'Member[f].Argument[1]', sink: 'command', when: { at: 'Argument[2].Member[shell]', is: [true, 'sh'] } },
      { path: 'Member[f].Argument[1].Parameter[0]', source: 'remote', when: { at: 'Argument[0]', isNot: ['error'] } },
    ]);
    expect(sinks[0].when).toEqual({ at: argument(2, 2, 'shell'), oneOf: ['true', 'sh'], negated: false });
    expect(sources).toEqual([
      {
        at: argument(1, 1, '(0)'),
        kinds: 1,
        label: 'lib.f',
        when: { at: argument(0, 0), oneOf: ['error'], negated: true },
      },
    ]);
  });

  it('of a callback without condition are told by the state of its parameter alone', () => {
    const models = compiled([{ path: 'Member[f].Argument[0].Parameter[0]', source: 'remote' }]);
    const f = models.member(models.packageRoot('lib'), 'f');
    expect(models.callModel(f, false).sources).toEqual([]);
    expect(models.valueSources(models.callbackParameter(f, 0, 1, 0, 1))).toEqual([
      { path: [], kinds: 1, label: 'lib.f', isRead: false },
    ]);
  });

  it('come with results and buffers, and lie below values', () => {
    const { sources } = modelOf([
      { path: 'Member[f].ReturnValue', source: 'remote', label: 'answer' },
      { path: 'Member[f].Argument[1]', source: 'local', label: 'buffer' },
    ]);
    expect(sources.map(({ at, label }) => [at.root, label])).toEqual([
      ['argument', 'buffer'],
      ['return', 'answer'],
    ]);
    const models = compiled([{ path: 'Member[process].Member[env|argv]', source: 'local' }]);
    expect(models.valueSources(models.packageRoot('lib')).map(({ path }) => path)).toEqual([
      ['process', 'env'],
      ['process', 'argv'],
    ]);
  });

  it('of a type hold wherever the type is', () => {
    const models = compiled([{ path: 'Member[f].Argument[0]', type: 'Options' }], {
      types: {
        Options: {
          apis: [
            { path: 'Member[url]', sink: 'path' },
            { path: 'Member[next]', type: 'Options' },
          ],
        },
      },
    });
    const { sinks } = models.callModel(models.member(models.packageRoot('lib'), 'f'), false);
    expect(sinks.map(({ at }) => at.path.join('.'))).toEqual(['url']);
  });

  it('are told when a property is written', () => {
    const models = compiled([{ path: 'Member[box].Member[html]', sink: 'html' }], {
      methods: [{ path: 'Member[innerHTML]', sink: 'html' }],
    });
    const box = models.member(models.packageRoot('lib'), 'box');
    expect(models.storeSinks(box, 'html')).toEqual([{ property: 'html', kind: 2, label: 'lib.box.html' }]);
    expect(models.storeSinks(box, 'text')).toEqual([]);
    expect(models.storeSinksByName('innerHTML')).toHaveLength(1);
    expect(models.storeSinksByName('toString')).toEqual([]);
  });
});

describe('guards and reads', () => {
  it('say what they make safe', () => {
    const { guards } = modelOf([
      { path: 'Member[f]', guard: 'Argument[0]' },
      { path: 'Member[f]', guard: { at: 'Argument[1]', removes: 'html', result: false, constantArgument: 0 } },
      {
        path: 'Member[f]',
        guard: [{ at: 'Receiver', removes: 'path', constantReceiver: true, when: { at: 'Argument[0]', is: ['..'] } }],
      },
    ]);
    expect(guards).toEqual([
      { at: argument(0, 0), removes: 7, result: true },
      { at: argument(1, 1), removes: 2, result: false, constantArgument: 0 },
      {
        at: { root: 'receiver', path: [] },
        removes: 4,
        result: true,
        constantReceiver: true,
        when: { at: argument(0, 0), oneOf: ['..'], negated: false },
      },
    ]);
  });

  it('know methods and properties by name alone', () => {
    const models = compiled([], {
      methods: [
        { path: 'Member[trim]', flow: 'Receiver -> ReturnValue' },
        { path: 'Member[length|size]', removes: 'all' },
      ],
    });
    expect(models.methodModel('trim')?.flows).toHaveLength(1);
    for (const name of ['length', 'frobnicate', 'constructor', '__proto__', 'default'])
      expect(models.methodModel(name)).toBeUndefined();
    expect(models.loadRemoves('length')).toBe(7);
    expect(models.loadRemoves('trim')).toBe(0);
    expect(models.loadRemoves('constructor')).toBe(0);
  });

  it('answer with the same object each time', () => {
    const models = compiled([{ path: 'Member[f]', flow: 'Argument[0] -> ReturnValue' }]);
    const f = models.member(models.packageRoot('lib'), 'f');
    expect(models.callModel(f, false)).toBe(models.callModel(f, false));
    expect(models.valueSources(f)).toBe(models.valueSources(f));
  });
});

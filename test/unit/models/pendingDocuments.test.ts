/** What models say does not depend on when the places of a document are compiled, or whether they are at all. */
import { describe, expect, it } from 'vitest';
import { compileModels, type CompiledModels, type ModelDocument } from '../../../server/src/taint/models';
import { prepareModels } from '../../../server/src/taint/models/compile';
import { ModelSet } from '../../../server/src/taint/models/modelSet';
import { NO_API, type ApiState } from '../../../server/src/model/ids';
import { randomNumbers } from '../pipeline/randomNumbers';
import { shipped } from './shipped';

/** As many of the states below a package are compared. */
const STATES = 80;

const lazily = (documents: readonly ModelDocument[]): CompiledModels => prepareModels(documents, () => true)();

/** The first states that a program comes to from this package, a line each, with all that is said of them. */
function statesFrom(set: CompiledModels, name: string): readonly string[] {
  if (!(set instanceof ModelSet)) throw new TypeError('These are no models that were compiled.');
  const found = new Set<ApiState>([set.packageRoot(name)]);
  const lines: string[] = [];
  for (const state of found) {
    if (state === NO_API) continue;
    if (lines.length === STATES) break;
    const nodes = set.nodesOf(state);
    const said = [set.callModel(state, false), set.callModel(state, true), set.valueSources(state)];
    lines.push(`${nodes.map(({ description }) => description).join(' | ')} ${JSON.stringify(said)}`);
    for (const member of nodes.flatMap(({ members }) => [...members.keys()])) found.add(set.member(state, member));
    found.add(set.element(state)).add(set.returnValue(state)).add(set.instance(state));
    for (let argument = 0; argument < 3; argument++) {
      found.add(set.argument(state, argument, 3));
      for (let parameter = 0; parameter < 3; parameter++)
        found.add(set.callbackParameter(state, argument, 3, parameter, 3));
    }
  }
  return lines;
}

const packages = shipped.documents.flatMap((document) => document.packages ?? []);
const conventions = compileModels(shipped.documents).conventions.map(({ key }) => key);

function shuffled(names: readonly string[], seed: number): string[] {
  const random = randomNumbers(seed);
  const rest = [...names];
  return names.map(() => rest.splice(random(rest.length), 1)[0]);
}

describe('documents that wait until they are wanted', () => {
  const names = [...packages, ...conventions];
  const all = compileModels(shipped.documents);
  const expected = new Map(names.map((name) => [name, statesFrom(all, name)]));

  it.each([1, 2, 3])('say the same in any order (%i)', (seed) => {
    const models = lazily(shipped.documents);
    for (const name of shuffled(names, seed))
      expect([name, statesFrom(models, name)]).toEqual([name, expected.get(name)]);
    expect([...expected.values()].flat().length).toBeGreaterThan(10_000);
  });

  it.each(['fs', 'express', 'knex', 'next', '@nestjs/common', 'fs-extra', 'vue'])(
    'say the same to who asks for %s alone',
    (name) => {
      expect(statesFrom(lazily(shipped.documents), name)).toEqual(expected.get(name));
    },
  );

  it('say the same of names, globals and calls', () => {
    const models = lazily(shipped.documents);
    expect(models.hash).toBe(all.hash);
    expect(models.footprints).toEqual(all.footprints);
    expect(models.callEffects).toEqual(all.callEffects);
    expect(models.conventions.map(({ key }) => key)).toEqual(conventions);
    expect(models.problems).toEqual([]);
    expect([...(models.methodSources ?? [])]).toEqual([...(all.methodSources ?? [])]);
    const globals = shipped.documents.flatMap((document) => document.globals ?? []);
    for (const name of [...globals, 'document', 'eval', 'fetch', 'nobody'])
      expect(models.describe(models.global(name))).toBe(all.describe(all.global(name)));
  });
});

describe('a document of one’s own that adds to a shipped one', () => {
  const own: readonly ModelDocument[] = [
    { library: 'express', packages: ['express'], apis: [{ path: 'Member[unsafe].Argument[0]', sink: 'code' }] },
    {
      library: 'mine',
      packages: ['mine'],
      types: { 'express.Request': { at: 'Member[request]', apis: [{ path: 'Member[own]', source: 'remote' }] } },
    },
  ];

  it('says what it says, and the shipped one, too', () => {
    const documents = [...shipped.documents, ...own];
    const isShipped = new Set(shipped.documents);
    const models = prepareModels(documents, (document) => isShipped.has(document))();
    const all = compileModels(documents);
    expect(models.problems).toEqual(all.problems);
    for (const name of ['mine', 'express']) expect(statesFrom(models, name)).toEqual(statesFrom(all, name));
    expect(statesFrom(models, 'express').join()).toContain('Member[unsafe]');
    expect(statesFrom(models, 'express').join()).toContain('Member[own]');
  });
});

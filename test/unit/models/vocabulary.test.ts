import { describe, expect, it } from 'vitest';
import { compileModels, type ModelDocument } from '../../../server/src/taint/models';
import { shipped } from './shipped';

const models = compileModels(shipped.documents);
const rulesFor = (sources: readonly string[], sink: string) =>
  models
    .rulesFor(
      sources.reduce((bits, name) => bits | models.sourceKindBit(name), 0),
      models.kindBit(sink),
    )
    .map(({ id }) => id);

describe('kinds', () => {
  it('have one bit each, and names', () => {
    expect(models.sinkKinds.length).toBeLessThanOrEqual(29);
    let all = 0;
    for (const kind of models.sinkKinds) {
      const bit = models.kindBit(kind);
      expect(bit & all).toBe(0);
      expect(models.kindName(bit)).toBe(
        kind.endsWith('-key') ? 'prototype' : kind.startsWith('slow-') ? 'redos' : kind,
      );
      all |= bit;
    }
    expect(models.allKinds).toBe(all);
    expect(models.kindName(models.kindBit('sql') | models.kindBit('command'))).toBe('command, sql');
    expect(models.kindBit('prototype')).toBe(models.kindBit('proto-key') | models.kindBit('constructor-key'));
    expect(models.kindBit('nonsense')).toBe(0);
    expect(models.sourceKinds).toEqual([
      'remote',
      'page',
      'local',
      'environment',
      'program-output',
      'library',
      'file-name',
      'attribute',
      'archive',
      'stored',
    ]);
  });

  it('of sources count in the threat models they name, or in their own', () => {
    const bits = (...names: string[]) => names.reduce((all, name) => all | models.sourceKindBit(name), 0);
    expect(models.sourceKindsIn(['local'])).toBe(bits('local', 'file-name', 'archive'));
    expect(models.sourceKindsIn(['library'])).toBe(bits('library', 'attribute'));
    expect(models.sourceKindsIn(['archive'])).toBe(0);
    expect(models.threatModelsOf(bits('archive'))).toEqual(['remote', 'local']);
    expect(models.threatModelsOf(bits('library', 'archive'))).toEqual(['library', 'remote', 'local']);
  });

  it('beyond the last bit are refused', () => {
    const sinkKinds = Object.fromEntries(Array.from({ length: 31 }, (_, i) => [`kind${String(i)}`, 'One.']));
    const { sinkKinds: kept, problems } = compileModels([{ library: 'x', sinkKinds }]);
    expect(kept).toHaveLength(30);
    expect(problems[0].message).toBe('There are more than 30 sink kinds.');
  });
});

describe('rules', () => {
  it('are chosen by source and sink', () => {
    expect(rulesFor(['remote'], 'command')).toEqual(['command-injection']);
    expect(rulesFor(['local'], 'path')).toEqual(['path-traversal']);
    expect(rulesFor(['archive'], 'path')).toEqual(['zip-slip']);
    expect(rulesFor(['library'], 'html')).toEqual([]);
    expect(rulesFor(['library', 'remote'], 'html')).toEqual(['xss']);
    expect(rulesFor([], 'command')).toEqual([]);
    expect(rulesFor(['local'], 'prototype')).toEqual([]);
  });

  it('cover every sink kind, and name nothing else', () => {
    // What a text still is has no rule of its own.
    for (const kind of models.sinkKinds)
      if (kind !== 'whole') expect(rulesFor(models.sourceKinds, kind), kind).not.toEqual([]);
    for (const rule of models.rules) {
      expect(rule.sinks.every((name) => models.kindBit(name) !== 0)).toBe(true);
      expect(rule.message).toContain('{source}');
      expect(rule.message).toContain('{sink}');
      expect(rule.help).toMatch(/```js\n[^]*before[^]*after[^]*```/);
    }
  });

  it('can be replaced', () => {
    const rule = { ...models.rules[0], severity: 'low' as const };
    const changed = compileModels([...shipped.documents, { library: 'mine', rules: [rule] }]);
    expect(changed.rules).toHaveLength(models.rules.length);
    expect(changed.rules.find(({ id }) => id === rule.id)?.severity).toBe('low');
    expect(changed.hash).not.toBe(models.hash);
  });
});

describe('constant beginnings of a text', () => {
  const removed = (prefix: string) => models.kindName(models.prefixRemoves(prefix)).split(', ');

  it.each([
    ['https://example.com/', ['request', 'redirect', 'script-url'], []],
    ['https://example.com', [], ['request', 'redirect']],
    ['https://', [], ['request', 'redirect']],
    ['/items/', ['redirect', 'script-url', 'request'], []],
    ['/', [], ['redirect', 'request']],
    ['//', [], ['redirect', 'request']],
    ['?next=', ['redirect', 'script-url', 'request'], []],
    ['javascript:', [], ['script-url']],
    ['mailto:', ['script-url'], ['request']],
    ['#', ['selector', 'script-url'], ['dom-html']],
    ['<', ['selector'], ['dom-html']],
    ['item-', ['prototype', 'nosql'], ['command', 'path', 'sql']],
    ['__', ['nosql'], ['prototype']],
    ['proto', [], ['prototype']],
    ['../uploads/', [], ['path']],
  ])('%j', (prefix, harmless, dangerous) => {
    expect(removed(prefix)).toEqual(expect.arrayContaining(harmless));
    for (const kind of dangerous) expect(removed(prefix)).not.toContain(kind);
  });
});

describe('what a text after an unknown part makes harmless:', () => {
  const removed = (text: string) => models.kindName(models.prefixRemoves(text, true)).split(', ');

  it.each(['/', '/items/', '?id=', '.example/', '#', ':8080/'])('%j', (text) => {
    expect(removed(text)).toEqual(expect.arrayContaining(['request', 'redirect', 'script-url']));
    expect(removed(text)).not.toContain('path');
  });

  it.each(['//', '://', '.', '@', 'api.'])('%j: nothing', (text) => {
    expect(removed(text)).toEqual(['']);
  });
});

describe('a model set', () => {
  it('is known by the hash of its documents', () => {
    const document: ModelDocument = { library: 'a', packages: ['a'] };
    expect(compileModels([document]).hash).toBe(compileModels([{ ...document }]).hash);
    expect(compileModels([document]).hash).not.toBe(compileModels([{ ...document, packages: ['b'] }]).hash);
    expect(models.hash).toMatch(/^[0-9a-f]{32}$/);
  });
});

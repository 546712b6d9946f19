import { readdirSync, readFileSync } from 'node:fs';
import * as nodePath from 'node:path';
import { describe, expect, it } from 'vitest';

const root = nodePath.resolve(import.meta.dirname, '../../..');
const grammar = JSON.parse(readFileSync(nodePath.join(root, 'syntaxes/tributary-models.tmLanguage.json'), 'utf8')) as {
  readonly repository: { readonly path: { readonly match: string } };
};
const path = new RegExp(grammar.repository.path.match, 'g');
const matched = (text: string): string[] => text.match(path) ?? [];

describe('the grammar for model paths', () => {
  it('takes whole paths', () => {
    for (const text of [
      'Member[get|post].Argument[1..].Parameter[0].Member[query|params|body]',
      'Argument[-1].Parameter[this]',
      'Instance.Member[on].Argument[1].Parameter[1 of 4]',
      'Member[*].ReturnValue.Awaited',
    ]) {
      expect(matched(`  - path: ${text}`)).toEqual([text]);
    }
  });

  it('leaves other YAML alone', () => {
    expect(matched('Element: [a, b]')).toEqual([]);
    expect(matched('name: MyMember[0]')).toEqual([]);
    expect(matched('note: Anything goes. Instance of it')).toEqual([]);
  });

  it('finds the paths of the shipped models', () => {
    const folder = nodePath.join(root, 'server/models');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
    const lines = files.flatMap((name) => readFileSync(nodePath.join(folder, name), 'utf8').split('\n'));
    const paths = lines.filter((line) => /^\s*- path: [A-Z]\w+\[/.test(line));
    expect(paths.length).toBeGreaterThan(0);
    for (const line of paths) expect(matched(line), line).not.toEqual([]);
  });
});

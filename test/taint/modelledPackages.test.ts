/** Each model file of packages is used by fixtures: in one a flow has to be found, in one code has to be taken for safe. */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const MODELS = join(import.meta.dirname, '../../server/models/packages');
const FIXTURES = join(import.meta.dirname, '../fixtures');

interface Document {
  readonly packages?: readonly string[];
  readonly conventions?: readonly { readonly requires?: string | readonly string[] }[];
  readonly globals?: readonly string[];
  readonly apis?: readonly { readonly path: string | readonly string[] }[];
}

/** Texts of the cases, each as one. */
const cases = readdirSync(FIXTURES)
  .map((theme) => join(FIXTURES, theme))
  .filter((theme) => statSync(theme).isDirectory())
  .flatMap((theme) => readdirSync(theme).map((name) => textOf(join(theme, name))));

function textOf(path: string): string {
  if (!statSync(path).isDirectory()) return `${readFileSync(path, 'utf8')}\n`;
  return readdirSync(path)
    .map((name) => textOf(join(path, name)))
    .join('');
}

/** What is written in quotation marks where the models are used: packages, those that a convention asks for, directives. */
function namesIn({ packages = [], conventions = [], globals = [], apis = [] }: Document): string[] {
  const directives = globals.includes('@directive')
    ? apis
        .flatMap(({ path }) => [path].flat())
        .flatMap((path) => /^Member\[([^\]]+)\]/.exec(path)?.[1].split('|') ?? [])
    : [];
  return [...packages, ...conventions.flatMap(({ requires = [] }) => [requires].flat()), ...directives];
}

describe('the models of packages', () => {
  it.each(readdirSync(MODELS).filter((name) => name.endsWith('.yaml')))('%s is used by fixtures', (name) => {
    const names = namesIn(parse(readFileSync(join(MODELS, name), 'utf8')) as Document);
    const quoted = new RegExp(
      `(['"])(?:${names.map((text) => text.replace(/[^\w]/g, '\\$&')).join('|')})(?:/[^'"]*)?\\1`,
    );
    const users = cases.filter((text) => quoted.test(text));
    expect(users.some((text) => /\bflow: /.test(text))).toBe(true);
    expect(users.some((text) => /\bsafe: /.test(text))).toBe(true);
  });
});

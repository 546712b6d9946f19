/**
 * Forward and backward slices agree: a sink is in the slice of a source exactly when the source is in the slice of the sink. Every finding is in
 * both, and what was asked for them leaves no trace. Of random programs, and of the fixtures. `TRIBUTARY_SLICED_PROGRAMS` says how many
 * programs are tried.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FIXTURES } from '../taint/cases';
import { randomNumbers } from '../unit/pipeline/randomNumbers';
import { parameterRootOf, slicePairs } from '../unit/taint/slicePairs';
import { SolvedProject } from '../unit/taint/solvedProject';
import { makeProgram, textOf } from './programs';

const PROGRAMS = Number(process.env['TRIBUTARY_SLICED_PROGRAMS'] ?? 60);
const SEED = Number(process.env['TRIBUTARY_SEED'] ?? 1);

/** The number of pairs that both slices have. */
function expectAgreement(files: Readonly<Record<string, string>>, threats: readonly string[]): number {
  const project = new SolvedProject(files, threats).solve();
  const { solving } = project;
  const findings = [...project.joined()];
  const before = [...solving.dump()].sort();
  const { forward, backward, isCut } = slicePairs(solving, project.functions());
  expect([...solving.dump()].sort()).toEqual(before);
  if (isCut) return 0;
  const difference = [
    ...[...forward].filter((pair) => !backward.has(pair)).map((pair) => `forward only: ${pair}`),
    ...[...backward].filter((pair) => !forward.has(pair)).map((pair) => `backward only: ${pair}`),
  ];
  expect(difference).toEqual([]);
  for (const { source, sink } of findings) {
    const start =
      source.parameter === undefined
        ? solving.names.rootText(solving.references.source(source))
        : `${solving.names.stableName(source.function)} ${String(parameterRootOf(project.bodies, source))}`;
    expect(forward).toContain(`${start} > ${solving.names.rootText(solving.references.sink(sink))}`);
  }
  return forward.size;
}

describe('slices', () => {
  it(`of ${String(PROGRAMS)} random programs agree`, { timeout: 0 }, () => {
    let pairs = 0;
    fc.assert(
      fc.property(fc.nat({ max: 1 << 24 }), fc.integer({ min: 2, max: 7 }), fc.boolean(), (seed, files, isLibrary) => {
        const program = makeProgram(randomNumbers(seed), files);
        const texts = Array.from(program.values(), (file) => {
          const path = file.path.replace(/\.vue$/, '.js');
          return [path, textOf({ ...file, path }, false)] as const;
        });
        pairs += expectAgreement(Object.fromEntries(texts), isLibrary ? ['remote', 'library'] : ['remote']);
      }),
      { numRuns: PROGRAMS, seed: SEED, endOnFailure: process.env['TRIBUTARY_SHRINK'] !== '1' },
    );
    expect(pairs).toBeGreaterThan(PROGRAMS);
  });

  const folders = readdirSync(FIXTURES, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  it.each(folders.map(({ name }) => name))('of the fixtures in %s agree', { timeout: 0 }, (folder) => {
    for (const name of readdirSync(join(FIXTURES, folder))) {
      const texts = scriptsIn(join(FIXTURES, folder, name));
      if (Object.keys(texts).some((path) => path.endsWith('.js'))) expectAgreement(texts, ['remote', 'local']);
    }
  });
});

/** Scripts of a folder, and what says how they belong together, by path below it. */
function scriptsIn(root: string): Readonly<Record<string, string>> {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' });
  return Object.fromEntries(
    names
      .filter((name) => name.endsWith('.js') || name.endsWith('package.json'))
      .map((name) => [name.split(sep).join('/'), readFileSync(join(root, name), 'utf8')]),
  );
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodecError } from '../../../server/src/base/bytes';
import type { FunctionId } from '../../../server/src/model/ids';
import { PathTable } from '../../../server/src/taint/accessPaths';
import { ALIASES_ROOT, FALSE_TESTS_ROOT, SHAPE_ROOT, TRUE_TESTS_ROOT } from '../../../server/src/taint/questions';
import {
  REST,
  RETURN_ROOT,
  ReferenceTable,
  THROW_ROOT,
  maskOf,
  parameterRoot,
  sourcesRoot,
  type Root,
} from '../../../server/src/taint/references';
import { decodeSummaries, encodeSummaries, type StoredSummary } from '../../../server/src/taint/summaryCodec';
import { makeSummary } from '../../../server/src/taint/summaryTable';

const id = fc.integer({ min: 1, max: 2 ** 20 }).map((n) => (n * 2 ** 32 + 77) as FunctionId);
const path = fc.array(fc.constantFrom('a', 'b', '[]', '()', '(0)', '*', 'näme'), { maxLength: 3 });

type RootPlan = (references: ReferenceTable) => Root;
const rootPlan: fc.Arbitrary<RootPlan> = fc.oneof(
  fc.integer({ min: -2, max: 12 }).map(
    (n): RootPlan =>
      () =>
        parameterRoot(n),
  ),
  fc.constant<RootPlan>(() => parameterRoot(REST + 1)),
  fc.constant<RootPlan>(() => RETURN_ROOT),
  fc.constant<RootPlan>(() => THROW_ROOT),
  fc.tuple(id, fc.nat(9)).map(
    ([owner, cell]): RootPlan =>
      (references) =>
        references.cell(owner, cell),
  ),
  fc.tuple(id, fc.nat(99), fc.nat(7), fc.string()).map(
    ([fn, node, kinds, label]): RootPlan =>
      (references) =>
        references.source({ function: fn, node, kinds, label }),
  ),
  fc.tuple(id, fc.nat(99), fc.nat(9), fc.string()).map(
    ([fn, node, operand, label]): RootPlan =>
      (references) =>
        references.sink({ function: fn, node, operand, kind: 4, label }),
  ),
);
const askedPlan: fc.Arbitrary<RootPlan> = fc.oneof(
  rootPlan,
  fc.constantFrom(SHAPE_ROOT, ALIASES_ROOT, TRUE_TESTS_ROOT, FALSE_TESTS_ROOT, sourcesRoot(5)).map(
    (root): RootPlan =>
      () =>
        root,
  ),
);
const entryPlan = fc.record({
  asked: askedPlan,
  in: rootPlan,
  inPath: path,
  mode: fc.nat(2),
  out: rootPlan,
  outPath: path,
  kinds: fc.nat(2 ** 20),
});

describe('summary codec', () => {
  it('gives back what was packed, in a process with other numbers', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ id, plans: fc.array(entryPlan, { maxLength: 6 }), deps: fc.array(id) }), { maxLength: 4 }),
        (plans) => {
          const [paths, references] = [new PathTable(), new ReferenceTable()];
          const text = (root: Root): string => String(root);
          const stored = plans.map(({ id: fn, plans: entries, deps }): StoredSummary => ({
            id: fn,
            key: 5,
            answers: entries.map((plan) => ({
              root: plan.asked(references),
              distance: plan.mode,
              askedInVain: deps.map((owner) => references.cell(owner, plan.mode)),
              activated: deps.map((owner) => references.cell(owner, plan.mode + 1)),
              summary: makeSummary(
                [
                  {
                    inRoot: plan.in(references),
                    inPath: paths.of(plan.inPath),
                    inMode: plan.mode,
                    outRoot: plan.out(references),
                    outPath: paths.of(plan.outPath),
                    mask: maskOf(plan.kinds, 2),
                  },
                ],
                paths,
                text,
                100,
                [],
              ),
              dependencies: deps.map((other, place) => ({
                function: other,
                root: plan.asked(references),
                effectsOnly: place % 3 === plan.mode,
              })),
            })),
          }));
          const bytes = encodeSummaries(stored, paths, references);
          const [otherPaths, otherReferences] = [new PathTable(), new ReferenceTable()];
          const decoded = decodeSummaries(bytes, otherPaths, otherReferences);
          // Packing again gives the same bytes exactly when nothing was lost.
          expect(encodeSummaries(decoded, otherPaths, otherReferences)).toEqual(bytes);
          const told = ({ id: fn, answers }: StoredSummary): unknown => [
            fn,
            answers.map(({ dependencies }) => dependencies.map((other) => [other.function, other.effectsOnly])),
          ];
          expect(decoded.map(told)).toEqual(stored.map(told));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('refuses bytes of another version', () => {
    expect(() => decodeSummaries(new Uint8Array([99, 0, 0]), new PathTable(), new ReferenceTable())).toThrow(
      CodecError,
    );
  });
});

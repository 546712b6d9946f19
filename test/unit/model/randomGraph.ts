/**
 * Random file graphs for property tests: of the right shape (typed arrays that fit each other), otherwise as wild as
 * the types allow, so that a codec can't rely on what extraction usually makes.
 */
import fc from 'fast-check';
import { NONE, Op, Test } from '../../../server/src/model/graph';
import type { ClassFacts, Dialect, FileGraph, FunctionGraph, GuardFacts } from '../../../server/src/model/graph';
import { GIVEN_COUNT, type ParameterBranch } from '../../../server/src/model/parameterBranches';

const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true });

const stringId = fc.oneof(fc.nat(200), fc.nat(100_000));
const optionalId = fc.oneof(stringId, fc.constant(NONE));
const offset = fc.oneof(fc.nat(5_000), fc.nat(0x7fff_ffff));
const range = fc
  .tuple(offset, fc.nat(100_000))
  .map(([start, size]): readonly [number, number] => [start, start + size]);
/** Any code units, lone surrogates and emoji too. */
export const wildString = fc.string({
  unit: fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    fc.constantFrom('\ud800', '\udfff', '😀', 'é', '\0', 'a'),
  ),
  maxLength: 12,
});

const branch: fc.Arbitrary<ParameterBranch> = record({
  parameter: fc.nat(20),
  test: fc.nat(4),
  polarity: fc.boolean(),
  instead: fc.nat(GIVEN_COUNT - 1),
  from: fc.nat(300),
  length: fc.nat(300),
}).map(({ length, ...rest }) => ({ ...rest, to: rest.from + length }));

const guard: fc.Arbitrary<GuardFacts> = record({
  test: fc.constantFrom(Test.Equals, Test.Typeof, Test.In, Test.Instanceof, Test.Compare, Test.Call, Test.EqualsValue),
  polarity: fc.boolean(),
  path: fc.array(stringId, { maxLength: 3 }),
  argument: fc.integer({ min: -1, max: 9 }),
  constant: optionalId,
});

const node = record({
  op: fc.nat(Op.Unknown),
  aux: fc.oneof(fc.constant(0), fc.integer({ min: -2, max: 300 }), fc.integer()),
  operands: fc.array(fc.oneof(fc.constant(NONE), fc.integer({ min: -3, max: 60 }), fc.integer()), { maxLength: 5 }),
  range,
});

const fn: fc.Arbitrary<FunctionGraph> = record({
  key: fc.oneof(
    wildString,
    fc.tuple(wildString, wildString).map((parts) => parts.join(' / ')),
  ),
  name: stringId,
  flags: fc.nat(2047),
  parent: optionalId,
  classIndex: optionalId,
  parameters: fc.array(stringId, { maxLength: 4 }),
  cells: fc.array(stringId, { maxLength: 4 }),
  captures: fc.array(record({ owner: fc.nat(50), cell: fc.nat(300) }), { maxLength: 4 }),
  guards: fc.array(guard, { maxLength: 4 }),
  branches: fc.array(branch, { maxLength: 4 }),
  nodes: fc.array(node, { maxLength: 30 }),
  range,
  nameRange: range,
  structureHash: fc.oneof(
    fc.string({
      unit: fc.integer({ min: 0, max: 15 }).map((digit) => digit.toString(16)),
      minLength: 16,
      maxLength: 16,
    }),
    wildString,
  ),
}).map(({ nodes, ...rest }) => {
  const operandStart = new Uint32Array(nodes.length + 1);
  nodes.forEach((each, index) => (operandStart[index + 1] = operandStart[index] + each.operands.length));
  return {
    ...rest,
    op: Uint8Array.from(nodes, (each) => each.op),
    aux: Int32Array.from(nodes, (each) => each.aux),
    operandStart,
    operands: Int32Array.from(nodes.flatMap((each) => each.operands)),
    start: Uint32Array.from(nodes, (each) => each.range[0]),
    end: Uint32Array.from(nodes, (each) => each.range[1]),
  };
});

const classFacts: fc.Arbitrary<ClassFacts> = record({
  name: stringId,
  functionIndex: fc.nat(500),
  node: fc.nat(5_000),
  constructorIndex: fc.oneof(fc.nat(500), fc.constant(NONE)),
  superNode: optionalId,
  members: fc.array(record({ name: stringId, isStatic: fc.boolean(), functionIndex: fc.nat(500) }), {
    maxLength: 4,
  }),
});

export const randomGraph: fc.Arbitrary<FileGraph> = record({
  dialect: fc.constantFrom<Dialect>('js', 'jsx', 'ts', 'tsx', 'mjs', 'cjs', 'mts', 'cts', 'dts', 'py'),
  strings: fc.array(wildString, { maxLength: 30 }),
  functions: fc.array(fn, { maxLength: 6 }),
  classes: fc.array(classFacts, { maxLength: 3 }),
  imports: fc.array(
    record({
      specifier: stringId,
      kind: fc.constantFrom('import', 'require', 'dynamic', 'reexport'),
      typeOnly: fc.boolean(),
      range,
    }).map(({ range: [start, end], ...facts }) => ({ ...facts, start, end })),
    { maxLength: 4 },
  ),
  decorators: fc.array(
    record({
      functionIndex: fc.nat(500),
      node: fc.nat(5_000),
      target: fc.constantFrom('class', 'member', 'parameter'),
      classIndex: optionalId,
      targetFunction: optionalId,
      parameter: fc.oneof(fc.nat(10), fc.constant(NONE)),
    }),
    { maxLength: 3 },
  ),
  isEsm: fc.boolean(),
  lineStarts: fc.array(offset, { maxLength: 20 }).map((starts) => Uint32Array.from(starts).sort()),
  lost: fc.array(range, { maxLength: 3 }),
  limits: fc.array(wildString, { maxLength: 2 }),
});

import { expect, it } from 'vitest';
import type { FunctionId } from '../../../server/src/model/ids';
import { AnswerTable } from '../../../server/src/taint/answerTable';
import { NewCycles } from '../../../server/src/taint/cycles';
import { QuestionSet, type QuestionId } from '../../../server/src/taint/questions';
import { parameterRoot } from '../../../server/src/taint/references';

function setUp(): { table: AnswerTable; limited: QuestionSet; cycles: NewCycles; ask: (id: number) => QuestionId } {
  const table = new AnswerTable({ rootText: String, nameOf: String });
  const limited = new QuestionSet();
  return {
    table,
    limited,
    cycles: new NewCycles(table, limited),
    ask: (id) => table.questions.intern(id as FunctionId, parameterRoot(0)),
  };
}

it('finds a cycle that came into being with an answer that asks for more', () => {
  const { table, cycles, ask } = setUp();
  const [a, b] = [ask(1), ask(2)];
  table.depend(a, [b], new Set());
  cycles.asks(b, [a]);
  table.depend(b, [a], new Set());
  expect([...cycles.take()].sort()).toEqual([a, b]);
  expect(cycles.take()).toEqual([]);
});

it('does not have a cycle solved again that is only asked by what was answered anew', () => {
  const { table, limited, cycles, ask } = setUp();
  const [a, b, reader] = [ask(1), ask(2), ask(3)];
  limited.add(a);
  limited.add(b);
  table.depend(a, [b], new Set());
  table.depend(b, [a], new Set());
  cycles.asks(a, [b]);
  cycles.asks(b, [a]);
  cycles.solvedTogether([b, a]);
  expect(cycles.take()).toEqual([]);
  cycles.asks(reader, [a]);
  table.depend(reader, [a], new Set());
  expect(cycles.take()).toEqual([]);
});

/** Slots that nodes of a random graph depend on, compared with a plain search through it. */
import { describe, expect, it } from 'vitest';
import type { FileId } from '../../../server/src/model/ids';
import { parametersSlot, Part, slotOf } from '../../../server/src/link/reads';
import { SlotCollector } from '../../../server/src/link/slotCollector';
import { TermGraph } from '../../../server/src/link/termGraph';

/** Numbers below `limit`, from a seed. */
function random(seed: number): (limit: number) => number {
  let state = seed * 2654435761 + 1;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 0x100000000) * limit);
  };
}

describe('slots of nodes', () => {
  for (let seed = 1; seed <= 20; seed++) {
    it(`are those of all that is reached, in graph ${String(seed)}`, () => {
      const next = random(seed);
      const graph = new TermGraph();
      const files = 1 + next(6);
      const perFile = 12;
      const terms = Array.from({ length: files }, (_, file) => graph.allocate(perFile, file));
      const nodes = terms.flatMap((first) => Array.from({ length: perFile }, (_, i) => first + i));
      const cells = new Map<number, number>();
      for (let i = 0; i < 10; i++) {
        const slot = i % 2 === 0 ? parametersSlot(i) : slotOf(i as FileId, Part.Interface);
        cells.set(i % 2 === 0 ? graph.parameters(i) : graph.seen(i as FileId, Part.Interface), slot);
      }
      const targets = [...nodes, ...cells.keys()];
      const edges = new Map<number, number[]>();
      for (let i = 0; i < files * perFile * 2; i++) {
        const from = nodes[next(nodes.length)];
        const to = targets[next(targets.length)];
        graph.read(from, to);
        edges.set(from, [...(edges.get(from) ?? []), to]);
      }
      const collector = new SlotCollector(graph, false);
      for (const [file, first] of terms.entries()) {
        const roots = [first + next(perFile), first + next(perFile)];
        const seen = new Set(roots);
        for (const node of seen) for (const read of edges.get(node) ?? []) seen.add(read);
        const expected = [...cells].filter(([cell]) => seen.has(cell)).map(([, slot]) => slot);
        const found = collector.slotsOf(roots);
        expect([...found].sort(), `file ${String(file)}`).toEqual(expected.sort());
        expect(new Set(found).size).toBe(found.length);
      }
    });
  }
});

describe('a changed cell', () => {
  it('makes stale what read it, directly or not, and nothing else', () => {
    const graph = new TermGraph();
    const [reader, farther, other] = [graph.allocate(1, 0), graph.allocate(1, 1), graph.allocate(1, 1)];
    graph.read(reader, graph.parameters(5));
    graph.read(farther, reader);
    graph.read(other, graph.parameters(6));
    for (const node of [reader, farther, other]) graph.finish(node);
    graph.nextRound();
    const stale: number[] = [];
    graph.changeParameters(5, (node) => stale.push(node));
    expect(stale.sort()).toEqual([reader, farther].sort());
    expect(graph.hasChangedFor(reader, graph.parameters(5))).toBe(true);
    expect(graph.hasChangedFor(other, graph.parameters(6))).toBe(false);
    // Worked out again to the same value: whoever read it need not be.
    graph.reset(reader);
    graph.finish(reader);
    expect(graph.hasChangedFor(farther, reader)).toBe(false);
    graph.nextRound();
    graph.reset(reader);
    graph.value[reader] = 7;
    graph.finish(reader);
    expect(graph.hasChangedFor(farther, reader)).toBe(true);
  });
});

/** Which shared places something untrusted comes to, in whatever order functions are solved. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FunctionId } from '../../../server/src/model/ids';
import { EMPTY, PathTable } from '../../../server/src/taint/accessPaths';
import { Reach, type Place } from '../../../server/src/taint/reach';
import { RETURN_ROOT, ReferenceTable, maskOf, parameterRoot, type Root } from '../../../server/src/taint/references';
import { Mode, makeSummary, type Entry, type SummaryTable } from '../../../server/src/taint/summaryTable';

const id = (n: number): FunctionId => (n * 2 ** 32 + 1) as FunctionId;
const RECEIVER = parameterRoot(-1);

class World {
  readonly paths = new PathTable();
  readonly references = new ReferenceTable();
  readonly open = new Set<FunctionId>();
  readonly classes = new Map<FunctionId, string>();
  readonly reach = new Reach({ isOpen: (fn) => this.open.has(fn), classOf: (fn) => this.classes.get(fn) }, this.paths);

  cell(n: number): Root {
    return this.references.cell(id(1), n);
  }

  source(): Root {
    return this.references.source({ function: id(1), node: 1, kinds: 1, label: 'source' });
  }

  summary(...entries: readonly (readonly [from: Root, to: Root, path?: readonly string[]])[]): SummaryTable {
    const made = entries.map(([inRoot, outRoot, path]): Entry => ({
      inRoot,
      inPath: EMPTY,
      inMode: Mode.Identity,
      outRoot,
      outPath: this.paths.of(path ?? []),
      mask: maskOf(1, 3),
    }));
    return makeSummary(made, this.paths, String, 1000, []);
  }

  taken(): Place[] {
    return [...this.reach.take()].sort();
  }
}

describe('a captured variable', () => {
  it('is reached by a source, once', () => {
    const world = new World();
    const summary = world.summary([world.source(), world.cell(0)], [parameterRoot(0), world.cell(1)]);
    world.reach.update(id(2), summary);
    world.reach.update(id(2), summary);
    expect(world.taken()).toEqual([world.cell(0)]);
    expect(world.taken()).toEqual([]);
    expect(world.reach.has(world.cell(0))).toBe(true);
    expect(world.reach.has(world.cell(1))).toBe(false);
  });

  it('is reached by parameters of functions that packages offer, and by nothing that is only returned', () => {
    const world = new World();
    world.open.add(id(3));
    world.reach.update(id(3), world.summary([parameterRoot(0), world.cell(1)], [world.source(), RETURN_ROOT]));
    expect(world.taken()).toEqual([world.cell(1)]);
  });

  it('is reached by what lies somewhere in it, unlike the fields of a class', () => {
    const world = new World();
    world.classes.set(id(4), 'Box');
    world.reach.update(id(4), world.summary([world.source(), RECEIVER, ['*']], [world.source(), world.cell(0), ['*']]));
    expect(world.taken()).toEqual([world.cell(0)]);
  });

  it('is not reached by a call of something that is in it', () => {
    const world = new World();
    world.reach.update(id(2), world.summary([world.source(), world.cell(0), ['f', '(0)']]));
    expect(world.taken()).toEqual([]);
  });
});

describe('the fields of a class', () => {
  it('are reached through the receiver of any method', () => {
    const world = new World();
    for (const fn of [id(4), id(5)]) world.classes.set(fn, 'Box');
    world.reach.update(id(5), world.summary([RECEIVER, world.cell(3)]));
    expect(world.taken()).toEqual([]);
    world.reach.update(id(4), world.summary([world.source(), RECEIVER, ['text']]));
    expect(world.taken()).toEqual([world.cell(3), 'Box'].sort());
  });

  it("are nobody's in a function that belongs to no class", () => {
    const world = new World();
    world.reach.update(id(6), world.summary([world.source(), RECEIVER, ['text']]));
    expect(world.taken()).toEqual([]);
  });
});

describe('places', () => {
  it('are reached along chains, whichever function was solved first', () => {
    const links = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 14 });
    fc.assert(
      fc.property(links, fc.nat(7), fc.array(fc.nat(1000), { minLength: 15, maxLength: 15 }), (chain, start, ranks) => {
        const world = new World();
        const summaries = [
          world.summary([world.source(), world.cell(start)]),
          ...chain.map(([from, to]) => world.summary([world.cell(from), world.cell(to)])),
        ];
        const order = summaries.map((summary, n) => ({ summary, rank: ranks[n] })).sort((a, b) => a.rank - b.rank);
        const taken: Place[] = [];
        for (const [n, { summary }] of order.entries()) {
          world.reach.update(id(10 + n), summary);
          taken.push(...world.reach.take());
        }
        const expected = new Set([start]);
        for (let size = 0; size < expected.size;) {
          size = expected.size;
          for (const [from, to] of chain) if (expected.has(from)) expected.add(to);
        }
        expect(taken.sort()).toEqual(Array.from(expected, (n) => world.cell(n)).sort());
      }),
    );
  });
});

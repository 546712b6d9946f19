/** What lies in a shared place goes to the sinks that read it, along other places, and nowhere else. */
import { describe, expect, it } from 'vitest';
import { finish } from '../../../server/src/base/steps';
import type { FunctionId } from '../../../server/src/model/ids';
import { PathTable } from '../../../server/src/taint/accessPaths';
import { NOWHERE, type Leg, type PlaceId } from '../../../server/src/taint/contribution';
import { ReferenceTable, maskOf, parameterRoot, type Root } from '../../../server/src/taint/references';
import { SharedPlaces } from '../../../server/src/taint/sharedPlaces';
import { Mode } from '../../../server/src/taint/summaryTable';

const id = (n: number): FunctionId => (n * 2 ** 32 + 1) as FunctionId;

class World {
  readonly paths = new PathTable();
  readonly references = new ReferenceTable();
  readonly shared = new SharedPlaces(this.paths);

  cell(n: number): PlaceId {
    return this.references.cell(id(1), n);
  }

  read(n: number, place: PlaceId, path: readonly string[], kinds = 1): void {
    const sink = this.references.sink({ function: id(n), node: n, operand: 1, kind: kinds, label: 'sink' });
    this.shared.addReader(place, this.leg(n, place, path, sink, [], kinds), NOWHERE);
  }

  carry(n: number, from: PlaceId, fromPath: readonly string[], to: PlaceId, toPath: readonly string[]): void {
    this.shared.addReader(from, this.leg(n, from, fromPath, to, toPath, 3), to);
  }

  write(n: number, place: PlaceId, path: readonly string[], kinds = 1): void {
    this.shared.arrive(place, this.leg(n, parameterRoot(0), [], place, path, kinds), n);
  }

  /** Functions on the ways that are found, as text. */
  found(): string[] {
    const ways: string[] = [];
    const note = (legs: readonly Leg[]): number =>
      ways.push(legs.map((leg) => Math.floor(leg.function / 2 ** 32)).join('>'));
    finish(this.shared.follow((_, legs) => note(legs)));
    return ways.sort();
  }

  private leg(
    n: number,
    inRoot: Root,
    inPath: readonly string[],
    outRoot: Root,
    outPath: readonly string[],
    kinds: number,
  ): Leg {
    return {
      function: id(n),
      inRoot,
      inPath: this.paths.of(inPath),
      inMode: Mode.Identity,
      outRoot,
      outPath: this.paths.of(outPath),
      mask: maskOf(kinds, 3),
    };
  }
}

describe('a shared place', () => {
  it('leads to the sinks that read what is written', () => {
    const world = new World();
    world.read(20, world.cell(0), ['name']);
    world.read(21, world.cell(0), ['other']);
    world.read(22, world.cell(1), ['name']);
    finish(world.shared.close());
    world.write(10, world.cell(0), ['name']);
    expect(world.found()).toEqual(['10>20']);
  });

  it('leads to sinks of the kinds that a value can still serve, and knows which are left', () => {
    const world = new World();
    world.read(20, world.cell(0), ['name'], 1);
    world.read(21, world.cell(0), ['name'], 2);
    finish(world.shared.close());
    expect(world.shared.sinksBeyond(world.cell(0), world.paths.of(['name']))).toBe(3);
    expect(world.shared.sinksBeyond(world.cell(0), world.paths.of(['other']))).toBe(0);
    expect(world.shared.sinksBeyond(world.cell(7), world.paths.of(['name']))).toBe(0);
    world.write(10, world.cell(0), ['name'], 2);
    expect(world.found()).toEqual(['10>21']);
  });

  it('leads on to others, and the path goes along', () => {
    const world = new World();
    world.carry(30, world.cell(0), ['a'], world.cell(1), ['b']);
    world.read(20, world.cell(1), ['b', 'c']);
    finish(world.shared.close());
    world.write(10, world.cell(0), ['a', 'c']);
    world.write(11, world.cell(0), ['a', 'd']);
    expect(world.found()).toEqual(['10>30>20']);
  });

  it('tells of a way only where it is wanted, which is asked with its ends', () => {
    const world = new World();
    world.carry(30, world.cell(0), ['a'], world.cell(1), ['b']);
    world.read(20, world.cell(1), ['b']);
    world.read(21, world.cell(0), ['a']);
    finish(world.shared.close());
    world.write(10, world.cell(0), ['a']);
    const number = (leg: Leg): number => Math.floor(leg.function / 2 ** 32);
    const asked: string[] = [];
    const ways: number[] = [];
    finish(
      world.shared.follow(
        (_, legs) => ways.push(legs.length),
        (source, sink, length) => {
          asked.push([number(source), number(sink), length].join(' '));
          return length > 2;
        },
      ),
    );
    expect(asked).toEqual(['10 21 2', '10 20 3']);
    expect(ways).toEqual([3]);
  });

  it('is followed to an end where places lead to each other', () => {
    const world = new World();
    world.carry(30, world.cell(0), [], world.cell(1), []);
    world.carry(31, world.cell(1), [], world.cell(0), []);
    world.carry(32, world.cell(1), [], world.cell(1), ['deeper']);
    world.read(20, world.cell(0), ['x']);
    finish(world.shared.close());
    world.write(10, world.cell(1), ['x']);
    world.write(11, world.cell(0), ['x']);
    expect(world.found()).toEqual(['10>31>20', '11>20']);
  });

  it('is followed in many steps, so that nobody waits for all of it', () => {
    const world = new World();
    for (let n = 0; n < 100; n++) world.carry(1000 + n, world.cell(n), ['a'], world.cell(n + 1), ['a']);
    world.read(20, world.cell(100), ['a']);
    finish(world.shared.close());
    for (let n = 0; n < 300; n++) world.write(n, world.cell(99), ['a']);
    let [steps, ways] = [0, 0];
    const work = world.shared.follow(() => ways++);
    while (work.next().done !== true) steps++;
    expect(ways).toBe(300);
    expect(steps).toBeGreaterThan(3);
  });
});

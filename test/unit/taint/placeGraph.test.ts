/** Components of shared places after any sequence of changes are those of a graph that was made at once. */
import { describe, expect, it } from 'vitest';
import type { FunctionId } from '../../../server/src/model/ids';
import { PlaceGraph, type Component, type Link } from '../../../server/src/taint/placeGraph';

class Graph {
  readonly links = new Map<FunctionId, readonly Link[]>();
  readonly graph = new PlaceGraph((id) => this.links.get(id) ?? []);
  readonly components = new Set<Component>();

  set(id: number, links: readonly Link[]): void {
    const key = id as FunctionId;
    this.graph.remove(key, new Set((this.links.get(key) ?? []).flat()));
    if (links.length === 0) this.links.delete(key);
    else this.links.set(key, links);
    this.graph.add(key, new Set(links.flat()));
  }

  update(): { gone: number; made: number } {
    const { gone, made } = this.graph.update();
    for (const component of gone) this.components.delete(component);
    for (const component of made) this.components.add(component);
    return { gone: gone.size, made: made.length };
  }

  told(): string[] {
    return [...this.components]
      .map(({ places, functions }) => `${[...places].sort().join(' ')} by ${[...functions].sort().join(' ')}`)
      .sort();
  }
}

describe('places', () => {
  it('hang together by ways, and fall apart when a way goes', () => {
    const graph = new Graph();
    graph.set(1, [[10, 11]]);
    graph.set(2, [[12, 13]]);
    graph.update();
    expect(graph.told()).toEqual(['10 11 by 1', '12 13 by 2']);
    graph.set(3, [[11, 12]]);
    expect(graph.update()).toEqual({ gone: 2, made: 1 });
    expect(graph.told()).toEqual(['10 11 12 13 by 1 2 3']);
    graph.set(3, []);
    expect(graph.update()).toEqual({ gone: 1, made: 2 });
    expect(graph.told()).toEqual(['10 11 by 1', '12 13 by 2']);
  });

  it('are left alone where nothing is touched', () => {
    const graph = new Graph();
    for (let id = 0; id < 20; id++) graph.set(id, [[id * 2, id * 2 + 1]]);
    graph.update();
    graph.set(4, [
      [8, 9],
      [9, 100],
    ]);
    expect(graph.update()).toEqual({ gone: 1, made: 1 });
    expect(graph.update()).toEqual({ gone: 0, made: 0 });
  });

  it('are those of a graph made at once, after any changes', () => {
    let state = 7;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const graph = new Graph();
    for (let step = 0; step < 200; step++) {
      const links = Array.from({ length: random(3) }, (): Link => [random(25), random(25)]);
      graph.set(random(15), links);
      if (random(3) === 0) continue;
      graph.update();
      const whole = new Graph();
      for (const [id, each] of graph.links) whole.set(id, each);
      whole.update();
      expect(graph.told(), `step ${String(step)}`).toEqual(whole.told());
    }
  });
});

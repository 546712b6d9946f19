/**
 * Strongly connected components (Tarjan 1972), iterative, over a graph given by a function. Components come callees
 * first: every edge leads into the same component or an earlier one.
 */
export function stronglyConnectedComponents<N>(roots: Iterable<N>, successors: (node: N) => Iterable<N>): N[][] {
  const index = new Map<N, number>();
  const low = new Map<N, number>();
  const onStack = new Set<N>();
  const stack: N[] = [];
  const components: N[][] = [];
  interface Frame {
    readonly node: N;
    readonly rest: Iterator<N>;
  }
  for (const root of roots) {
    if (index.has(root)) continue;
    const frames: Frame[] = [];
    const enter = (node: N): void => {
      index.set(node, index.size);
      low.set(node, index.size - 1);
      stack.push(node);
      onStack.add(node);
      frames.push({ node, rest: successors(node)[Symbol.iterator]() });
    };
    enter(root);
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      const { node } = frame;
      const next = frame.rest.next();
      if (next.done !== true) {
        const successor = next.value;
        const known = index.get(successor);
        if (known === undefined) enter(successor);
        else if (onStack.has(successor)) low.set(node, Math.min(low.get(node) ?? 0, known));
        continue;
      }
      frames.pop();
      const own = low.get(node) ?? 0;
      const parent = frames.at(-1);
      if (parent !== undefined) low.set(parent.node, Math.min(low.get(parent.node) ?? 0, own));
      if (own !== index.get(node)) continue;
      const component: N[] = [];
      for (;;) {
        const member = stack.pop();
        if (member === undefined) break;
        onStack.delete(member);
        component.push(member);
        if (member === node) break;
      }
      components.push(component);
    }
  }
  return components;
}

/** What the answers about a function were computed from, as far as it is the function's own: with the same key they need not be looked at again. Above zero. */
import { TextHash } from '../base/textHash';
import { NONE } from '../model/graph';
import type { LinkView } from '../model/links';
import { dependsOnEnclosing } from '../taint/constants';
import type { FunctionBody } from '../taint/environment';
import { readsRegistration } from '../taint/registered';

export function functionKey(body: FunctionBody, links: Pick<LinkView, 'linksOf'>): number {
  const own = links.linksOf(body.id);
  const key = new TextHash();
  key.text(body.graph.structureHash);
  key.text(own.hash);
  // Constants of enclosing functions may be read; which ones is not worth knowing.
  const isRegistered = readsRegistration(body.graph, own);
  if (isRegistered || dependsOnEnclosing(body.graph)) {
    for (let parent = body.graph.parent; parent !== NONE;) {
      const graph = body.graphOf(parent);
      key.text(graph.structureHash);
      if (isRegistered) key.text(links.linksOf(body.functionIds(parent)).hash);
      parent = graph.parent;
    }
  }
  return key.toNumber();
}

/** What the answers about a function were computed from, as far as it is the function's own: with the same key they need not be looked at again. */
import { TextHash } from '../base/textHash';
import { NONE } from '../model/graph';
import type { FunctionLinks } from '../model/links';
import { dependsOnEnclosing } from '../taint/constants';
import type { FunctionBody } from '../taint/environment';

/** `links` are those of the function. */
export function functionKey(body: FunctionBody, links: Pick<FunctionLinks, 'hash'>): string {
  const key = new TextHash();
  key.text(body.graph.structureHash);
  key.text(links.hash);
  // Constants of enclosing functions may be read; which ones is not worth knowing.
  if (dependsOnEnclosing(body.graph)) {
    for (let parent = body.graph.parent; parent !== NONE;) {
      const graph = body.graphOf(parent);
      key.text(graph.structureHash);
      parent = graph.parent;
    }
  }
  return key.digest();
}

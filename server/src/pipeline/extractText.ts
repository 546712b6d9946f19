/** Text to flow graph, by dialect. Another language is another case here. */
import { extractFlat } from '../extract/javascript';
import type { ExtractGraph } from './extraction';

export const extractText: ExtractGraph = (text, dialect) => {
  const started = performance.now();
  let parsed = started;
  const graph = extractFlat(text, dialect, () => {
    parsed = performance.now();
  });
  return { graph, parseMs: parsed - started, extractMs: performance.now() - parsed };
};

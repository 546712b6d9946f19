/** Text to flow graph, by dialect. Another language is another case here. */
import { extractJavaScript } from '../extract/javascript';
import type { ExtractGraph } from './extraction';

/** Parsing is part of the extraction's time: the tree never leaves it. */
export const extractText: ExtractGraph = (text, dialect) => {
  const started = performance.now();
  const graph = extractJavaScript(text, dialect);
  return { graph, parseMs: 0, extractMs: performance.now() - started };
};

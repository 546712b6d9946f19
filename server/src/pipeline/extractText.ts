/** Text to flow graph, by dialect. Another language is another case here. */
import { extractJavaScript } from '../extract/javascript';
import type { ExtractGraph } from './extraction';

export const extractText: ExtractGraph = (text, dialect) => {
  const started = performance.now();
  let parsed = started;
  const graph = extractJavaScript(text, dialect, () => {
    parsed = performance.now();
  });
  return { graph, parseMs: parsed - started, extractMs: performance.now() - parsed };
};

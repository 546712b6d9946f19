/**
 * Reads model documents from YAML text, with line and column for everything that is wrong in it. What is wrong in one
 * document doesn't touch the others.
 */
import { LineCounter, parseDocument, type Document } from 'yaml';
import { compileModels } from './compile';
import type { ModelDocument, ModelProblem } from './document';
import { isModelDocument, validateModel } from './validate';

export interface ModelText {
  /** For messages: the path of the file. */
  readonly name: string;
  readonly text: string;
}

export interface LoadedModels {
  /** Documents whose shape is right, in the order given. Entries with problems are left out when they are compiled. */
  readonly documents: readonly ModelDocument[];
  readonly problems: readonly ModelProblem[];
}

interface Parsed {
  readonly name: string;
  readonly yaml: Document.Parsed;
  readonly lines: LineCounter;
}

/** `context` are documents that the texts build on: kinds and types they declare may be named. */
export function loadModels(texts: readonly ModelText[], context: readonly ModelDocument[] = []): LoadedModels {
  const documents: ModelDocument[] = [];
  const parsed: Parsed[] = [];
  const problems: ModelProblem[] = [];
  for (const { name, text } of texts) {
    const lines = new LineCounter();
    const yaml = parseDocument(text, { lineCounter: lines });
    if (yaml.errors.length > 0) {
      for (const error of yaml.errors) problems.push(syntaxProblem(name, error.message, error.pos[0], lines));
      continue;
    }
    const document: unknown = yaml.toJS();
    // An empty file, or one that is all comments, says nothing and is not wrong.
    if (document === null) continue;
    if (isModelDocument(document)) {
      documents.push(document);
      parsed.push({ name, yaml, lines });
    } else {
      for (const problem of validateModel(document, name)) problems.push(located(problem, { name, yaml, lines }));
    }
  }
  for (const { index, at, message, hint } of compileModels([...context, ...documents]).problems) {
    if (index < context.length) continue;
    const source = parsed[index - context.length];
    problems.push(located({ document: source.name, at, message, hint }, source));
  }
  return { documents, problems };
}

/** Models of a workspace, to be used with those that are shipped: the ones whose form is right, and all that is wrong. */
export function loadOwnModels(
  texts: readonly ModelText[],
  shipped: readonly { readonly document: unknown }[],
): { readonly models: { name: string; document: unknown }[]; readonly problems: readonly ModelProblem[] } {
  if (texts.length === 0) return { models: [], problems: [] };
  const { documents, problems } = loadModels(
    texts,
    shipped.map(({ document }) => document as ModelDocument),
  );
  return { models: documents.map((document) => ({ name: document.library, document })), problems };
}

/** One line for a person: `models/shop.yaml:12:9: "exce" is not a sink kind. Did you mean "exec"?` */
export function formatProblem({ document, at, message, hint, line, column }: ModelProblem): string {
  const where = line === undefined ? `${document} (${at.join('.')})` : `${document}:${String(line)}:${String(column)}`;
  return `${where}: ${message}${hint === '' ? '' : ` ${hint}`}`;
}

function syntaxProblem(document: string, message: string, offset: number, lines: LineCounter): ModelProblem {
  const { line, col } = lines.linePos(offset);
  // The parser's message goes on with the lines around the error.
  const [first] = message.split(/ at line \d+/);
  return {
    document,
    at: [],
    message: `This is not valid YAML: ${first}.`,
    hint: 'Paths with brackets need quotes inside [ ] and { }.',
    line,
    column: col,
  };
}

/** The place in the text, or that of the nearest part around it. */
function located(problem: ModelProblem, { yaml, lines }: Parsed): ModelProblem {
  for (let length = problem.at.length; length >= 0; length--) {
    const node: unknown = length === 0 ? yaml.contents : yaml.getIn(problem.at.slice(0, length), true);
    const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined;
    if (!Array.isArray(range) || typeof range[0] !== 'number') continue;
    const { line, col } = lines.linePos(range[0]);
    return { ...problem, line, column: col };
  }
  return problem;
}

/**
 * Findings as they are stored: JSON in which paths, texts and steps stand once, because the paths of a finding go the same ways for the most part,
 * and those of findings with one sink as well. What is read shares equal steps between findings.
 */
import type { Path, ResolvedFinding, Step, StepKind } from '../model/finding';
import type { Rule } from '../model/summary';

/** Grows when the form changes: what is stored in an older one is computed anew. */
export const FINDING_FORMAT = 4;

const KINDS: readonly StepKind[] = ['source', 'flow', 'call', 'return', 'store', 'load', 'guard', 'sanitizer', 'sink'];

/** Kind, file, start and end (line and character each), text, name of the function; texts by their number. */
type StoredStep = readonly [number, number, number, number, number, number, number, number];

/** The rule by its id, because its texts are the models'. */
interface StoredFinding extends Omit<ResolvedFinding, 'rule' | 'help' | 'paths'> {
  readonly ruleId: string;
  readonly texts: readonly string[];
  readonly steps: readonly StoredStep[];
  readonly paths: readonly { readonly steps: readonly number[]; readonly truncated?: string }[];
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeFinding(finding: ResolvedFinding): Uint8Array {
  const { rule, help: _help, paths, ...rest } = finding;
  const texts = new Numbers<string>();
  const steps = new Map<string, number>();
  const rows: StoredStep[] = [];
  const number = ({ kind, location, text, functionName }: Step): number => {
    const { start, end } = location.range;
    const row: StoredStep = [
      KINDS.indexOf(kind),
      texts.of(location.path),
      start.line,
      start.character,
      end.line,
      end.character,
      texts.of(text),
      texts.of(functionName),
    ];
    const key = row.join(' ');
    let known = steps.get(key);
    if (known === undefined) steps.set(key, (known = rows.push(row) - 1));
    return known;
  };
  const packed = paths.map(({ steps: of, ...other }) => ({ ...other, steps: of.map(number) }));
  const stored: StoredFinding = { ...rest, ruleId: rule.id, texts: texts.all, steps: rows, paths: packed };
  return encoder.encode(JSON.stringify(stored));
}

/** Reads stored findings. */
export class FindingReader {
  private readonly rules: ReadonlyMap<string, Rule>;
  private readonly known = new Map<string, Step>();

  constructor(rules: readonly Rule[]) {
    this.rules = new Map(rules.map((rule) => [rule.id, rule]));
  }

  /** Undefined when there is no such rule any more. */
  read(data: Uint8Array): ResolvedFinding | undefined {
    const { ruleId, texts, steps, paths, ...rest } = JSON.parse(decoder.decode(data)) as StoredFinding;
    const rule = this.rules.get(ruleId);
    if (rule === undefined) return undefined;
    const read = steps.map((row) => this.step(row, texts));
    const unpacked = paths.map(({ steps: of, ...other }): Path => ({ ...other, steps: of.map((at) => read[at]) }));
    return { ...rest, rule, help: rule.help, paths: unpacked };
  }

  private step(row: StoredStep, texts: readonly string[]): Step {
    const [kind, path, startLine, startCharacter, endLine, endCharacter, text, name] = row;
    const key = `${row.slice(2, 6).join(' ')} ${String(kind)} ${texts[path]}\n${texts[text]}\n${texts[name]}`;
    let step = this.known.get(key);
    if (step === undefined) {
      const start = { line: startLine, character: startCharacter };
      const range = { start, end: { line: endLine, character: endCharacter } };
      const location = { path: texts[path], range };
      step = { kind: KINDS[kind], location, text: texts[text], functionName: texts[name] };
      this.known.set(key, step);
    }
    return step;
  }
}

/** Numbers things in the order in which they come. */
class Numbers<T> {
  readonly all: T[] = [];
  private readonly numbers = new Map<T, number>();

  of(item: T): number {
    let number = this.numbers.get(item);
    if (number === undefined) this.numbers.set(item, (number = this.all.push(item) - 1));
    return number;
  }
}

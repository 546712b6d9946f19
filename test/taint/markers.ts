/**
 * Reads the expectations that fixtures carry in comments at the end of a line. The grammar is written down in
 * `test/fixtures/README.md`; a comment that starts like a marker and does not follow it is an error, so that a typing
 * mistake can't turn an expectation off.
 */

export type MarkerKind = 'flow' | 'safe' | 'flow-missed' | 'safe-flagged';

/** A place that a marker names: `label` alone means a label of the same file. */
export interface LabelReference {
  /** Path relative to the case's folder, with forward slashes. */
  readonly file: string;
  readonly label: string;
}

export interface Marker {
  readonly kind: MarkerKind;
  readonly rule: string;
  /** File of the sink, relative to the case's folder. */
  readonly file: string;
  /** Line of the sink, from 0. */
  readonly line: number;
  /** Empty when any source will do. */
  readonly from: readonly LabelReference[];
  /** `FN_…` or `FP_…`, for weaknesses that are known; empty otherwise. */
  readonly weakness: string;
}

export interface FileMarkers {
  readonly markers: readonly Marker[];
  /** Line, from 0, of each `source:` label. */
  readonly labels: ReadonlyMap<string, number>;
}

/** Thrown when a comment looks like a marker but can't be read. */
export class MarkerError extends Error {}

const COMMENT =
  /(?:\/\/|\/\*|<!--)\s*((?:source|flow|safe)(?:-[a-z]+)?\s*(?:\([^)]*\))?\s*:.*?)\s*(?:(?:\*\/|-->)[^*]*)?$/;
const CLAUSE = /^(flow|safe|flow-missed|safe-flagged)(?:\((\w+)\))?: ([a-z][a-z-]*)(?: from (.+))?$/;
const SOURCE = /^source: ([A-Za-z][\w-]*)$/;
const REFERENCE = /^(?:([\w./-]+):)?([A-Za-z][\w-]*)$/;

/** Throws `MarkerError` naming file and line. */
export function readMarkers(file: string, text: string): FileMarkers {
  const markers: Marker[] = [];
  const labels = new Map<string, number>();
  for (const [line, content] of text.split(/\r?\n/).entries()) {
    const comment = COMMENT.exec(content);
    if (comment === null) continue;
    for (const clause of comment[1].split(/\s*;\s*/)) {
      const source = SOURCE.exec(clause);
      if (source === null) {
        markers.push(readClause(clause, file, line));
        continue;
      }
      if (labels.has(source[1]))
        throw new MarkerError(`${file}:${String(line + 1)}: label ${source[1]} is given twice`);
      labels.set(source[1], line);
    }
  }
  return { markers, labels };
}

function readClause(clause: string, file: string, line: number): Marker {
  const where = `${file}:${String(line + 1)}`;
  const match = CLAUSE.exec(clause);
  if (match === null) throw new MarkerError(`${where}: can't read the marker "${clause}"`);
  const [, kind, weakness = '', rule, from = ''] = match;
  const expected = kind === 'flow-missed' ? /^FN_\w+$/ : kind === 'safe-flagged' ? /^FP_\w+$/ : /^$/;
  if (!expected.test(weakness))
    throw new MarkerError(`${where}: ${kind} needs the form of the grammar, not "${clause}"`);
  return {
    kind: kind as MarkerKind,
    rule,
    file,
    line,
    from: from === '' ? [] : readReferences(from, file, where),
    weakness,
  };
}

function readReferences(text: string, file: string, where: string): LabelReference[] {
  return text.split(/\s*,\s*/).map((part) => {
    const match = REFERENCE.exec(part);
    if (match === null) throw new MarkerError(`${where}: "${part}" is not a label`);
    return { file: match[1] ?? file, label: match[2] };
  });
}

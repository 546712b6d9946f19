/**
 * The open documents: text kept by incremental edits, and for each the edits that came after the version the findings
 * are about, so that published positions can be shown where they are now. Only files on this machine are kept; other
 * schemes (git, untitled, output) are not part of the index.
 */
import { readFileSync } from 'node:fs';
import type { TextDocumentContentChangeEvent } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { decodeText } from '../base/decodeText';
import type { Position, Range } from '../model/finding';
import { pathOf, shortNameIn, uriOf, type PlaceView } from '../present/locations';
import { decodeColumn, encodeColumn, type Encoding } from './positionEncoding';
import { editOf, moveRange, type TextEdit } from './textEdits';

/** Edits remembered per document; when more wait for analysis, positions are shown as they were. */
const MAX_EDITS = 2_000;

export interface OpenDocument {
  readonly path: string;
  /** As the client spells it. */
  readonly uri: string;
  readonly languageId: string;
  readonly version: number;
  readonly text: string;
}

interface Buffer {
  readonly uri: string;
  readonly languageId: string;
  document: TextDocument;
  /** With the version each led to. */
  edits: { version: number; edit: TextEdit }[];
}

export class Documents implements PlaceView {
  encoding: Encoding = 'utf-16';
  roots: readonly string[] = [];
  readonly #buffers = new Map<string, Buffer>();
  /** Lines of files that are not open, for the rare clients that don't count in UTF-16. */
  readonly #lines = new Map<string, readonly string[]>();

  /** The path, or undefined when the document is not a file. */
  open(uri: string, languageId: string, version: number, text: string): string | undefined {
    const path = pathOf(uri);
    if (path === undefined) return undefined;
    this.#buffers.set(path, {
      uri,
      languageId,
      document: TextDocument.create(uri, languageId, version, text),
      edits: [],
    });
    return path;
  }

  change(uri: string, version: number, changes: readonly TextDocumentContentChangeEvent[]): string | undefined {
    const path = pathOf(uri);
    const buffer = path === undefined ? undefined : this.#buffers.get(path);
    if (buffer === undefined) return undefined;
    for (const change of changes) {
      const last = buffer.document.lineCount;
      if ('range' in change) {
        const range = this.#decode(buffer, change.range);
        buffer.edits.push({ version, edit: editOf(range.start, range.end, change.text) });
        buffer.document = TextDocument.update(buffer.document, [{ range, text: change.text }], version);
      } else {
        const end = { line: last, character: 0 };
        buffer.edits.push({ version, edit: { start: end, end, newEnd: end } });
        buffer.document = TextDocument.update(buffer.document, [{ text: change.text }], version);
      }
    }
    if (buffer.edits.length > MAX_EDITS) buffer.edits = [];
    return path;
  }

  close(uri: string): string | undefined {
    const path = pathOf(uri);
    return path !== undefined && this.#buffers.delete(path) ? path : undefined;
  }

  /** The findings of this document are about `version` now. */
  analysed(path: string, version: number): void {
    const buffer = this.#buffers.get(path);
    if (buffer !== undefined) buffer.edits = buffer.edits.filter((each) => each.version > version);
  }

  /** Forgets cached lines of files that changed on disk. */
  changedOnDisk(paths: Iterable<string>): void {
    for (const path of paths) this.#lines.delete(path);
  }

  get(path: string): OpenDocument | undefined {
    const buffer = this.#buffers.get(path);
    if (buffer === undefined) return undefined;
    const { document, uri, languageId } = buffer;
    return {
      path,
      uri,
      languageId,
      version: document.version,
      get text() {
        return document.getText();
      },
    };
  }

  isOpen(path: string): boolean {
    return this.#buffers.has(path);
  }

  version(path: string): number | undefined {
    return this.#buffers.get(path)?.document.version;
  }

  paths(): IterableIterator<string> {
    return this.#buffers.keys();
  }

  /** The client's spelling for open documents, ours otherwise. */
  uri(path: string): string {
    return this.#buffers.get(path)?.uri ?? uriOf(path);
  }

  range(path: string, range: Range): Range {
    const buffer = this.#buffers.get(path);
    const moved =
      buffer === undefined
        ? range
        : moveRange(
            range,
            buffer.edits.map(({ edit }) => edit),
          );
    if (this.encoding === 'utf-16') return moved;
    return { start: this.#encode(path, moved.start), end: this.#encode(path, moved.end) };
  }

  /** A position of the client's, as the analysis counts. */
  positionIn(path: string, position: Position): Position {
    if (this.encoding === 'utf-16') return position;
    const { line, character } = position;
    return { line, character: decodeColumn(this.#line(path, line), character, this.encoding) };
  }

  shortName(path: string): string {
    return shortNameIn(this.roots, path);
  }

  #decode(buffer: Buffer, range: Range): Range {
    const { encoding } = this;
    if (encoding === 'utf-16') return range;
    const decode = ({ line, character }: Position): Position => {
      const text = buffer.document.getText({ start: { line, character: 0 }, end: { line: line + 1, character: 0 } });
      return { line, character: decodeColumn(text.replace(/[\r\n]+$/, ''), character, encoding) };
    };
    return { start: decode(range.start), end: decode(range.end) };
  }

  #encode(path: string, { line, character }: Position): Position {
    return { line, character: encodeColumn(this.#line(path, line), character, this.encoding) };
  }

  #line(path: string, line: number): string {
    const buffer = this.#buffers.get(path);
    if (buffer !== undefined) {
      const text = buffer.document.getText({ start: { line, character: 0 }, end: { line: line + 1, character: 0 } });
      return text.replace(/[\r\n]+$/, '');
    }
    let lines = this.#lines.get(path);
    if (lines === undefined) {
      lines = readLines(path);
      if (this.#lines.size >= 64) this.#lines.clear();
      this.#lines.set(path, lines);
    }
    return lines[line] ?? '';
  }
}

/** A file that cannot be read any more has no lines; its columns are then passed on as they are counted inside. */
function readLines(path: string): readonly string[] {
  try {
    return decodeText(readFileSync(path))?.text.split(/\r\n|\n|\r/) ?? [];
  } catch (error) {
    if (error instanceof Error && 'code' in error) return [];
    throw error;
  }
}

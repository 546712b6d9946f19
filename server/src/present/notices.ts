/**
 * Notices about a file that the analysis could not take in as a whole: lost ranges around syntax errors, limits that
 * were hit, files that failed or were left out. Shown in open documents only, so that they inform and don't flood.
 */
import type { Diagnostic, DiagnosticSeverity } from 'vscode-languageserver';
import type { FileStatus, Range } from '../model/finding';
import type { NoticeData } from '../protocol/messages';
import { SOURCE_NAME } from './diagnostics';
import type { PlaceView } from './locations';

const MAX_LOST = 20;
const FILE_START: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } };
const INFORMATION = 3;
const HINT = 4;

export function noticesFor(status: FileStatus, view: PlaceView): Diagnostic[] {
  const result: Diagnostic[] = [];
  const add = (notice: NoticeData['notice'], range: Range, severity: DiagnosticSeverity, message: string): void => {
    const data: NoticeData = { kind: 'notice', notice };
    result.push({ range, severity, source: SOURCE_NAME, code: `${notice}-file`, message, data });
  };
  switch (status.state) {
    case 'indexed':
      break;
    case 'partial': {
      for (const lost of status.lost.slice(0, MAX_LOST)) {
        add(
          'partial',
          firstLine(view.range(status.path, lost)),
          INFORMATION,
          lostMessage(view.range(status.path, lost)),
        );
      }
      const hidden = status.lost.length - MAX_LOST;
      if (status.lost.length === 0 || hidden > 0) {
        const where = hidden > 0 ? `${String(hidden)} more parts` : 'Parts';
        add(
          'partial',
          FILE_START,
          INFORMATION,
          `${where} of this file could not be parsed; taint paths there are missing.`,
        );
      }
      break;
    }
    case 'failed':
      add('failed', FILE_START, INFORMATION, `This file could not be analysed: ${status.reason}`);
      break;
    case 'skipped':
      add('skipped', FILE_START, HINT, `This file is not analysed: ${status.reason}`);
      break;
  }
  if (status.limits.length > 0) {
    add(
      'limits',
      FILE_START,
      HINT,
      `Analysis limits were reached, some taint paths may be missing: ${status.limits.join('; ')}`,
    );
  }
  return result;
}

function lostMessage(range: Range): string {
  const last = range.end.line > range.start.line ? ` to line ${String(range.end.line + 1)}` : '';
  return `Not analysed because of a syntax error: line ${String(range.start.line + 1)}${last}. Taint paths through this part are missing.`;
}

/** A notice marks where the lost part begins; underlining hundreds of lines would hide the editor's own marks. */
function firstLine(range: Range): Range {
  if (range.end.line === range.start.line) return range;
  return { start: range.start, end: { line: range.start.line, character: range.start.character + 1 } };
}

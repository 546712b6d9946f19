import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { editOf, moveRange } from '../../../server/src/session/textEdits';

const at = (line: number, character: number) => ({ line, character });
const range = (a: number, b: number, c: number, d: number) => ({ start: at(a, b), end: at(c, d) });

describe('editOf', () => {
  it('knows where inserted text ends, for all line ends', () => {
    expect(editOf(at(2, 3), at(2, 3), 'abc').newEnd).toEqual(at(2, 6));
    expect(editOf(at(2, 3), at(2, 3), 'a\nbc').newEnd).toEqual(at(3, 2));
    expect(editOf(at(2, 3), at(2, 3), 'a\r\n\rb').newEnd).toEqual(at(4, 1));
  });
});

describe('moveRange', () => {
  const target = range(5, 10, 5, 20);

  it('stays for edits behind it and moves with edits before it', () => {
    expect(moveRange(target, [editOf(at(6, 0), at(7, 0), '')])).toEqual(target);
    expect(moveRange(target, [editOf(at(1, 0), at(1, 0), 'a\nb\n')])).toEqual(range(7, 10, 7, 20));
    expect(moveRange(target, [editOf(at(5, 0), at(5, 4), 'x')])).toEqual(range(5, 7, 5, 17));
  });

  it('does not grow at its ends, and grows inside', () => {
    expect(moveRange(target, [editOf(at(5, 10), at(5, 10), 'xx')])).toEqual(range(5, 12, 5, 22));
    expect(moveRange(target, [editOf(at(5, 20), at(5, 20), 'xx')])).toEqual(target);
    expect(moveRange(target, [editOf(at(5, 15), at(5, 15), 'xx')])).toEqual(range(5, 10, 5, 22));
  });

  it('collapses when its text is gone', () => {
    expect(moveRange(target, [editOf(at(5, 0), at(6, 0), '')])).toEqual(range(5, 0, 5, 0));
  });

  it('follows a word through any edits that leave it alone', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ' ', '\n', '\r\n', 'é') });
    const edit = fc.record({ from: fc.nat(200), length: fc.nat(20), text });
    fc.assert(
      fc.property(text, text, fc.array(edit, { maxLength: 8 }), (before, after, edits) => {
        let document = TextDocument.create('file:///x', 'x', 1, `${before}WORD${after}`);
        let offset = document.getText().indexOf('WORD');
        const original = { start: document.positionAt(offset), end: document.positionAt(offset + 4) };
        const log = [];
        for (const { from, length, text: inserted } of edits) {
          const size = document.getText().length;
          const start = Math.min(from, size);
          const end = Math.min(start + length, size);
          // Only edits that don't touch the word, and don't split a line end of two characters.
          if (start < offset + 4 && end > offset) continue;
          const replaced = { start: document.positionAt(start), end: document.positionAt(end) };
          if (document.offsetAt(replaced.start) !== start || document.offsetAt(replaced.end) !== end) continue;
          const next = document.getText().slice(0, start) + inserted + document.getText().slice(end);
          if (/\r(?!\n)/.test(next)) continue;
          log.push(editOf(replaced.start, replaced.end, inserted));
          document = TextDocument.update(document, [{ range: replaced, text: inserted }], document.version + 1);
          offset = document.getText().indexOf('WORD');
        }
        expect(document.getText(moveRange(original, log))).toBe('WORD');
      }),
    );
  });
});

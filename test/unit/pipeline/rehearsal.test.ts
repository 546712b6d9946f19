import { describe, expect, it } from 'vitest';
import { fileExtractor } from '../../../server/src/pipeline/extractFile';
import { extractText } from '../../../server/src/pipeline/extractText';
import { readRequest } from '../../../server/src/pipeline/readRequest';
import { REHEARSED, Rehearsal } from '../../../server/src/pipeline/rehearsal';

const extractFile = fileExtractor(readRequest, extractText);

describe('the rehearsal of extraction', () => {
  it.each(REHEARSED.map(({ dialect, text }, index) => ({ name: `${index} (${dialect})`, dialect, text })))(
    'is of text that is understood as a whole: $name',
    ({ dialect, text }) => {
      const result = extractFile({ id: 1, path: '', dialect, text, size: text.length });
      expect(result).toMatchObject({ state: 'extracted', facts: { lost: [], limits: [] } });
    },
  );

  it('leaves nothing behind', () => {
    const request = { id: 1, path: '', dialect: 'js', text: 'exports.f = (a) => a.b(a);', size: 26 } as const;
    const before = extractFile(request);
    const rehearsal = new Rehearsal(extractFile);
    rehearsal.step();
    rehearsal.finish();
    expect(rehearsal.isDone).toBe(true);
    const after = extractFile(request);
    if (before.state !== 'extracted' || after.state !== 'extracted') throw new Error('not extracted');
    expect(after.facts).toEqual(before.facts);
  });
});

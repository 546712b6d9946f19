import { describe, expect, it } from 'vitest';
import { compileModels, formatProblem } from '../../../server/src/taint/models';
import { shipped } from './shipped';

describe('shipped models', () => {
  it('have no problem', () => {
    expect(shipped.problems.map(formatProblem)).toEqual([]);
    expect(compileModels(shipped.documents).problems).toEqual([]);
  });
});

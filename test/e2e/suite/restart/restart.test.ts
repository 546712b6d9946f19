/** A second start on the same profile: the findings come from the persisted index, and nothing is indexed again. */
import { ok, strictEqual } from 'node:assert';
import { describe, it } from 'mocha';
import { fileUri, findings, open, readLog, waitFor } from '../helpers';

describe('after a restart', () => {
  it('shows the findings without re-indexing anything', async () => {
    await open('src/report.js');
    const [finding] = await findings(fileUri('src/report.js'), 1);
    strictEqual(finding?.range.start.line, 3);
    const log = await waitFor('what the start re-indexed, in the log', () => {
      const text = readLog();
      return /indexed/.test(text) ? text : undefined;
    });
    ok(/re-indexed: nothing/.test(log), log);
    ok(!/indexed \d+ file/.test(log), log);
  });
});

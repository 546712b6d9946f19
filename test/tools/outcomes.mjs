/**
 * How the parts of the test command tell each other what passed: a list of `{title, passed, milliseconds, error}`,
 * printed for people and, with `--json FILE` on the command line, written for `runAll.mjs`.
 */
import { writeFileSync } from 'node:fs';

/** Runs one test. It fails when `body` throws. */
export async function outcomeOf(title, body) {
  const started = performance.now();
  try {
    await body();
    return { title, passed: true, milliseconds: performance.now() - started, error: '' };
  } catch (error) {
    return { title, passed: false, milliseconds: performance.now() - started, error: String(error?.stack ?? error) };
  }
}

/** Prints the outcomes, writes the JSON file or prints the closing line, and sets the exit code. */
export function reportOutcomes(outcomes) {
  for (const { title, passed, milliseconds, error } of outcomes) {
    console.log(passed ? `  ok   ${title} (${Math.round(milliseconds)} ms)` : `  FAIL ${title}\n${error}`);
  }
  const failed = outcomes.filter((outcome) => !outcome.passed).length;
  const at = process.argv.indexOf('--json');
  if (at >= 0) writeFileSync(process.argv[at + 1], JSON.stringify(outcomes));
  else console.log(`${outcomes.length - failed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || outcomes.length === 0 ? 1 : 0;
}

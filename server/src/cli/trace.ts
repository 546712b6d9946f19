/** `tributary trace`: what can reach the sink at a place, or what the source there reaches. */
import * as nodePath from 'node:path';
import type { SliceDirection, SliceResult } from '../model/slice';
import { nearText, sliceJson, sliceText } from '../present/sliceReport';
import { resolveInputs } from './inputs';
import { Interruption } from './interruption';
import type { CommandLine, OpenedAnalysis } from './machine';
import { EXIT, type TraceOptions } from './options';
import { writeToStream } from './output';
import { sourceLines } from './sourceLines';
import { DisplayLogger, displayFor, usesColors } from './terminal';

/** Returns the exit code. */
export async function trace(options: TraceOptions, machine: CommandLine): Promise<number> {
  const complain = (text: string): void => void machine.stderr.write(`tributary: ${text}\n`);
  const { file, folder } = options;
  const inputs = resolveInputs(folder === undefined ? [file] : [folder, file], machine.workingFolder);
  const [problem] = inputs.problems;
  if (problem !== undefined) {
    complain(problem);
    return EXIT.usage;
  }
  const display = displayFor(options, machine);
  const log = new DisplayLogger(options, display);
  const interruption = new Interruption(machine);
  const { token, awaited } = interruption;
  const { roots } = inputs;
  let opened: OpenedAnalysis | undefined;
  let result: SliceResult;
  try {
    opened = await machine.openAnalysis({
      roots,
      storage: options.storage === undefined ? undefined : nodePath.resolve(machine.workingFolder, options.storage),
      settings: options.settings,
      jobs: options.jobs,
      log,
    });
    const { analysis } = opened;
    const { cancelled } = await analysis.scan({
      onProgress: (progress) => display.show(progress),
      token,
      awaited,
    });
    const path = nodePath.resolve(machine.workingFolder, file);
    const ask = (direction: SliceDirection): Promise<SliceResult> =>
      analysis.slice({ path, line: options.line, character: options.character, direction }, { token });
    result = cancelled ? { outcome: 'cancelled', message: '' } : await answer(options.direction, ask);
    if (options.storage !== undefined && !cancelled) await analysis.idle();
  } catch (error) {
    const detail =
      error instanceof Error ? (options.verbose ? (error.stack ?? error.message) : error.message) : String(error);
    complain(`the analysis stopped: ${detail}`);
    return EXIT.failedFiles;
  } finally {
    interruption.end();
    display.stop();
    await opened?.close();
  }
  switch (result.outcome) {
    case 'done': {
      const report = { toolVersion: machine.version, roots, result };
      const text =
        options.format === 'json'
          ? `${JSON.stringify(sliceJson(report), undefined, 2)}\n`
          : sliceText(report, { colors: usesColors(machine), lineOf: sourceLines() });
      await writeToStream(machine.stdout, text);
      return EXIT.clean;
    }
    case 'nothingThere': {
      const near = nearText(result.near, roots);
      complain(near === '' ? result.message : `${result.message} Near it: ${near}.`);
      return EXIT.usage;
    }
    case 'cancelled':
      complain('interrupted');
      return EXIT.interrupted;
    case 'notReady':
      complain(result.message);
      return EXIT.failedFiles;
  }
}

/** Where nobody says which, what stands at the place decides: a sink first. */
async function answer(
  direction: SliceDirection | undefined,
  ask: (direction: SliceDirection) => Promise<SliceResult>,
): Promise<SliceResult> {
  if (direction !== undefined) return ask(direction);
  const reaching = await ask('to');
  if (reaching.outcome !== 'nothingThere') return reaching;
  const reached = await ask('from');
  if (reached.outcome !== 'nothingThere') return reached;
  return {
    ...reached,
    message: reached.message.replace('There is no source', 'There is neither a sink nor a source'),
    near: [...reaching.near.slice(0, 2), ...reached.near.slice(0, 2)],
  };
}

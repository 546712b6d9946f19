/** What the user sees while a command runs: the progress bar or plain lines, colours, and the log. */
import type { Logger } from '../model/analysis';
import type { CommandLine } from './machine';
import type { AnalysisChoice } from './options';
import { barDisplay, plainDisplay, type ProgressDisplay } from './progressBar';

/** Colours on a terminal; NO_COLOR (set to anything) takes them away, FORCE_COLOR gives them to a pipe. */
export function usesColors({ stdout, environment }: CommandLine): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = environment;
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR !== '0';
  return stdout.isTTY && TERM !== 'dumb';
}

export function displayFor(options: AnalysisChoice, { stderr, environment }: CommandLine): ProgressDisplay {
  const bar = stderr.isTTY && !options.quiet && !options.verbose && environment['TERM'] !== 'dumb';
  return bar ? barDisplay(stderr) : plainDisplay((text) => void stderr.write(text));
}

export class DisplayLogger implements Logger {
  /** A warning or error was shown. */
  warned = false;

  constructor(
    private readonly options: AnalysisChoice,
    private readonly display: ProgressDisplay,
  ) {}

  error(message: string): void {
    this.warned = true;
    this.display.line(`tributary: ${message}`);
  }

  warn(message: string): void {
    if (!this.options.quiet) this.error(message);
  }

  info(message: string): void {
    if (this.options.verbose) this.display.line(message);
  }

  debug(message: string): void {
    this.info(message);
  }
}

import { execFileSync } from 'node:child_process';
import { config } from '../config';
import { run } from '../util/shell';

export interface ExportOptions {
  readonly format: string;
  readonly name: string;
}

export function exportOrders(options: ExportOptions): string {
  const file = `${config.exportFolder}/${options.name}.${options.format}`;
  run(`harbour-export --format ${options.format} --out ${file}`);
  return file;
}

/** The same without a shell: every value is one argument. */
export function exportOrdersListed(options: ExportOptions): string {
  const file = `${config.exportFolder}/${options.name}.${options.format}`;
  execFileSync('harbour-export', ['--format', options.format, '--out', file]); // safe: command-injection
  return file;
}

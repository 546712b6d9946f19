/** The process that only parses: arguments are a JSON file with the requests and the number of workers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExtractionPool } from '../../server/src/pipeline/extractionPool';
import type { ExtractionRequest } from '../../server/src/pipeline/extraction';

export interface ParseResult {
  /** From the start of the process to the last file. */
  readonly totalMs: number;
  readonly files: number;
  readonly peakMemory: number;
}

async function run(): Promise<ParseResult> {
  const [requestsFile = '', workers = '1'] = process.argv.slice(2);
  const pool = new ExtractionPool({ workerFile: join(__dirname, 'parseWorker.js'), size: Number(workers) });
  pool.warmUp();
  const requests = JSON.parse(readFileSync(requestsFile, 'utf8')) as ExtractionRequest[];
  let files = 0;
  for await (const batch of pool.extract(requests)) files += batch.length;
  const totalMs = performance.now();
  const peakMemory = process.resourceUsage().maxRSS * 1024;
  await pool.close();
  return { totalMs, files, peakMemory };
}

void run().then((result) => process.stdout.write(JSON.stringify(result)));

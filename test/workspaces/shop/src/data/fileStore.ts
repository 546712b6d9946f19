import { createReadStream, type ReadStream } from 'node:fs';
import { join } from 'node:path';
import { config } from '../config';

export function invoicePath(file: string): string {
  return join(config.invoiceFolder, file);
}

export function openFile(path: string): ReadStream {
  return createReadStream(path); // flow: path-traversal from src/routes/invoices.ts:file; safe: path-traversal from src/routes/invoices.ts:number
}

import type { ReadStream } from 'node:fs';
import { invoicePath, openFile } from '../data/fileStore';

export function openInvoice(file: string): ReadStream {
  return openFile(invoicePath(file));
}

/** Invoice numbers are digits, so nothing else can be named. */
export function openInvoiceByNumber(number: string): ReadStream | undefined {
  if (!/^\d{6,10}$/.test(number)) return undefined;
  return openFile(invoicePath(`${number}.pdf`));
}

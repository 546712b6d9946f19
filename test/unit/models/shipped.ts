/** Reads the shipped model files, as the build does: for tests only. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { loadModels, type ModelText } from '../../../server/src/taint/models';

const folder = path.join(import.meta.dirname, '../../../server/models');

/** All files, in the order in which the build lists them. */
export function shippedTexts(): ModelText[] {
  return readdirSync(folder, { recursive: true })
    .map((file) => String(file).replaceAll(path.sep, '/'))
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((name) => ({ name, text: readFileSync(path.join(folder, name), 'utf8') }));
}

export const shipped = loadModels(shippedTexts());

/** The content of an extraction request: the text it carries, or the file on disk. */
import { overlayContent, readContent } from '../documents/content';
import type { ReadSource } from './extraction';

export const readRequest: ReadSource = ({ path, text, knownHashes, force }) =>
  text === undefined ? readContent(path, { knownHashes, force }) : overlayContent(text, knownHashes);

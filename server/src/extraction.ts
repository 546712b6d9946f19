/** Parsing and extraction as a file that is loaded when it is needed; see `server/tools/lateExtraction.mjs`. */
export { extractText } from './pipeline/extractText';

/**
 * JSON as configuration files have it: comments, trailing commas, a byte order mark.
 */

/** The value, or undefined for text that is not even that. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not plain JSON; what is not JSON with comments either has no value.
  }
  try {
    return JSON.parse(plainJson(text)) as unknown;
  } catch {
    return undefined;
  }
}

/** Blanks out comments and commas before a closing bracket; strings stay. */
function plainJson(text: string): string {
  const withoutComments = replaceOutsideStrings(text.replace(/^\ufeff/, ''), /\/\/[^\n\r]*|\/\*[\s\S]*?\*\//g);
  return replaceOutsideStrings(withoutComments, /,(?=\s*[\]}])/g);
}

function replaceOutsideStrings(text: string, pattern: RegExp): string {
  const either = new RegExp(`"(?:[^"\\\\]|\\\\.)*"|${pattern.source}`, 'g');
  return text.replace(either, (match) => (match.startsWith('"') ? match : ' '));
}

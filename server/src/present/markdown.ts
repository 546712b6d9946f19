/**
 * Safe Markdown out of text that quotes the user's code. Nothing in a source file may turn into a link, an image or
 * markup in a hover: a hover would otherwise load what a stranger's repository tells it to.
 */

/** Escapes everything that Markdown reads as markup. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!|<>~&$]/g, (character) => `\\${character}`).replace(/\s+/g, ' ');
}

/** A code span, whatever backticks the text holds. */
export function codeSpan(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line === '') return '';
  const longest = Math.max(0, ...Array.from(line.matchAll(/`+/g), (run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** A sentence of ours with code in backticks: the code stays code, the rest is escaped. */
export function sentenceToMarkdown(text: string): string {
  const parts = text.split('`');
  // An odd number of backticks means the last one is not a delimiter.
  const closed = parts.length % 2 === 1 ? parts.length : parts.length - 1;
  let result = '';
  for (let i = 0; i < closed; i++) result += i % 2 === 0 ? escapeMarkdown(parts[i] ?? '') : codeSpan(parts[i] ?? '');
  return closed === parts.length ? result : result + escapeMarkdown('`' + (parts[closed] ?? ''));
}

/** Markdown from a rule, which may come from a model file of the workspace: links and code stay, images do not. */
export function withoutImages(markdown: string): string {
  return markdown.replace(/```[\s\S]*?```|`[^`\n]*`|!\[/g, (match) => (match === '![' ? '[' : match));
}

/** For clients that show plain text: drops the markup this module's callers produce. */
export function toPlainText(markdown: string): string {
  return markdown
    .replace(/\[([^\]]*)\]\(([^)]*)\)/g, (_all, label: string, target: string) =>
      target.startsWith('file:') ? label : `${label} (${target})`,
    )
    .replace(/(\*\*|`+)/g, '')
    .replace(/\\([\\`*_{}[\]()#+\-.!|<>~&$])/g, '$1');
}

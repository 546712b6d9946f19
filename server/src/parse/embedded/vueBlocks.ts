/**
 * The blocks that a file of components consists of: scripts, template, styles.
 */
import { parseAttributes, textOfAttribute, type Attribute, type MarkupNode } from './markup';
import type { ScriptText } from './scriptText';
import type { ScriptLanguage } from './snippets';

export interface HostBlock {
  readonly tag: string;
  readonly attributes: readonly Attribute[];
  /** The opening tag. */
  readonly start: number;
  readonly contentStart: number;
  readonly contentEnd: number;
}

export const MARKUP = { braces: false, elementsInCode: false };
const BLOCK = /<!--|<(script|style|template)(?=[\s>/])/g;

/** The blocks of a component. A template that is being typed does not swallow the script behind it. */
export function vueBlocks(host: string): HostBlock[] {
  const blocks: HostBlock[] = [];
  BLOCK.lastIndex = 0;
  for (let match = BLOCK.exec(host); match !== null; match = BLOCK.exec(host)) {
    const { index: start } = match;
    const tag = match[1] as string | undefined;
    if (tag === undefined) {
      const close = host.indexOf('-->', start);
      BLOCK.lastIndex = close < 0 ? host.length : close + 3;
      continue;
    }
    const { attributes, end: contentStart } = parseAttributes(host, start + 1 + tag.length, host.length, MARKUP);
    const isEmpty = host.startsWith('/>', contentStart - 2);
    const contentEnd = isEmpty ? contentStart : endOfBlock(host, tag, start, contentStart);
    blocks.push({ tag, attributes, start, contentStart, contentEnd });
    BLOCK.lastIndex = Math.max(contentEnd, start + 1);
  }
  return blocks;
}

/** Blocks begin and end at the margin; a template that does not ends before the next block that does. */
function endOfBlock(host: string, tag: string, start: number, from: number): number {
  const atMargin = start === 0 || host[start - 1] === '\n' || host[start - 1] === '\r';
  if (tag !== 'template' || !atMargin) {
    const close = tag === 'template' ? host.lastIndexOf(`</${tag}`) : host.indexOf(`</${tag}`, from);
    return close < from ? host.length : close;
  }
  const next = /^<(?:\/template|script|style)(?=[\s>/])/m;
  const match = next.exec(host.slice(from));
  if (match === null) {
    const close = host.lastIndexOf('</template');
    return close < from ? host.length : close;
  }
  const end = from + match.index;
  if (match[0].startsWith('</')) return end;
  const close = host.slice(0, end).lastIndexOf('</template');
  return close < from ? end : close;
}

export interface Component {
  readonly host: string;
  readonly out: ScriptText;
  readonly language: ScriptLanguage;
  readonly template: readonly MarkupNode[];
  /** Every word of the template. */
  readonly words: ReadonlySet<string>;
}

export function languageOf(host: string, blocks: readonly HostBlock[]): ScriptLanguage {
  const languages = blocks
    .filter(({ tag }) => tag === 'script')
    .map(({ attributes }) => textOfAttribute(host, attributes, 'lang'));
  if (languages.includes('tsx')) return 'tsx';
  if (languages.some((language) => language === 'ts' || language === 'typescript')) return 'ts';
  return languages.includes('jsx') ? 'jsx' : 'js';
}

/**
 * The scripts of a page as one: classic scripts share their names and run in order, modules have names of their own;
 * behind them come the handlers that stand in attributes, and `javascript:` addresses.
 */
import { writePageScript } from './astro';
import { parseMarkup, textOfAttribute, type Attribute, type Element, type MarkupNode } from './markup';
import { ScriptText } from './scriptText';
import { readStatements, type ScriptLanguage } from './snippets';
import { TEMPLATE, member } from './templateCode';

const HANDLER = /^on[a-z]+$/i;
/** Pages without any of these hold no script. */
const HOLDS_SCRIPT = /<script|\son[a-z]+\s*=|javascript:/i;
const CLASSIC = /^(?:|(?:text|application)\/(?:x-)?(?:java|ecma)script|text\/(?:babel|jsx|typescript))$/i;
const ENTITY = /&(?:quot|apos|amp|lt|gt|#39|#34|#x27|#x22);/gi;
const CHARACTERS: Readonly<Record<string, string>> = {
  '&quot;': '"',
  '&apos;': "'",
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&#39;': "'",
  '&#34;': '"',
  '&#x27;': "'",
  '&#x22;': '"',
};

export function htmlScript(host: string): { readonly out: ScriptText; readonly language: ScriptLanguage } {
  const out = new ScriptText(host);
  if (!HOLDS_SCRIPT.test(host)) return { out, language: 'js' };
  const scripts: Element[] = [];
  const handlers: { readonly tag: string; readonly attribute: Attribute }[] = [];
  const visit = (nodes: readonly MarkupNode[]): void => {
    for (const node of nodes) {
      if (node.kind !== 'element') continue;
      if (node.name.toLowerCase() === 'script') scripts.push(node);
      for (const attribute of node.attributes) {
        if (holdsCode(host, attribute)) handlers.push({ tag: node.name.toLowerCase(), attribute });
      }
      visit(node.children);
    }
  };
  visit(parseMarkup(host, 0, host.length, { braces: false, elementsInCode: false }));
  const types = scripts.map(({ attributes }) => textOfAttribute(host, attributes, 'type')?.trim() ?? '');
  const language = types.includes('text/typescript') ? 'ts' : 'js';
  for (const [index, script] of scripts.entries()) {
    if (types[index] === 'module') writePageScript(out, script, language);
    else if (CLASSIC.test(types[index])) out.copy(script.openEnd, script.contentEnd).add('\n;\n', script.contentEnd);
  }
  for (const { tag, attribute } of handlers) writeHandler(out, tag, attribute, language);
  return { out, language };
}

const ADDRESS = /^\s*javascript:/i;

function holdsCode(host: string, { name, value }: Attribute): boolean {
  if (value === undefined) return false;
  if (HANDLER.test(name)) return true;
  return /^(?:href|src|action|formaction)$/i.test(name) && ADDRESS.test(host.slice(value.start, value.end));
}

function writeHandler(
  out: ScriptText,
  tag: string,
  { name, start, nameEnd, end, value }: Attribute,
  language: ScriptLanguage,
): void {
  if (value === undefined) return;
  const { host } = out;
  const isHandler = HANDLER.test(name);
  const from = isHandler
    ? value.start
    : value.start + (ADDRESS.exec(host.slice(value.start, value.end))?.[0].length ?? 0);
  const text = host.slice(from, value.end);
  if (text.trim() === '') return;
  const code = text.replace(ENTITY, (entity) => CHARACTERS[entity.toLowerCase()]);
  if (readStatements(code, 0, code.length, language) === undefined) {
    out.lose(from, value.end);
    return;
  }
  out.add(`${TEMPLATE}${member(tag)}${member(name.toLowerCase())}(function (event) {`, start, nameEnd);
  let at = from;
  for (const { index, 0: entity } of text.matchAll(ENTITY)) {
    const entityEnd = from + index + entity.length;
    out.copy(at, from + index).add(CHARACTERS[entity.toLowerCase()], from + index, entityEnd);
    at = entityEnd;
  }
  out.copy(at, value.end).add('\n});\n', value.end, end);
}

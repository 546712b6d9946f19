/**
 * An Astro component as a script: a function of its properties that runs what is between the fences and then the
 * template, which is expressions as in JSX; scripts of the page stand behind it.
 */
import ts from 'typescript';
import { parseMarkup, textOfAttribute, type Attribute, type Element, type MarkupNode } from './markup';
import { ScriptText } from './scriptText';
import { componentHead, declaredNames, parseBlock, readExpression, spanOf, type ScriptLanguage } from './snippets';
import { TEMPLATE, isName, member, trimmed } from './templateCode';

const LANGUAGE: ScriptLanguage = 'ts';
const FENCE = /^\s*---/;
const CLOSING_FENCE = /^[ \t]*---/m;
const PROPERTIES = /(?<![\w$.])Astro\.props(?![\w$])/g;

export function astroScript(host: string): { readonly out: ScriptText; readonly language: ScriptLanguage } {
  const out = new ScriptText(host);
  const fence = FENCE.exec(host)?.[0].length;
  let from = 0;
  let to = 0;
  let markup = 0;
  if (fence !== undefined) {
    const close = CLOSING_FENCE.exec(host.slice(fence));
    from = fence;
    to = close === null ? host.length : fence + close.index;
    markup = close === null ? host.length : to + close[0].length;
  }
  const nodes = parseMarkup(host, markup, host.length, { braces: true, elementsInCode: true });
  new AstroWriter(host, out).write(from, to, nodes);
  return { out, language: LANGUAGE };
}

class AstroWriter {
  private readonly scripts: Element[] = [];

  constructor(
    private readonly host: string,
    private readonly out: ScriptText,
  ) {}

  write(from: number, to: number, nodes: readonly MarkupNode[]): void {
    const { host, out } = this;
    const block = parseBlock(host, from, to, LANGUAGE);
    out.rewrite(PROPERTIES, () => '$$props');
    for (const statement of block.statements) {
      if (!ts.isImportDeclaration(statement)) continue;
      const [start, end] = spanOf(host, block, statement);
      out.copy(start, end).add('\n', end);
    }
    out.add(componentHead(declaredNames(block.statements).has('component'), true), 0, from);
    for (const statement of block.statements) {
      if (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) continue;
      const [written, end] = spanOf(host, block, statement);
      let start = written;
      if (ts.canHaveModifiers(statement)) {
        for (const modifier of statement.modifiers ?? []) {
          if (modifier.kind === ts.SyntaxKind.ExportKeyword) start = from + modifier.end;
        }
      }
      this.out.copy(start, end);
      out.add('\n', end);
    }
    for (const node of nodes) {
      if (node.kind === 'text') continue;
      out.add(';', node.start);
      this.node(node);
      out.add(';\n', node.end);
    }
    out.add('}\n', host.length);
    for (const script of this.scripts) writePageScript(out, script, LANGUAGE);
  }

  private node(node: MarkupNode): void {
    if (node.kind === 'element') this.element(node);
    else if (node.kind === 'braces') this.code(node.start + 1, node.end - 1, node.elements);
    else this.out.add('0', node.start, node.end);
  }

  /** Code with the elements in it. */
  private code(from: number, to: number, elements: readonly Element[]): void {
    const { out, host } = this;
    let read = '';
    let at = from;
    for (const { start, end } of elements) {
      read += host.slice(at, start) + '0'.padEnd(end - start);
      at = end;
    }
    read += host.slice(at, to);
    const [start, end] = trimmed(host, from, to);
    if (start === end || isComment(read)) out.add('0', from, to);
    else if (readExpression(host, from, to, LANGUAGE, read) === undefined) {
      out.lose(from, to);
      out.add('0', from, to);
    } else {
      out.add('(', from);
      at = from;
      for (const element of elements) {
        this.out.copy(at, element.start);
        this.element(element);
        at = element.end;
      }
      this.out.copy(at, to);
      out.add('\n)', to);
    }
  }

  /** What an element does, one after the other. */
  private element(element: Element): void {
    const { out } = this;
    const { name, start, nameEnd, end, attributes, children } = element;
    if (name === 'script') this.scripts.push(element);
    out.add('(', start, nameEnd);
    if (name !== 'script' && name !== 'style') {
      const isComponent = /^[A-Z]/.test(name) && name !== 'Fragment';
      if (isComponent) this.component(element);
      else for (const attribute of attributes) this.attribute(name === '' ? 'Fragment' : name, attribute);
      for (const child of children) {
        if (child.kind === 'text') continue;
        this.node(child);
        out.add(', ', child.end);
      }
    }
    out.add('0)', end);
  }

  private attribute(tag: string, { name, start, nameEnd, end, value }: Attribute): void {
    const { out, host } = this;
    if (value?.kind !== 'code') return;
    const [from, to] = trimmed(host, value.start, value.end);
    const text = host.slice(from, to);
    if (name === '' && !isName(text)) return;
    out.add(`${TEMPLATE}${member(tag)}${member(name === '' ? text : name)}(`, start, nameEnd);
    this.code(value.start, value.end, []);
    out.add('), ', end);
  }

  private component({ name, attributes, start, nameEnd, openEnd }: Element): void {
    const { out, host } = this;
    out.add(`${name}({`, start, nameEnd);
    for (const attribute of attributes) {
      const { value } = attribute;
      if (value === undefined) continue;
      const [from, to] = trimmed(host, value.start, value.end);
      const text = host.slice(from, to);
      if (attribute.name !== '') {
        out.add(`${JSON.stringify(attribute.name)}: `, attribute.start, attribute.nameEnd);
        if (value.kind === 'code') this.code(value.start, value.end, []);
        else out.add(JSON.stringify(text), value.start, value.end);
      } else if (text.startsWith('...') && readExpression(host, from + 3, to, LANGUAGE) !== undefined)
        this.out.copy(from, to);
      else if (isName(text)) out.copy(from, to);
      else continue;
      out.add(', ', attribute.end);
    }
    out.add('}), ', nameEnd, openEnd);
  }
}

function isComment(text: string): boolean {
  return /^(?:\s|\/\*[^]*?\*\/|\/\/.*)*$/.test(text);
}

/** A script of a page: what it imports, and the rest in a block, because its names are its own. */
export function writePageScript(out: ScriptText, script: Element, language: ScriptLanguage): void {
  const { host } = out;
  const from = script.openEnd;
  const to = script.contentEnd;
  if (textOfAttribute(host, script.attributes, 'src') !== undefined && host.slice(from, to).trim() === '') return;
  const block = parseBlock(host, from, to, language);
  const imports = block.statements.filter((statement) => ts.isImportDeclaration(statement));
  for (const statement of imports) {
    const [start, end] = spanOf(host, block, statement);
    out.copy(start, end).add('\n', end);
  }
  out.add('{\n', script.start, from);
  let at = from;
  for (const statement of imports) {
    const [start, end] = spanOf(host, block, statement);
    out.copy(at, start);
    at = end;
  }
  out.copy(at, to).add('\n}\n', to);
}

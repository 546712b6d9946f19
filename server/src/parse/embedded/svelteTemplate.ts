/**
 * The template of a Svelte component as statements: blocks are blocks, a component is a call with its properties, and
 * what a tag or directive does is a call of a member of `$$template`.
 */
import { topLevel } from './braces';
import type { Attribute, AttributeValue, Braces, Element, MarkupNode } from './markup';
import { attributeOf } from './markup';
import type { ScriptText } from './scriptText';
import { readPattern, type ScriptLanguage } from './snippets';
import { TEMPLATE, TemplateCode, asWritten, isName, member, trimmed } from './templateCode';

export function writeSvelteTemplate(out: ScriptText, nodes: readonly MarkupNode[], language: ScriptLanguage): void {
  new SvelteTemplate(out, language).nodes(nodes);
}

const NOTHING: ReadonlySet<string> = new Set();
const EACH = /^#each\s/;

interface OpenBlock {
  readonly name: string;
  /** What is waited for, of `{#await}`. */
  readonly awaited: readonly [number, number] | undefined;
}

class SvelteTemplate {
  private readonly code: TemplateCode;
  private readonly host: string;

  constructor(
    private readonly out: ScriptText,
    private readonly language: ScriptLanguage,
  ) {
    this.code = new TemplateCode(out, language, asWritten);
    this.host = out.host;
  }

  nodes(nodes: readonly MarkupNode[]): void {
    const open: OpenBlock[] = [];
    for (const node of nodes) {
      if (node.kind === 'element') this.element(node);
      else if (node.kind === 'braces') this.braces(node, open);
    }
    const end = nodes.at(-1)?.end ?? 0;
    this.out.add('}\n'.repeat(open.length), end);
  }

  private braces({ start, end }: Braces, open: OpenBlock[]): void {
    const { out, host } = this;
    const [from, to] = trimmed(host, start + 1, end - 1);
    const text = host.slice(from, to);
    const word = /^[#:/@][a-z]*(?:\s+if\b)?/.exec(text)?.[0] ?? '';
    const at = from + word.length;
    switch (word.replace(/\s+/, ' ')) {
      case '':
        // Text is escaped: it matters only for what it calls.
        if (text.includes('(') && !text.startsWith('/')) this.statement(from, to);
        return;
      case '#if':
        this.condition('if ', from, at, to);
        open.push({ name: 'if', awaited: undefined });
        return;
      case ':else if':
        if (open.length === 0) return;
        this.condition('} else if ', from, at, to);
        return;
      case ':else':
        if (open.length === 0) return;
        out.add(open.at(-1)?.name === 'if' ? '} else {\n' : '}\n{\n', from, to);
        return;
      case '#each':
        this.each(from, to);
        open.push({ name: 'each', awaited: undefined });
        return;
      case '#await':
        this.awaiting(from, at, to, open);
        return;
      case ':then':
      case ':catch': {
        const block = open.at(-1);
        if (block === undefined) return;
        out.add('}\n{\n', from, at);
        if (at < to) this.bind(at, to, word === ':then' ? block.awaited : undefined);
        return;
      }
      case '#key':
        out.add('{\n', from, to);
        open.push({ name: 'key', awaited: undefined });
        return;
      case '#snippet':
        this.snippet(from, at, to);
        open.push({ name: 'snippet', awaited: undefined });
        return;
      case '@html':
        this.code.call('fragment', { start: from, nameEnd: at, end: to }, '@html', () => {
          this.code.expression(at, to, NOTHING);
        });
        return;
      case '@const':
        this.constant(from, at, to);
        return;
      case '@render':
        this.statement(at, to);
        return;
      default:
        if (word.startsWith('/') && open.pop() !== undefined) out.add('}\n', from, to);
    }
  }

  private statement(from: number, to: number): void {
    this.code.expression(from, to, NOTHING);
    this.out.add(';\n', to);
  }

  private condition(lead: string, from: number, at: number, to: number): void {
    this.out.add(lead, from, at);
    this.code.expression(at, to, NOTHING, '($$template)');
    this.out.add(' {\n', to);
  }

  /** `{#each list as pattern, index (key)}` */
  private each(from: number, to: number): void {
    const { out, host } = this;
    const at = from + (EACH.exec(host.slice(from, to))?.[0].length ?? '#each'.length);
    const as = topLevel(host, at, to, (i) => /^\sas\s/.test(host.slice(i, i + 4))).at(-1);
    const listEnd = as ?? to;
    if (as === undefined) {
      out.add('for (const $$item of ', from, at);
      this.code.expression(at, listEnd, NOTHING);
      out.add(') {\n', to);
      return;
    }
    const [start] = trimmed(host, as + 4, to);
    const ends = topLevel(host, start, to, (i) => host[i] === ',' || (host[i] === '(' && i > start));
    const patternEnd = trimmed(host, start, ends.at(0) ?? to)[1];
    const pattern = readPattern(host, start, patternEnd, this.language);
    if (pattern === undefined) out.lose(start, patternEnd);
    out.add('for (const ', from, at);
    if (pattern === undefined) out.add('$$item', start, patternEnd);
    else out.copy(start, patternEnd);
    out.add(' of ', as, start);
    this.code.expression(at, listEnd, NOTHING);
    out.add(') {\n', to);
    if (ends.length === 0 || host[ends[0]] !== ',') return;
    const [index, indexEnd] = trimmed(host, ends[0] + 1, ends.at(1) ?? to);
    if (isName(host.slice(index, indexEnd))) out.add('let ', index).copy(index, indexEnd).add(';\n', indexEnd);
  }

  /** `{#await promise}` and `{#await promise then value}` */
  private awaiting(from: number, at: number, to: number, open: OpenBlock[]): void {
    const { host } = this;
    const then = topLevel(host, at, to, (i) => /^\s(?:then|catch)(?:\s|$)/.test(host.slice(i, Math.min(i + 7, to)))).at(
      -1,
    );
    const awaited = [at, then ?? to] as const;
    this.out.add('{\n', from, at);
    open.push({ name: 'await', awaited });
    if (then === undefined) return;
    const word = /^\s(then|catch)/.exec(host.slice(then, then + 6))?.[1] ?? '';
    if (then + 1 + word.length < to) this.bind(then + 1 + word.length, to, word === 'then' ? awaited : undefined);
  }

  /** A promise and its value are one. */
  private bind(from: number, to: number, awaited: readonly [number, number] | undefined): void {
    const { out, host } = this;
    const [start, end] = trimmed(host, from, to);
    if (start === end) return;
    if (readPattern(host, start, end, this.language) === undefined) {
      out.lose(start, end);
      return;
    }
    out.add('const [', start).copy(start, end).add('] = [', end);
    if (awaited !== undefined) this.code.expression(awaited[0], awaited[1], NOTHING);
    out.add('];\n', end);
  }

  private snippet(from: number, at: number, to: number): void {
    const { out, host } = this;
    const [start, end] = trimmed(host, at, to);
    const open = host.indexOf('(', start);
    const name = host.slice(start, open < 0 || open > end ? end : open).trim();
    const hasParameters = open > 0 && open < end && host[end - 1] === ')';
    const isWhole =
      isName(name) && (!hasParameters || readPattern(host, open + 1, end - 1, this.language) !== undefined);
    if (!isWhole) {
      out.lose(start, end);
      out.add('{\n', from, at);
      return;
    }
    out.add('function ', from, at).copy(start, hasParameters ? end : start + name.length);
    out.add(hasParameters ? ' {\n' : '() {\n', end);
  }

  private constant(from: number, at: number, to: number): void {
    const { out, host } = this;
    const [equals] = topLevel(host, at, to, (i) => host[i] === '=' && host[i + 1] !== '=' && host[i + 1] !== '>');
    const [start] = trimmed(host, at, to);
    if ((equals as number | undefined) === undefined || readPattern(host, start, equals, this.language) === undefined) {
      out.lose(from, to);
      return;
    }
    out.add('const ', from, start).copy(start, equals).add(' = ', equals);
    this.statement(equals + 1, to);
  }

  private element(element: Element): void {
    const { out } = this;
    const { name, start, nameEnd, end, attributes } = element;
    if (name === 'script' || name === 'style') return;
    out.add('{\n', start, nameEnd);
    const component = this.componentOf(element);
    if (component === undefined) for (const attribute of attributes) this.attribute(name, attribute);
    else this.component(component, element);
    for (const attribute of attributes) {
      if (!attribute.name.startsWith('let:')) continue;
      const local = attribute.name.slice(4);
      if (isName(local)) out.add(`const ${local} = $$template.slot.content();\n`, attribute.start, attribute.end);
    }
    this.nodes(element.children);
    out.add('}\n', end);
  }

  private componentOf({ name, attributes }: Element): string | undefined {
    if (name === 'svelte:component') {
      const value = attributeOf(attributes, 'this')?.value;
      const text = value === undefined ? '' : this.host.slice(value.start, value.end).trim();
      return /^[\w$.]+$/.test(text) ? text : undefined;
    }
    return /^[A-Z][\w$]*(?:\.[\w$]+)*$|^[\w$]+(?:\.[\w$]+)+$/.test(name) ? name : undefined;
  }

  private attribute(tag: string, attribute: Attribute): void {
    const { value } = attribute;
    const [kind, local] = /^[a-z]+:/.test(attribute.name) ? splitOnce(attribute.name, ':') : ['', ''];
    const name = attribute.name.split('|')[0];
    switch (kind) {
      case 'let':
      case 'class':
      case 'style':
        return;
      case 'bind':
        this.binding(tag, attribute, value, local);
        return;
      case 'use':
        this.action(tag, attribute, local);
        return;
      default:
    }
    if (name === '') this.unnamed(tag, attribute);
    else if (value !== undefined) this.call(tag, attribute, name, value);
  }

  private call(tag: string, attribute: Attribute, name: string, value: AttributeValue): void {
    const parts = this.partsOf(value);
    if (parts.every((part) => !part.isCode)) return;
    this.code.call(tag, attribute, name, () => {
      this.value(parts);
    });
  }

  /** `{...rest}`, `{name}`, `{@attach attachment}` */
  private unnamed(tag: string, attribute: Attribute): void {
    const { value, start, end } = attribute;
    if (value === undefined) return;
    const [from, to] = trimmed(this.host, value.start, value.end);
    const text = this.host.slice(from, to);
    if (isName(text)) this.code.call(tag, { start, nameEnd: end, end }, text, () => this.out.copy(from, to));
    else if (text.startsWith('@attach')) {
      this.code.expression(from + '@attach'.length, to, NOTHING);
      this.out.add(`(${TEMPLATE}${member(tag)}.element);\n`, start, end);
    }
  }

  /** Both directions: what a variable holds goes to the element, and what a person enters comes in. */
  private binding(tag: string, attribute: Attribute, value: AttributeValue | undefined, property: string): void {
    const { out } = this;
    const { name, start, nameEnd, end } = attribute;
    const [from, to] = value === undefined ? [nameEnd - property.length, nameEnd] : [value.start, value.end];
    if (property === 'this' || property === 'group' || this.code.read(from, to) === undefined) return;
    this.code.call(tag, attribute, name, () => out.copy(from, to));
    out.add('() => { ', start, nameEnd).copy(from, to);
    out.add(` = ${TEMPLATE}${member(tag)}${member(name)}(); };\n`, start, end);
  }

  private action(tag: string, { value, start, nameEnd, end }: Attribute, action: string): void {
    const { out } = this;
    if (!/^[\w$.]+$/.test(action)) return;
    out.add(`${action}(${TEMPLATE}${member(tag)}.element`, start, nameEnd);
    if (value !== undefined) {
      out.add(', ', value.start);
      this.code.expression(value.start, value.end, NOTHING);
    }
    out.add(');\n', end);
  }

  private component(component: string, { attributes, start, nameEnd, openEnd }: Element): void {
    const { out, host } = this;
    out.add(`${component}({`, start, nameEnd);
    for (const attribute of attributes) {
      const { name, value } = attribute;
      if (/^(?:let|class|style|use):|^this$/.test(name)) continue;
      if (name === '' && value !== undefined) {
        const [from, to] = trimmed(host, value.start, value.end);
        const text = host.slice(from, to);
        if (isName(text)) out.copy(from, to);
        else if (text.startsWith('...') && this.code.read(from + 3, to) !== undefined) out.copy(from, to);
        else continue;
      } else {
        const [, local] = /^(?:bind|on):/.test(name) ? splitOnce(name, ':') : ['', name];
        const key = `${JSON.stringify(name.startsWith('on:') ? `on${local}` : local)}: `;
        out.add(key, attribute.start, attribute.nameEnd);
        if (value !== undefined) this.value(this.partsOf(value));
        else if (name.startsWith('bind:') && isName(local))
          out.copy(attribute.nameEnd - local.length, attribute.nameEnd);
        else out.add('true', attribute.start, attribute.end);
      }
      out.add(', ', attribute.end);
    }
    out.add('});\n', nameEnd, openEnd);
  }

  private value(parts: readonly ValuePart[]): void {
    for (const [index, { isCode, start, end }] of parts.entries()) {
      if (index > 0) this.out.add(' + ', start);
      if (isCode) this.code.expression(start, end, NOTHING);
      else this.out.add(JSON.stringify(this.host.slice(start, end)), start, end);
    }
    if (parts.length === 0) this.out.add('""', 0);
  }

  /** Text and code of an attribute: `/user/{id}`. */
  private partsOf({ kind, start, end }: AttributeValue): ValuePart[] {
    if (kind === 'code') return [{ isCode: true, start, end }];
    const parts: ValuePart[] = [];
    const { host } = this;
    let at = start;
    while (at < end) {
      const brace = host.indexOf('{', at);
      const textEnd = brace < 0 || brace >= end ? end : brace;
      if (textEnd > at) parts.push({ isCode: false, start: at, end: textEnd });
      if (textEnd === end) break;
      const close = topLevel(host, brace + 1, end, (i) => host[i] === '}').at(0);
      if (close === undefined) break;
      parts.push({ isCode: true, start: brace + 1, end: close });
      at = close + 1;
    }
    return parts;
  }
}

interface ValuePart {
  readonly isCode: boolean;
  readonly start: number;
  readonly end: number;
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  const rest = text.slice(at + 1);
  return [text.slice(0, at), rest.split('|')[0]];
}

/**
 * The template of a Vue component as statements: `v-if` is `if`, `v-for` is a loop, a component is a call with its
 * properties, and what a directive does to an element is a call of a member of `$$template`.
 */
import type { Attribute, AttributeValue, Element, MarkupNode } from './markup';
import { attributeOf } from './markup';
import type { ScriptText } from './scriptText';
import { readPattern, type FreeName } from './snippets';
import { camelCase, handlerOf } from './vueEvents';
import { TemplateCode, member, trimmed, type NameRule } from './templateCode';
import type { ScriptLanguage } from './snippets';

export interface VueTemplateOptions {
  readonly language: ScriptLanguage;
  readonly rule: NameRule;
  /** The component that a tag stands for, as the script writes it; undefined for elements and what nobody knows. */
  readonly componentOf: (tag: string) => string | undefined;
}

type Scope = ReadonlySet<string>;

const INTERPOLATION = /\{\{([\s\S]*?)\}\}/g;
const FOR = /^([\s\S]*?)\s(?:in|of)\s([\s\S]*)$/;
/** Of these nothing is emitted by themselves: they say how elements are repeated, chosen and named. */
const STRUCTURAL =
  /^(?:v-(?:if|else-if|else|for|slot|pre|once|cloak|memo)\b|#|slot-scope$|scope$|:?(?:key|ref|slot)$|:is$|v-bind:(?:key|is)$)/;

export function writeVueTemplate(out: ScriptText, nodes: readonly MarkupNode[], options: VueTemplateOptions): void {
  new VueTemplate(out, options).nodes(nodes, new Set());
}

class VueTemplate {
  private readonly code: TemplateCode;
  private readonly host: string;

  constructor(
    private readonly out: ScriptText,
    private readonly options: VueTemplateOptions,
  ) {
    this.code = new TemplateCode(out, options.language, options.rule);
    this.host = out.host;
  }

  nodes(nodes: readonly MarkupNode[], scope: Scope): void {
    // Whether what was written last is an `if` that an `else` may follow.
    let isOpen = false;
    for (const node of nodes) {
      if (node.kind === 'element') isOpen = this.element(node, scope, isOpen);
      else if (node.kind === 'text' && this.text(node.start, node.end, scope)) isOpen = false;
    }
  }

  /** Text is escaped: it matters only for what it calls. */
  private text(start: number, end: number, scope: Scope): boolean {
    let isWritten = false;
    for (const match of this.host.slice(start, end).matchAll(INTERPOLATION)) {
      if (!match[1].includes('(')) continue;
      const from = start + match.index + 2;
      this.code.expression(from, from + match[1].length, scope);
      this.out.add(';\n', from + match[1].length);
      isWritten = true;
    }
    return isWritten;
  }

  private element(element: Element, outer: Scope, mayContinue: boolean): boolean {
    const { out, host } = this;
    const { attributes, start, nameEnd, end } = element;
    if (attributeOf(attributes, 'v-pre') !== undefined) return false;
    let scope = outer;
    let open = 0;
    const loop = attributeOf(attributes, 'v-for');
    if (loop?.value !== undefined) {
      scope = this.loop(loop, loop.value, scope);
      open++;
    }
    const branch = attributes.find(({ name }) => name === 'v-if' || name === 'v-else-if' || name === 'v-else');
    if (branch !== undefined) {
      if (branch.name !== 'v-if' && mayContinue && loop === undefined) out.add('else ', branch.start, branch.nameEnd);
      if (branch.value !== undefined && branch.name !== 'v-else') {
        out.add('if ', branch.start, branch.nameEnd);
        this.code.expression(branch.value.start, branch.value.end, scope, '($$ref)');
      }
    }
    out.add('{\n', start, nameEnd);
    open++;
    scope = this.slotScope(attributes, scope);
    this.attributes(element, scope);
    if (host[nameEnd] !== undefined) this.nodes(element.children, scope);
    out.add('}\n'.repeat(open), end);
    return branch !== undefined && branch.name !== 'v-else' && branch.value !== undefined && loop === undefined;
  }

  /** Opens a loop, and gives the names in it. */
  private loop(attribute: Attribute, value: AttributeValue, scope: Scope): Scope {
    const { out, host } = this;
    const match = FOR.exec(host.slice(value.start, value.end));
    if (match === null) {
      out.lose(value.start, value.end);
      out.add('{\n', attribute.start, attribute.nameEnd);
      return scope;
    }
    let [from, to] = trimmed(host, value.start, value.start + match[1].length);
    if (host[from] === '(' && host[to - 1] === ')') [from, to] = trimmed(host, from + 1, to - 1);
    const pattern = readPattern(host, from, to, this.options.language);
    const list = value.end - match[2].length;
    const [first] = pattern?.parts ?? [];
    if (pattern === undefined || pattern.parts.length === 0) {
      out.lose(from, to);
      out.add('for (const $$item of ', attribute.start, attribute.nameEnd);
    } else {
      out.add('for (const ', attribute.start, attribute.nameEnd);
      out.copy(...first);
      out.add(' of ', first[1], list);
    }
    this.code.expression(list, value.end, scope);
    out.add(') {\n', attribute.end);
    if (pattern === undefined) return scope;
    // Behind the element come its key and its position.
    for (const [start, end] of pattern.parts.slice(1)) out.add('let ', start).copy(start, end).add(';\n', end);
    return new Set([...scope, ...pattern.bound]);
  }

  private slotScope(attributes: readonly Attribute[], scope: Scope): Scope {
    const { out, host } = this;
    const attribute = attributes.find(({ name }) => /^(?:v-slot\b|#|slot-scope$|scope$)/.test(name));
    if (attribute?.value === undefined) return scope;
    const { start, end } = attribute.value;
    const pattern = readPattern(host, start, end, this.options.language);
    if (pattern === undefined) out.lose(start, end);
    if (pattern === undefined || pattern.bound.length === 0) return scope;
    out.add('const [', attribute.start, attribute.nameEnd);
    out.copy(start, end);
    out.add('] = [$$template.slot.content()];\n', attribute.end);
    return new Set([...scope, ...pattern.bound]);
  }

  private attributes(element: Element, scope: Scope): void {
    const component = this.componentOf(element);
    for (const attribute of element.attributes) {
      const { value } = attribute;
      if (value === undefined || STRUCTURAL.test(attribute.name)) continue;
      const { kind, name } = directiveOf(attribute.name);
      if (kind === 'model' && component === undefined) this.model(element, attribute, value, scope);
      else if (kind === 'on' && component === undefined) this.handler(element.name, attribute, value, name, scope);
      else if (kind === 'directive' || (kind === 'bind' && component === undefined)) {
        this.code.call(element.name, attribute, name, () => {
          this.code.expression(value.start, value.end, scope);
        });
      }
    }
    if (component !== undefined) this.component(component, element, scope);
  }

  private handler(tag: string, attribute: Attribute, value: AttributeValue, name: string, scope: Scope): void {
    this.code.call(tag, attribute, name, () => {
      this.code.handler(value.start, value.end, scope);
    });
  }

  /** What a field holds comes in through `v-model`. */
  private model(element: Element, attribute: Attribute, value: AttributeValue, scope: Scope): void {
    const { out } = this;
    out.add('() => { ', attribute.start, attribute.nameEnd);
    const field = `$$template${member(element.name)}["v-model"]()`;
    this.assignment(attribute, value, field, scope);
    out.add(' };\n', attribute.end);
  }

  /** What is written through `v-model`; nothing where its code can't be read. */
  private assignment(attribute: Attribute, value: AttributeValue, assigned: string, scope: Scope): void {
    const expression = this.code.read(value.start, value.end);
    if (expression === undefined) return;
    const [target] = expression.names as readonly (FreeName | undefined)[];
    const isName = target !== undefined && target.start <= value.start && target.end >= value.end;
    const names = isName ? [{ ...target, use: 'write' as const }] : expression.names;
    this.code.write(value.start, value.end, names, scope);
    this.out.add(` = ${assigned};`, attribute.start, attribute.end);
  }

  private componentOf({ name, attributes }: Element): string | undefined {
    const is = attributes.find((attribute) => attribute.name === ':is' || attribute.name === 'v-bind:is');
    if (is?.value !== undefined) {
      const text = this.host.slice(is.value.start, is.value.end).trim();
      return this.options.componentOf(text);
    }
    return this.options.componentOf(name);
  }

  private component(component: string, { attributes, start, nameEnd, openEnd }: Element, scope: Scope): void {
    const { out, host } = this;
    out.add(`${component}({`, start, nameEnd);
    for (const attribute of attributes) {
      const { value } = attribute;
      if (value === undefined || STRUCTURAL.test(attribute.name)) continue;
      const { kind, name } = directiveOf(attribute.name);
      const key = (text: string): string => `${JSON.stringify(camelCase(text))}: `;
      if (kind === 'directive') continue;
      if (kind === 'static') {
        out.add(key(name), attribute.start, attribute.nameEnd);
        out.add(JSON.stringify(host.slice(value.start, value.end)), value.start, value.end).add(', ', attribute.end);
        continue;
      }
      if (kind === 'on') {
        out.add(key(handlerOf(name.slice(1))), attribute.start, attribute.nameEnd);
        if (!this.code.handler(value.start, value.end, scope)) out.add('undefined', attribute.end);
      } else {
        const isSpread = kind === 'bind' && name === 'v-bind';
        const model = /^v-model:([^.]+)/.exec(attribute.name)?.[1] ?? 'modelValue';
        out.add(isSpread ? '...' : key(kind === 'model' ? model : name), attribute.start, attribute.nameEnd);
        this.code.expression(value.start, value.end, scope);
        if (kind === 'model') {
          const handler = JSON.stringify(handlerOf(`update:${model}`));
          out.add(`, ${handler}: ($event) => { `, attribute.start, attribute.nameEnd);
          this.assignment(attribute, value, '$event', scope);
          out.add(' }', attribute.end);
        }
      }
      out.add(', ', attribute.end);
    }
    out.add('});\n', nameEnd, openEnd);
  }
}

type DirectiveKind = 'bind' | 'on' | 'model' | 'directive' | 'static';

/** What an attribute is, and under which name models speak of it. */
function directiveOf(written: string): { readonly kind: DirectiveKind; readonly name: string } {
  if (written.startsWith(':') || written.startsWith('.'))
    return { kind: 'bind', name: withoutModifiers(written.slice(1)) };
  if (written.startsWith('v-bind:')) return { kind: 'bind', name: withoutModifiers(written.slice(7)) };
  if (written === 'v-bind') return { kind: 'bind', name: written };
  if (written.startsWith('@')) return { kind: 'on', name: withoutModifiers(written) };
  if (written.startsWith('v-on:')) return { kind: 'on', name: `@${withoutModifiers(written.slice(5))}` };
  if (/^v-model(?:[:.]|$)/.test(written)) return { kind: 'model', name: 'v-model' };
  if (/^v-[a-z]/.test(written)) return { kind: 'directive', name: withoutModifiers(written) };
  return { kind: 'static', name: written };
}

function withoutModifiers(name: string): string {
  const dot = name.indexOf('.');
  return dot < 0 ? name : name.slice(0, dot);
}

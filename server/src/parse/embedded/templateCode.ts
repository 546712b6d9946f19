/**
 * Code of a template as it goes into the script: names of the surroundings are written as the component has them, what
 * can't be read is left out and said to be lost.
 */
import type { Span } from '../javascript';
import type { Attribute } from './markup';
import type { ScriptText } from './scriptText';
import { readExpression, readStatements, type Expression, type FreeName, type ScriptLanguage } from './snippets';

import { eventCalls, handlerOf } from './vueEvents';

/** How a name of a template is written in the script; undefined where it is as it stands. */
export type NameRule = (name: FreeName) => string | undefined;

export const asWritten: NameRule = () => undefined;

/** The object whose calls are what a template does: `$$template.a.href(value)`. Models say what that means. */
export const TEMPLATE = '$$template';

const EVENT = eventCalls('$emit', '');
const MAX_EVENT = 200;

export class TemplateCode {
  constructor(
    readonly out: ScriptText,
    readonly language: ScriptLanguage,
    private readonly rule: NameRule,
  ) {}

  /** The rule that leaves alone what the template itself declares. */
  private ruleIn(scope: ReadonlySet<string>): NameRule {
    return (name) => (scope.has(name.name) ? undefined : this.rule(name));
  }

  /** Reads one expression; one that can't be read is lost. */
  read(from: number, to: number): Expression | undefined {
    const expression = readExpression(this.out.host, from, to, this.language);
    if (expression === undefined) this.out.lose(from, to);
    return expression;
  }

  /** Writes an expression in parentheses; `instead` where it can't be read. */
  expression(from: number, to: number, scope: ReadonlySet<string>, instead = 'undefined'): Expression | undefined {
    const expression = this.read(from, to);
    if (expression === undefined) this.out.add(instead, from, to);
    else {
      this.out.add('(', from);
      this.write(from, to, expression.names, scope);
      this.out.add(')', to);
    }
    return expression;
  }

  /** A function, or statements made one. False, and nothing written, when they can't be read. */
  handler(from: number, to: number, scope: ReadonlySet<string>): boolean {
    const { out } = this;
    const expression = readExpression(out.host, from, to, this.language);
    if (expression?.isCallable === true) {
      this.write(from, to, expression.names, scope);
      return true;
    }
    const statements = readStatements(out.host, from, to, this.language);
    if (statements === undefined) {
      out.lose(from, to);
      return false;
    }
    out.add('($event) => {', from);
    this.write(from, to, statements.names, new Set([...scope, '$event']));
    out.add('}', to);
    return true;
  }

  /** Copies code, with its names as they are in the script. */
  write(from: number, to: number, names: readonly FreeName[], scope: ReadonlySet<string>): void {
    const rule = this.ruleIn(scope);
    let at = from;
    for (const name of names) {
      const text = rule(name);
      if (text === undefined || name.start < at) continue;
      const told = name.use === 'call' && name.name === '$emit' ? this.event(name.start, rule) : undefined;
      if (told !== undefined) {
        this.out.copy(at, name.start).add(told.text, name.start, told.end);
        at = told.end;
        continue;
      }
      this.out.copy(at, name.start);
      this.out.add(name.use === 'shorthand' ? `${name.name}: ${text}` : text, name.start, name.end);
      at = name.end;
    }
    this.out.copy(at, to);
  }

  /** `$emit('name', ` calls the handler that a parent has given. */
  private event(start: number, rule: NameRule): { readonly text: string; readonly end: number } | undefined {
    const match = EVENT.exec(this.out.host.slice(start, start + MAX_EVENT));
    if (match === null) return undefined;
    const end = start + match[0].length;
    const properties = rule({ name: '$props', start, end, use: 'read' }) ?? '$props';
    return { text: `${properties}${member(handlerOf(match[2]))}(`, end };
  }

  /** `$$template.tag.name(…);` for an attribute, with the argument that `value` writes. */
  call(tag: string, { start, nameEnd, end }: Omit<Attribute, 'name' | 'value'>, name: string, value: () => void): void {
    this.out.add(`${TEMPLATE}${member(tag)}${member(name)}(`, start, nameEnd);
    value();
    this.out.add(');\n', end);
  }
}

const NAME = /^[A-Za-z_$][\w$]*$/;

/** Access to a property, by whatever name. */
export function member(name: string): string {
  return NAME.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

export function isName(text: string): boolean {
  return NAME.test(text);
}

/** The part without blanks at its ends. */
export function trimmed(text: string, from: number, to: number): Span {
  let start = from;
  let end = to;
  while (start < end && /\s/.test(text[start])) start++;
  while (end > start && /\s/.test(text[end - 1])) end--;
  return [start, end];
}

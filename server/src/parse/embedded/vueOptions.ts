/**
 * The options of a Vue component as a class: methods are methods, computed properties are accessors, and its constructor
 * gives `this` the properties, the data and what `setup` returns. The template is a method, where its names are members.
 */
import ts from 'typescript';
import type { FreeName, Block } from './snippets';
import { componentHead, declaredNames, spanOf } from './snippets';
import { isName, member, type NameRule } from './templateCode';
import type { Component, HostBlock } from './vueBlocks';
import { MEMBER_EVENT, handlerOf } from './vueEvents';
import { componentFinder, isTemplateGlobal } from './vueNames';
import { writeVueTemplate } from './vueTemplate';

export interface DefaultOptions {
  /** `export default …`, or `module.exports = …`. */
  readonly statement: ts.Statement;
  readonly options: ts.ObjectLiteralExpression;
}

/** The options that a block exports. */
export function defaultOptions({ statements }: Block): DefaultOptions | undefined {
  for (const statement of statements) {
    const value = defaultValue(statement);
    if (value === undefined) continue;
    const options = optionsOf(value, statements);
    if (options !== undefined) return { statement, options };
  }
  return undefined;
}

function defaultValue(statement: ts.Statement): ts.Expression | undefined {
  if (ts.isExportAssignment(statement)) return statement.expression;
  if (!ts.isExpressionStatement(statement) || !ts.isBinaryExpression(statement.expression)) return undefined;
  const { left, right } = statement.expression;
  const isModule = ts.isPropertyAccessExpression(left) && ts.isIdentifier(left.expression);
  return isModule && left.expression.text === 'module' && left.name.text === 'exports' ? right : undefined;
}

/** `{ … }`, also within a call such as `defineComponent({ … })`. */
function optionsOf(value: ts.Expression, statements: readonly ts.Statement[]): ts.ObjectLiteralExpression | undefined {
  let inner = value;
  while (ts.isAsExpression(inner) || ts.isSatisfiesExpression(inner) || ts.isParenthesizedExpression(inner))
    inner = inner.expression;
  if (ts.isObjectLiteralExpression(inner)) return inner;
  if (ts.isCallExpression(inner)) return inner.arguments.find(ts.isObjectLiteralExpression);
  if (!ts.isIdentifier(inner)) return undefined;
  const { text } = inner;
  for (const statement of statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, initializer } of statement.declarationList.declarations) {
      if (!ts.isIdentifier(name) || name.text !== text || initializer === undefined) continue;
      return ts.isIdentifier(initializer) ? undefined : optionsOf(initializer, []);
    }
  }
  return undefined;
}

/** Tags of components that the options name, with the code that stands for them. */
export function componentsOf(options: ts.ObjectLiteralExpression): Map<string, string> {
  const components = new Map<string, string>();
  const value = valueOf(options, 'components');
  if (value === undefined || !ts.isObjectLiteralExpression(value)) return components;
  for (const property of value.properties) {
    if (ts.isShorthandPropertyAssignment(property)) components.set(property.name.text, property.name.text);
    else if (ts.isPropertyAssignment(property) && ts.isIdentifier(property.initializer)) {
      const name = nameOf(property.name);
      if (name !== undefined) components.set(name, property.initializer.text);
    }
  }
  return components;
}

function valueOf(object: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined {
  for (const property of object.properties) {
    if (ts.isPropertyAssignment(property) && nameOf(property.name) === name) return property.initializer;
  }
  return undefined;
}

function nameOf(name: ts.PropertyName): string | undefined {
  if (ts.isIdentifier(name) || ts.isStringLiteral(name) || ts.isNumericLiteral(name)) return name.text;
  return undefined;
}

export function writeOptions(component: Component, block: Block, found: DefaultOptions, script: HostBlock): void {
  const { out } = component;
  const isTaken = declaredNames(block.statements).has('component');
  out.add(`${componentHead(isTaken)}new (class {\n`, script.start, script.contentStart);
  new OptionsWriter(component, block, found).write();
  out.add('})($$props);\n}\n', block.to);
}

/** Names of a template are members of the instance. */
export const memberRule: NameRule = ({ name }: FreeName) => (isTemplateGlobal(name) ? undefined : `this.${name}`);

/** What every instance has from outside, as far as it is used: `this.$route`. */
export function providedNames({ host, words }: Component, { from, to }: Block): Set<string> {
  const names = new Set(host.slice(from, to).match(/(?<=\.)\$[a-z]\w*/g));
  for (const word of words) if (/^\$[a-z]\w*$/.test(word)) names.add(word);
  for (const own of ['$props', '$event']) names.delete(own);
  return names;
}

class OptionsWriter {
  private readonly host: string;
  private readonly out: Component['out'];
  /** What the constructor has to do, in order. */
  private readonly steps: (() => void)[] = [];

  constructor(
    private readonly component: Component,
    private readonly block: Block,
    private readonly found: DefaultOptions,
  ) {
    this.host = component.host;
    this.out = component.out;
  }

  write(): void {
    this.out.rewrite(MEMBER_EVENT, (match) => `$props${member(handlerOf(match[2]))}(`);
    const { out, host, block, found } = this;
    const { template, language } = this.component;
    for (const property of found.options.properties) this.option(property);
    const [start, end] = spanOf(host, block, found.options);
    out.add('constructor($$props) {\nthis.$props = $$props;\n', start, start + 1);
    for (const name of providedNames(this.component, block))
      out.add(`this.${name} = $$vue.${name};\n`, start, start + 1);
    for (const step of this.steps) step();
    out.add('this.$$render();\n}\n$$render() {\n', start, start + 1);
    const componentOf = componentFinder(componentsOf(found.options));
    writeVueTemplate(out, template, { language, rule: memberRule, componentOf });
    out.add('}\n', end);
  }

  private option(property: ts.ObjectLiteralElementLike): void {
    const name = property.name === undefined ? undefined : nameOf(property.name);
    const value = ts.isPropertyAssignment(property) ? property.initializer : undefined;
    switch (name) {
      case 'props':
        if (value !== undefined) this.properties(value);
        return;
      case 'components':
      case 'name':
        return;
      case 'data':
        this.data(property, value);
        return;
      case 'computed':
        if (value !== undefined && ts.isObjectLiteralExpression(value))
          for (const inner of value.properties) this.computed(inner);
        return;
      case 'methods':
        if (value !== undefined && ts.isObjectLiteralExpression(value))
          for (const inner of value.properties) this.member(inner);
        return;
      case 'watch':
        if (value !== undefined && ts.isObjectLiteralExpression(value))
          for (const inner of value.properties) this.watcher(inner);
        return;
      case 'setup':
        this.setup(property, value);
        return;
      default:
        this.hook(property, name);
    }
  }

  private properties(value: ts.Expression): void {
    const names: { readonly name: string; readonly node: ts.Node }[] = [];
    if (ts.isArrayLiteralExpression(value)) {
      for (const element of value.elements)
        if (ts.isStringLiteralLike(element)) names.push({ name: element.text, node: element });
    } else if (ts.isObjectLiteralExpression(value)) {
      for (const { name } of value.properties) {
        const text = name === undefined ? undefined : nameOf(name);
        if (name !== undefined && text !== undefined) names.push({ name: text, node: name });
      }
    }
    for (const { name, node } of names) {
      this.steps.push(() => {
        this.field(node, name, '$$props');
      });
    }
  }

  /** `this.name = object.name` */
  private field(node: ts.Node, name: string, object: string): void {
    const [start, end] = spanOf(this.host, this.block, node);
    this.out.add(`this${member(name)} = ${object}${member(name)};\n`, start, end);
  }

  private data(property: ts.ObjectLiteralElementLike, value: ts.Expression | undefined): void {
    const { out } = this;
    const returned = returnedObject(ts.isMethodDeclaration(property) ? property : value);
    if (value !== undefined && ts.isObjectLiteralExpression(value)) {
      const [start, end] = this.span(value);
      out.add('data() { return ', start).copy(start, end).add('; }\n', end);
    } else this.member(property);
    this.steps.push(() => {
      const [start, end] = this.span(property.name ?? property);
      out.add('const $$data = this.data(this);\n', start, end);
      for (const inner of returned?.properties ?? []) {
        const name = inner.name === undefined ? undefined : nameOf(inner.name);
        if (inner.name !== undefined && name !== undefined) this.field(inner.name, name, '$$data');
      }
    });
  }

  private setup(property: ts.ObjectLiteralElementLike, value: ts.Expression | undefined): void {
    const { out } = this;
    const returned = returnedObject(ts.isMethodDeclaration(property) ? property : value);
    this.member(property);
    this.steps.push(() => {
      const [start, end] = this.span(property.name ?? property);
      out.add('const $$setup = this.setup($$props, $$vue.context);\n', start, end);
      for (const inner of returned?.properties ?? []) {
        const name = inner.name === undefined ? undefined : nameOf(inner.name);
        if (inner.name === undefined || name === undefined) continue;
        const read = `$$setup${member(name)}`;
        out.add(`this${member(name)} = $$ref ? ${read}.value : ${read};\n`, ...this.span(inner.name));
      }
    });
  }

  /** A computed property is what its function gives: `this.name = this.$$computed(this)`. */
  private computed(property: ts.ObjectLiteralElementLike): void {
    if (property.name === undefined) return;
    const { name } = property;
    const text = nameOf(name);
    const value = ts.isPropertyAssignment(property) ? property.initializer : property;
    if (text !== undefined && ts.isObjectLiteralExpression(value)) {
      for (const accessor of value.properties) {
        const role = accessor.name === undefined ? undefined : nameOf(accessor.name);
        const method = role === undefined ? undefined : this.ownMethod(accessor, `${role} of ${text}`);
        if (method !== undefined) this.runs(name, text, method, role === 'set');
      }
      return;
    }
    const method = text === undefined ? undefined : this.ownMethod(property, `computed ${text}`);
    if (method === undefined) this.member(property);
    else if (text !== undefined) this.runs(name, text, method, false);
  }

  private runs(name: ts.PropertyName, text: string, method: string, isSetter: boolean): void {
    const [start, end] = this.span(name);
    const field = `this${member(text)}`;
    const call = `this${member(method)}`;
    this.steps.push(() => {
      this.out.add(isSetter ? `${call}(${field});\n` : `${field} = ${call}(this);\n`, start, end);
    });
  }

  /** A function of the options as a method of another name; its name, or undefined when it is none. */
  private ownMethod(property: ts.ObjectLiteralElementLike, name: string): string | undefined {
    const { out } = this;
    const [start, end] = this.span(property.name ?? property);
    const value = ts.isPropertyAssignment(property) ? property.initializer : property;
    const written = JSON.stringify(name);
    if (ts.isMethodDeclaration(value) || ts.isFunctionExpression(value)) {
      out.add(isAsync(value) ? `async ${written}` : written, start, end);
      this.functionBody(value);
    } else if (ts.isArrowFunction(value)) {
      out
        .add(`${written} = `, start, end)
        .copy(...this.span(value))
        .add(';\n', end);
    } else return undefined;
    return name;
  }

  /** What is called with the new value of a member. */
  private watcher(property: ts.ObjectLiteralElementLike): void {
    const path = property.name === undefined ? undefined : nameOf(property.name);
    if (property.name === undefined || path === undefined) return;
    const [start, end] = this.span(property.name);
    let watcher = property;
    if (ts.isPropertyAssignment(property) && ts.isObjectLiteralExpression(property.initializer)) {
      const handler = property.initializer.properties.find(
        ({ name }) => name !== undefined && nameOf(name) === 'handler',
      );
      if (handler === undefined) return;
      watcher = handler;
    }
    const method = this.ownMethod(watcher, `watch ${path}`);
    if (method === undefined || !path.split('.').every(isName)) return;
    this.steps.push(() => {
      this.out.add(`this${member(method)}(this.${path});\n`, start, end);
    });
  }

  /** What the framework calls, or reads. */
  private hook(property: ts.ObjectLiteralElementLike, name: string | undefined): void {
    const { out } = this;
    const isFunction =
      ts.isMethodDeclaration(property) ||
      (ts.isPropertyAssignment(property) &&
        (ts.isFunctionExpression(property.initializer) || ts.isArrowFunction(property.initializer)));
    if (isFunction && name !== undefined) {
      this.member(property);
      this.steps.push(() => {
        out.add(`$$vue.options${member(name)}(this${member(name)});\n`, ...this.span(property.name ?? property));
      });
      return;
    }
    this.steps.push(() => {
      const [start, end] = this.span(property);
      out.add('$$vue.options.set({ ', start).copy(start, end).add(' });\n', end);
    });
  }

  /** A member of the options as a member of the class. */
  private member(property: ts.ObjectLiteralElementLike): void {
    const { out } = this;
    const [start, end] = this.span(property);
    if (ts.isMethodDeclaration(property) || ts.isAccessor(property)) out.copy(start, end).add('\n', end);
    else if (ts.isShorthandPropertyAssignment(property)) {
      out.copy(start, end).add(' = ', end).copy(start, end).add(';\n', end);
    } else if (ts.isPropertyAssignment(property)) {
      const { initializer, name } = property;
      if (ts.isFunctionExpression(initializer)) {
        out
          .add(isAsync(initializer) ? 'async ' : '', start)
          .add(initializer.asteriskToken === undefined ? '' : '*', start);
        out.copy(...this.span(name));
        this.functionBody(initializer);
      } else {
        out.copy(...this.span(name)).add(' = ', this.span(name)[1]);
        out.copy(...this.span(initializer)).add(';\n', end);
      }
    }
  }

  /** A function from its parameters on. */
  private functionBody(node: ts.FunctionExpression | ts.MethodDeclaration): void {
    const open = (node.typeParameters?.pos ?? node.parameters.pos) - 1;
    this.out.copy(this.block.from + open, this.block.from + node.end).add('\n', this.block.from + node.end);
  }

  private span(node: ts.Node): readonly [number, number] {
    return spanOf(this.host, this.block, node);
  }
}

function isAsync(node: ts.FunctionExpression | ts.MethodDeclaration): boolean {
  return node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) === true;
}

/** The object literal that a function returns. */
function returnedObject(node: ts.Node | undefined): ts.ObjectLiteralExpression | undefined {
  if (node === undefined) return undefined;
  if (ts.isObjectLiteralExpression(node)) return node;
  if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) return literalOf(node.body);
  const isFunction = ts.isArrowFunction(node) || ts.isFunctionExpression(node) || ts.isMethodDeclaration(node);
  if (!isFunction || node.body === undefined || !ts.isBlock(node.body)) return undefined;
  for (const statement of node.body.statements) {
    if (!ts.isReturnStatement(statement) || statement.expression === undefined) continue;
    const literal = literalOf(statement.expression);
    if (literal !== undefined) return literal;
  }
  return undefined;
}

function literalOf(value: ts.Expression): ts.ObjectLiteralExpression | undefined {
  let inner = value;
  while (ts.isParenthesizedExpression(inner) || ts.isAsExpression(inner) || ts.isSatisfiesExpression(inner))
    inner = inner.expression;
  return ts.isObjectLiteralExpression(inner) ? inner : undefined;
}

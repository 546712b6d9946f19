/**
 * A Svelte component as a script: what `<script module>` holds, and a function of the component's properties that runs the
 * other block and then the template. `$store` is a variable beside `store`.
 */
import ts from 'typescript';
import { attributeOf, parseMarkup, textOfAttribute, type MarkupNode } from './markup';
import { ScriptText } from './scriptText';
import { componentHead, declaredNames, parseBlock, spanOf, type Block, type ScriptLanguage } from './snippets';
import { writeSvelteTemplate } from './svelteTemplate';
import { languageOf, type HostBlock } from './vueBlocks';
import { parseAttributes } from './markup';

const MARKUP = { braces: true, elementsInCode: false };
const BLOCK = /<!--|<(script|style)(?=[\s>/])/g;
const STORE = /(?<![\w$.])\$([A-Za-z_]\w*)/g;
/** What looks like the value of a store and is part of the language. */
const RUNES = new Set('state derived effect props bindable inspect host'.split(' '));

export function svelteScript(host: string): { readonly out: ScriptText; readonly language: ScriptLanguage } {
  const { blocks, template } = partsOf(host);
  const language = languageOf(host, blocks);
  const scripts = blocks.filter(({ tag }) => tag === 'script');
  const isModule = ({ attributes }: HostBlock): boolean =>
    attributeOf(attributes, 'module') !== undefined || textOfAttribute(host, attributes, 'context') === 'module';
  const shared = scripts.find(isModule);
  const instance = scripts.find((block) => !isModule(block));
  const out = new ScriptText(host);
  if (shared === undefined && instance === undefined && template.length === 0) return { out, language };
  new SvelteWriter(host, out, language).write(shared, instance, template);
  return { out, language };
}

/** Blocks, and what is between them. */
function partsOf(host: string): { readonly blocks: HostBlock[]; readonly template: MarkupNode[] } {
  const blocks: HostBlock[] = [];
  const template: MarkupNode[] = [];
  let at = 0;
  const markup = (to: number): void => {
    for (const node of parseMarkup(host, at, to, MARKUP)) template.push(node);
  };
  BLOCK.lastIndex = 0;
  for (let match = BLOCK.exec(host); match !== null; match = BLOCK.exec(host)) {
    const { index: start } = match;
    const tag = match[1] as string | undefined;
    if (tag === undefined) {
      const close = host.indexOf('-->', start);
      BLOCK.lastIndex = close < 0 ? host.length : close + 3;
      continue;
    }
    markup(start);
    const { attributes, end: contentStart } = parseAttributes(host, start + 1 + tag.length, host.length, MARKUP);
    const close = host.indexOf(`</${tag}`, contentStart);
    const contentEnd = close < 0 ? host.length : close;
    blocks.push({ tag, attributes, start, contentStart, contentEnd });
    const end = host.indexOf('>', contentEnd);
    at = end < 0 ? host.length : end + 1;
    BLOCK.lastIndex = at;
  }
  markup(host.length);
  return { blocks, template };
}

class SvelteWriter {
  /** Names of stores: `store` of `$store`, as far as something of that name may be declared. */
  private readonly stores: Set<string>;

  constructor(
    private readonly host: string,
    private readonly out: ScriptText,
    private readonly language: ScriptLanguage,
  ) {
    this.stores = new Set([...host.matchAll(STORE)].map(([, name]) => name));
    for (const rune of RUNES) this.stores.delete(rune);
  }

  write(shared: HostBlock | undefined, instance: HostBlock | undefined, template: readonly MarkupNode[]): void {
    const { host, out, language } = this;
    const read = (block: HostBlock | undefined): Block | undefined =>
      block === undefined ? undefined : parseBlock(host, block.contentStart, block.contentEnd, language);
    const module = read(shared);
    const block = read(instance);
    if (module !== undefined) out.copy(module.from, module.to).add('\n', module.to);
    const imports = block?.statements.filter((statement) => ts.isImportDeclaration(statement)) ?? [];
    if (block !== undefined) {
      for (const statement of imports) {
        const [start, end] = spanOf(host, block, statement);
        out.copy(start, end).add('\n', end);
      }
    }
    const [from, to] = instance === undefined ? [0, 0] : [instance.start, instance.contentStart];
    const outside = new Set([...declaredNames(imports).keys(), ...declaredNames(module?.statements ?? []).keys()]);
    out.add(`${componentHead(outside.has('component'))}const $$restProps = $$props;\n`, from, to);
    for (const name of outside) this.subscribe(name, from, to);
    if (block !== undefined) this.instance(block, from, to);
    out.add(';\n', to);
    writeSvelteTemplate(out, template, language);
    out.add('}\n', host.length);
  }

  /** `$name` is what the store holds. */
  private subscribe(name: string, from: number, to: number): void {
    if (this.stores.has(name)) this.out.add(`let $${name} = $$svelte.get(${name});\n`, from, to);
  }

  private instance(block: Block, from: number, to: number): void {
    const { host, out } = this;
    const declared = declaredNames(block.statements);
    const implicit = new Set(block.statements.flatMap(assignedByReaction).filter((name) => !declared.has(name)));
    if (implicit.size > 0) out.add(`let ${[...implicit].join(', ')};\n`, from, to);
    for (const statement of block.statements) {
      if (ts.isImportDeclaration(statement)) continue;
      const [start, end] = spanOf(host, block, statement);
      this.statement(block, statement, start, end);
      out.add('\n', end);
      for (const name of declaredNames([statement]).keys()) this.subscribe(name, start, end);
    }
  }

  private statement(block: Block, statement: ts.Statement, start: number, end: number): void {
    const { out } = this;
    if (ts.isExportDeclaration(statement)) {
      this.exportedNames(block, statement);
      return;
    }
    let at = start;
    let isExported = false;
    if (ts.canHaveModifiers(statement)) {
      for (const modifier of statement.modifiers ?? []) {
        if (modifier.kind !== ts.SyntaxKind.ExportKeyword) continue;
        at = block.from + modifier.end;
        isExported = true;
      }
    }
    if (ts.isVariableStatement(statement)) {
      const { declarationList } = statement;
      const isConstant = (declarationList.flags & ts.NodeFlags.Const) !== 0;
      for (const declaration of declarationList.declarations) {
        at = this.declaration(block, declaration, at, isExported && !isConstant);
      }
    }
    out.copy(at, end);
  }

  /** One variable. Gives where the rest of its statement begins. */
  private declaration(
    block: Block,
    { name, initializer, end }: ts.VariableDeclaration,
    from: number,
    isProperty: boolean,
  ): number {
    const { out, host } = this;
    if (initializer === undefined) {
      if (!isProperty || !ts.isIdentifier(name)) return from;
      out.copy(from, block.from + end).add(` = $$props.${name.text}`, ...spanOf(host, block, name));
      return block.from + end;
    }
    const [start, initializerEnd] = spanOf(host, block, initializer);
    if (isProperty && ts.isIdentifier(name)) {
      out.copy(from, start).add(`$$props.${name.text} ?? (`, ...spanOf(host, block, name));
      out.copy(start, initializerEnd).add(')', initializerEnd);
      return initializerEnd;
    }
    if (!ts.isCallExpression(initializer) || !ts.isIdentifier(initializer.expression)) return from;
    if (initializer.expression.text !== '$props') return from;
    out.copy(from, start).add('$$props', start, initializerEnd);
    return initializerEnd;
  }

  /** `export { className as class }` */
  private exportedNames(block: Block, { exportClause, moduleSpecifier }: ts.ExportDeclaration): void {
    if (moduleSpecifier !== undefined || exportClause === undefined || !ts.isNamedExports(exportClause)) return;
    for (const element of exportClause.elements) {
      const { name, propertyName } = element;
      const local = (propertyName ?? name).text;
      this.out.add(`${local} = $$props[${JSON.stringify(name.text)}];\n`, ...spanOf(this.host, block, element));
    }
  }
}

/** Names that `$: name = …` declares by assigning them. */
function assignedByReaction(statement: ts.Statement): string[] {
  if (!ts.isLabeledStatement(statement) || statement.label.text !== '$') return [];
  const { statement: body } = statement;
  if (!ts.isExpressionStatement(body)) return [];
  let { expression } = body;
  while (ts.isParenthesizedExpression(expression)) expression = expression.expression;
  if (!ts.isBinaryExpression(expression) || expression.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return [];
  return assignedNames(expression.left);
}

function assignedNames(target: ts.Node): string[] {
  if (ts.isIdentifier(target)) return [target.text];
  if (ts.isShorthandPropertyAssignment(target)) return [target.name.text];
  if (ts.isPropertyAssignment(target)) return assignedNames(target.initializer);
  if (ts.isSpreadElement(target) || ts.isSpreadAssignment(target)) return assignedNames(target.expression);
  if (ts.isObjectLiteralExpression(target)) return target.properties.flatMap(assignedNames);
  if (ts.isArrayLiteralExpression(target)) return target.elements.flatMap(assignedNames);
  if (ts.isBinaryExpression(target)) return assignedNames(target.left);
  return [];
}

/**
 * A Vue component as a script. What it exports is a function of its properties, which its parents' templates call:
 * with `<script setup>` the block and then the template, otherwise an instance of a class that the options are the
 * members of (`vueOptions.ts`).
 */
import ts from 'typescript';
import { attributeOf, parseMarkup, textOfAttribute, type Attribute } from './markup';
import { ScriptText } from './scriptText';
import { componentHead, declaredNames, parseBlock, spanOf, type Block, type ScriptLanguage } from './snippets';
import { MARKUP, languageOf, vueBlocks, type Component, type HostBlock } from './vueBlocks';
import { eventCalls, handlerOf } from './vueEvents';
import { member } from './templateCode';
import { aliasOf, isComponentTag, setupRule } from './vueNames';
import { writeClassComponent } from './vueClass';
import { defaultOptions, writeOptions } from './vueOptions';
import { writeVueTemplate } from './vueTemplate';

export function vueScript(host: string): { readonly out: ScriptText; readonly language: ScriptLanguage } {
  const blocks = vueBlocks(host);
  const language = languageOf(host, blocks);
  const scripts = blocks.filter(({ tag }) => tag === 'script');
  const setup = scripts.find(({ attributes }) => attributeOf(attributes, 'setup') !== undefined);
  const plain = scripts.find((block) => block !== setup);
  const markup = blocks.find(({ tag, attributes }) => tag === 'template' && isHtml(host, attributes));
  const template = markup === undefined ? [] : parseMarkup(host, markup.contentStart, markup.contentEnd, MARKUP);
  const text = markup === undefined ? '' : host.slice(markup.contentStart, markup.contentEnd);
  const words = new Set(text.match(/[\w$]+/g));
  const out = new ScriptText(host);
  const component: Component = { host, out, language, template, words };
  if (setup !== undefined) writeSetup(component, setup, plain);
  else if (plain !== undefined) writePlain(component, plain);
  else if (markup !== undefined) {
    out.add(componentHead(false), markup.start, markup.contentStart);
    writeVueTemplate(out, template, { language, rule: setupRule(new Map()), componentOf: () => undefined });
    out.add('}\n', markup.contentEnd);
  }
  return { out, language };
}

function isHtml(host: string, attributes: readonly Attribute[]): boolean {
  const language = textOfAttribute(host, attributes, 'lang') ?? 'html';
  return language === 'html' && attributeOf(attributes, 'src') === undefined;
}

function writePlain(component: Component, script: HostBlock): void {
  const { host, out, language } = component;
  const source = textOfAttribute(host, script.attributes, 'src');
  if (source !== undefined) {
    out.add(`export { default } from ${JSON.stringify(source)};\n`, script.start, script.contentStart);
    return;
  }
  const block = parseBlock(host, script.contentStart, script.contentEnd, language);
  const found = defaultOptions(block);
  if (found === undefined) {
    if (!writeClassComponent(component, block, script)) out.copy(block.from, block.to);
    return;
  }
  const [start, end] = spanOf(host, block, found.statement);
  out.copy(block.from, start);
  writeOptions(component, block, found, script);
  out.copy(end, block.to);
}

function writeSetup(component: Component, setup: HostBlock, plain: HostBlock | undefined): void {
  const { host, out, language, template, words } = component;
  const block = parseBlock(host, setup.contentStart, setup.contentEnd, language);
  const bindings = declaredNames(block.statements);
  if (plain !== undefined) {
    const beside = parseBlock(host, plain.contentStart, plain.contentEnd, language);
    for (const [name, binding] of declaredNames(beside.statements))
      if (!bindings.has(name)) bindings.set(name, binding);
    writeWithoutDefault(out, beside);
  }
  for (const statement of block.statements) if (ts.isImportDeclaration(statement)) copyLine(out, block, statement);
  const emit = emitterOf(block);
  if (emit !== undefined) out.rewrite(eventCalls(emit, 'g'), (match) => `$$props${member(handlerOf(match[2]))}(`);
  const isAsync = /\bawait\b/.test(host.slice(block.from, block.to));
  out.add(componentHead(bindings.has('component'), isAsync), setup.start, setup.contentStart);
  for (const statement of block.statements) {
    if (!ts.isImportDeclaration(statement)) copyWithMacros(out, block, statement);
  }
  // A function of its own, so that it sees what handlers, which stand in it, do to references later.
  out.add(';(() => {\n', setup.start, setup.contentStart);
  for (const [name, binding] of bindings) {
    if (binding === 'plain' || !words.has(name)) continue;
    out.add(`const ${aliasOf(name)} = $$ref ? ${name}.value : ${name};\n`, setup.start, setup.contentStart);
  }
  const known = new Map([...bindings.keys()].map((name) => [name.toLowerCase(), name]));
  writeVueTemplate(out, template, {
    language,
    rule: setupRule(bindings),
    componentOf: (tag) => {
      const name = bindings.has(tag) ? tag : known.get(tag.replaceAll('-', '').toLowerCase());
      return name !== undefined && isComponentTag(tag) ? name : undefined;
    },
  });
  out.add('})();\n}\n', setup.contentEnd);
}

function copyLine(out: ScriptText, block: Block, node: ts.Node): void {
  const [start, end] = spanOf(out.host, block, node);
  out.copy(start, end).add('\n', end);
}

/** The variable that holds `defineEmits()`. */
function emitterOf({ statements }: Block): string | undefined {
  for (const statement of statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, initializer } of statement.declarationList.declarations) {
      if (initializer === undefined || !ts.isIdentifier(name) || !ts.isCallExpression(initializer)) continue;
      if (ts.isIdentifier(initializer.expression) && initializer.expression.text === 'defineEmits') return name.text;
    }
  }
  return undefined;
}

/** A block beside `<script setup>`: what it exports by default are options, of which nothing is made here. */
function writeWithoutDefault(out: ScriptText, block: Block): void {
  let at = block.from;
  for (const statement of block.statements) {
    if (!ts.isExportAssignment(statement)) continue;
    const [start, end] = spanOf(out.host, block, statement);
    const [value] = spanOf(out.host, block, statement.expression);
    out.copy(at, start).add('const $$options = ', start, value).copy(value, end);
    at = end;
  }
  out.copy(at, block.to).add('\n', block.to);
}

/** What the compiler puts in place of its macros. */
function copyWithMacros(out: ScriptText, block: Block, statement: ts.Statement): void {
  const macros: { readonly node: ts.Node; readonly text: string }[] = [];
  const look = (node: ts.Expression | undefined): void => {
    if (node === undefined || !ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return;
    const { text } = node.expression;
    if (text === 'defineProps' || text === 'withDefaults') macros.push({ node, text: '$$props' });
    else if (text === 'defineModel') {
      const [name] = node.arguments as readonly (ts.Expression | undefined)[];
      const key = name !== undefined && ts.isStringLiteral(name) ? name.text : 'modelValue';
      macros.push({ node, text: `({ value: $$props[${JSON.stringify(key)}] })` });
    }
  };
  if (ts.isVariableStatement(statement)) {
    for (const { initializer } of statement.declarationList.declarations) look(initializer);
  } else if (ts.isExpressionStatement(statement)) look(statement.expression);
  const [start, end] = spanOf(out.host, block, statement);
  let at = start;
  // Only types may be exported here, and types say nothing.
  if (ts.canHaveModifiers(statement)) {
    for (const modifier of statement.modifiers ?? []) {
      if (modifier.kind === ts.SyntaxKind.ExportKeyword) at = block.from + modifier.end;
    }
  }
  for (const { node, text } of macros) {
    const [from, to] = spanOf(out.host, block, node);
    out.copy(at, from).add(text, from, to);
    at = to;
  }
  out.copy(at, end).add('\n', end);
}

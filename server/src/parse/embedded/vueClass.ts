/**
 * A Vue component that is written as a class: its template is one more method, and whoever uses the component makes an
 * instance. Decorated fields without a value are properties.
 */
import ts from 'typescript';
import { tokenStart } from '../javascript/position';
import { componentHead, declaredNames, spanOf, type Block } from './snippets';
import { member } from './templateCode';
import type { Component, HostBlock } from './vueBlocks';
import { componentFinder } from './vueNames';
import { componentsOf, memberRule, providedNames } from './vueOptions';
import { writeVueTemplate } from './vueTemplate';

/** False, and nothing written, where the block exports no class by default. */
export function writeClassComponent(component: Component, block: Block, script: HostBlock): boolean {
  const { out, host, template, language } = component;
  const declared = block.statements.find(
    (statement): statement is ts.ClassDeclaration => ts.isClassDeclaration(statement) && isDefault(statement),
  );
  if (declared === undefined) return false;
  const [, end] = spanOf(host, block, declared);
  let at = block.from;
  for (const modifier of declared.modifiers ?? []) {
    if (modifier.kind !== ts.SyntaxKind.ExportKeyword && modifier.kind !== ts.SyntaxKind.DefaultKeyword) continue;
    const [from, to] = spanOf(host, block, modifier);
    out.copy(at, from);
    at = to;
  }
  const name = declared.name?.text ?? '$$Class';
  if (declared.name === undefined) {
    const behindKeyword = tokenStart(host, at) + 'class'.length;
    out.copy(at, behindKeyword).add(` ${name}`, behindKeyword);
    at = behindKeyword;
  }
  out.copy(at, end - 1).add('\n$$render() {\n', end - 1);
  const componentOf = componentFinder(namedComponents(declared));
  writeVueTemplate(out, template, { language, rule: memberRule, componentOf });
  out.add('}\n', end - 1).copy(end - 1, end);
  const isTaken = declaredNames(block.statements).has('component');
  out.add(`\n${componentHead(isTaken)}const $$this = new ${name}();\n`, script.start, script.contentStart);
  for (const provided of providedNames(component, block))
    out.add(`$$this.${provided} = $$vue.${provided};\n`, script.start, script.contentStart);
  for (const field of declared.members) {
    if (!isProperty(field)) continue;
    out.add(
      `$$this${member(field.name.text)} = $$props${member(field.name.text)};\n`,
      ...spanOf(host, block, field.name),
    );
  }
  out.add('$$this.$$render();\n}\n', script.start, script.contentStart).copy(end, block.to);
  return true;
}

function isDefault({ modifiers }: ts.ClassDeclaration): boolean {
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword) === true;
}

function isProperty(field: ts.ClassElement): field is ts.PropertyDeclaration & { readonly name: ts.Identifier } {
  if (!ts.isPropertyDeclaration(field) || field.initializer !== undefined || !ts.isIdentifier(field.name)) return false;
  return field.modifiers?.some(ts.isDecorator) === true;
}

/** What the options name that a decorator of the class is given. */
function namedComponents({ modifiers }: ts.ClassDeclaration): Map<string, string> {
  for (const decorator of modifiers ?? []) {
    if (!ts.isDecorator(decorator) || !ts.isCallExpression(decorator.expression)) continue;
    const options = decorator.expression.arguments.find(ts.isObjectLiteralExpression);
    if (options !== undefined) return componentsOf(options);
  }
  return new Map();
}

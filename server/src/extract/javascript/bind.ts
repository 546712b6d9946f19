/**
 * The binding pass, before lowering: which names each scope declares, which of them inner functions read or write,
 * and which variables each loop writes. One walk over the tree; names are resolved when a scope closes, so that use
 * before declaration and `var` hoisting need no second look. It iterates along chains that grow to the left, because
 * generated code has them thousands long.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import {
  forEachChild,
  isBlock,
  isExternalModuleReference,
  isForInStatement,
  isForOfStatement,
  isForStatement,
  isIdentifier,
  isNamespaceImport,
  isPropertyAccessExpression,
  isPropertyAssignment,
  isShorthandPropertyAssignment,
  isSpreadAssignment,
  isVariableDeclarationList,
  BLOCK_SCOPED,
  CONST,
} from '../../parse/javascript/syntax';
import { BARE, CONSTANT, DECLARED, IMPORTED, READ, ScopeKind, ScopeTable, VALUED, WRITTEN } from './scopes';
import { steps } from './bindSteps';
import { declaresNames, hasLexicalHead } from './blocks';
import { constantKey, firstIdentifier, isStatic, textOf, THIS, typeRoot, withoutWrappers } from './names';

export interface Bindings {
  /** Names by the node that opens the scope. Named function and class expressions have a scope of their own at their name node, the fields of a class at the class node. */
  readonly scopes: ScopeTable;
  /** Names of variables (of any scope) that a loop may write, property writes included. */
  readonly loopWrites: ReadonlyMap<ts.Node, readonly string[]>;
  /** Names of interfaces, type aliases and type parameters anywhere in the file. */
  readonly typeNames: ReadonlySet<string>;
  /** The file has import or export syntax. */
  readonly hasModuleSyntax: boolean;
}

/** May throw RangeError on nesting so deep that the stack overflows. */
export function bindSourceFile(sourceFile: ts.SourceFile): Bindings {
  const binder = new Binder();
  binder.bindFile(sourceFile);
  return binder;
}

const MODULE_SCOPE: ScopeKind = ScopeKind.Function | ScopeKind.Variables | ScopeKind.This;
const FUNCTION_SCOPE: ScopeKind = MODULE_SCOPE | ScopeKind.Arguments;
const ARROW_SCOPE: ScopeKind = ScopeKind.Function | ScopeKind.Variables;
const FIELDS_SCOPE: ScopeKind = MODULE_SCOPE;
const STATIC_SCOPE: ScopeKind = ScopeKind.Variables | ScopeKind.This;

const NO_NAMES: readonly string[] = [];

/** Its methods are called by the steps in `bindSteps.ts`, one for each kind of node. */
export class Binder implements Bindings {
  readonly scopes = new ScopeTable();
  readonly loopWrites = new Map<ts.Node, readonly string[]>();
  readonly typeNames = new Set<string>();
  hasModuleSyntax = false;
  private readonly writes: string[] = [];
  private loopDepth = 0;

  bindFile(sourceFile: ts.SourceFile): void {
    this.scopes.enter(MODULE_SCOPE);
    this.declareStatements(sourceFile.statements);
    for (const statement of sourceFile.statements) this.visit(statement);
    this.scopes.leave(sourceFile);
  }

  readonly visit = (node: ts.Node): void => {
    let current: ts.Node | undefined = node;
    do {
      // The nodes have hundreds of shapes, so that each look at one costs; hence the kind is taken once.
      const kind: ts.SyntaxKind = current.kind;
      if (kind === Kind.Identifier) {
        this.scopes.noteAt(current as ts.Identifier, READ);
        return;
      }
      if (kind < Kind.FirstNode && kind !== Kind.ThisKeyword) {
        if (kind === Kind.SuperKeyword) this.note(THIS, READ);
        else if (kind === Kind.ExportKeyword) this.hasModuleSyntax = true;
        return;
      }
      current = this.step(current, kind);
    } while (current !== undefined);
  };

  visitAll(nodes: readonly ts.Node[] | undefined): void {
    if (nodes !== undefined) for (const node of nodes) this.visit(node);
  }

  /** Visits a node except for one child, which it returns to go on with. */
  private step(node: ts.Node, kind: ts.SyntaxKind): ts.Node | undefined {
    const step = steps[kind];
    if (step !== undefined) return step(this, node);
    // Types hold no values.
    if (kind < Kind.FirstTypeNode || kind > Kind.LastTypeNode) forEachChild(node, this.visit);
    return undefined;
  }

  // Names

  note(name: string, flags: number): void {
    this.scopes.note(name, flags);
  }

  noteAt(name: ts.Identifier, flags: number): void {
    this.scopes.noteAt(name, flags);
  }

  private write(name: string): void {
    if (this.loopDepth > 0) this.writes.push(name);
  }

  private declareStatements(statements: readonly ts.Statement[]): void {
    for (const statement of statements) {
      switch (statement.kind) {
        case Kind.VariableStatement:
          this.declareList((statement as ts.VariableStatement).declarationList, true);
          break;
        case Kind.FunctionDeclaration: {
          const { name } = statement as ts.FunctionDeclaration;
          if (name !== undefined) {
            // Declared for the whole function, as sloppy mode does: a block's function is often used after it.
            this.scopes.hoistAt(name);
            this.noteAt(name, VALUED);
            this.write(name.escapedText as string);
          }
          break;
        }
        case Kind.ClassDeclaration: {
          const { name } = statement as ts.ClassDeclaration;
          if (name !== undefined) this.note(name.escapedText as string, DECLARED);
          break;
        }
        case Kind.EnumDeclaration:
          this.note((statement as ts.EnumDeclaration).name.escapedText as string, DECLARED);
          break;
        case Kind.ModuleDeclaration: {
          const { name } = statement as ts.ModuleDeclaration;
          if (isIdentifier(name) && name.escapedText !== '__global') {
            this.note(name.escapedText as string, DECLARED);
          }
          break;
        }
        case Kind.ImportDeclaration:
          this.declareImport((statement as ts.ImportDeclaration).importClause);
          break;
        case Kind.ImportEqualsDeclaration: {
          const { name, moduleReference } = statement as ts.ImportEqualsDeclaration;
          const flags = isExternalModuleReference(moduleReference) ? DECLARED | IMPORTED : DECLARED;
          this.note(name.escapedText as string, flags);
          break;
        }
        default:
          break;
      }
    }
  }

  private declareImport(clause: ts.ImportClause | undefined): void {
    if (clause === undefined) return;
    if (clause.name !== undefined) this.note(clause.name.escapedText as string, DECLARED | IMPORTED);
    const bindings = clause.namedBindings;
    if (bindings === undefined) return;
    if (isNamespaceImport(bindings)) this.note(bindings.name.escapedText as string, DECLARED | IMPORTED);
    else for (const { name } of bindings.elements) this.note(name.escapedText as string, DECLARED | IMPORTED);
  }

  /** `let` and `const` are declared when their block opens (`hoisting`), `var` where it stands. */
  declareList(list: ts.VariableDeclarationList, hoisting: boolean): void {
    const lexical = (list.flags & BLOCK_SCOPED) !== 0;
    if (hoisting !== lexical) return;
    const constant = (list.flags & BLOCK_SCOPED) === CONST;
    for (const { name, initializer } of list.declarations) {
      this.declareBinding(name, lexical ? (constant ? DECLARED | CONSTANT : DECLARED) : 0);
      if (name.kind === Kind.Identifier) this.noteAt(name, initializer === undefined ? BARE : VALUED);
      if (!lexical && this.loopDepth > 0) this.writeBinding(name);
    }
  }

  /** Without flags the names are those of a `var`. */
  declareBinding(name: ts.BindingName, flags: number): void {
    if (name.kind === Kind.Identifier) {
      if (flags === 0) this.scopes.hoistAt(name);
      else this.noteAt(name, flags);
      return;
    }
    for (const element of name.elements) {
      if (element.kind === Kind.BindingElement) this.declareBinding(element.name, flags);
    }
  }

  private writeBinding(name: ts.BindingName): void {
    if (name.kind === Kind.Identifier) {
      this.write(name.escapedText as string);
      return;
    }
    for (const element of name.elements) {
      if (element.kind === Kind.BindingElement) this.writeBinding(element.name);
    }
  }

  /** The expressions inside a binding pattern: defaults and computed names. */
  visitBinding(name: ts.BindingName): void {
    if (name.kind === Kind.Identifier) return;
    for (const element of name.elements) {
      if (element.kind !== Kind.BindingElement) continue;
      if (element.propertyName !== undefined) this.visitName(element.propertyName);
      this.visitBinding(element.name);
      if (element.initializer !== undefined) this.visit(element.initializer);
    }
  }

  visitName(name: ts.PropertyName): void {
    if (name.kind === Kind.ComputedPropertyName) this.visit(name.expression);
  }

  typeReference(type: ts.TypeNode | undefined): void {
    if (type === undefined) return;
    const root = typeRoot(type);
    if (root === undefined || typeof root === 'string' || root.kind === Kind.ImportType) return;
    this.note(firstIdentifier(root).escapedText as string, READ);
  }

  // Assignments

  binary(node: ts.BinaryExpression): ts.Node {
    const operator = node.operatorToken.kind;
    if (operator >= Kind.FirstAssignment && operator <= Kind.LastAssignment) this.target(node.left);
    this.visit(node.right);
    return node.left;
  }

  /** What an assignment to `node` writes; the expressions inside are visited elsewhere. */
  target(node: ts.Expression): void {
    const target = withoutWrappers(node);
    switch (target.kind) {
      case Kind.Identifier:
        this.noteAt(target as ts.Identifier, WRITTEN);
        this.write((target as ts.Identifier).escapedText as string);
        break;
      case Kind.PropertyAccessExpression:
      case Kind.ElementAccessExpression:
        this.propertyTarget(target as ts.PropertyAccessExpression);
        break;
      case Kind.ArrayLiteralExpression:
        for (const element of (target as ts.ArrayLiteralExpression).elements) this.target(element);
        break;
      case Kind.ObjectLiteralExpression:
        for (const property of (target as ts.ObjectLiteralExpression).properties) {
          if (isPropertyAssignment(property)) this.target(property.initializer);
          else if (isShorthandPropertyAssignment(property)) this.target(property.name);
          else if (isSpreadAssignment(property)) this.target(property.expression);
        }
        break;
      case Kind.SpreadElement:
        this.target((target as ts.SpreadElement).expression);
        break;
      case Kind.BinaryExpression:
        this.target((target as ts.BinaryExpression).left);
        break;
      default:
        break;
    }
  }

  private propertyTarget(target: ts.PropertyAccessExpression | ts.ElementAccessExpression): void {
    let base: ts.Expression = withoutWrappers(target.expression);
    if (
      base.kind === Kind.Identifier &&
      (base as ts.Identifier).escapedText === 'module' &&
      (isPropertyAccessExpression(target) ? textOf(target.name) : constantKey(target.argumentExpression)) === 'exports'
    ) {
      this.note('module', WRITTEN);
    }
    while (base.kind === Kind.PropertyAccessExpression || base.kind === Kind.ElementAccessExpression) {
      base = withoutWrappers((base as ts.PropertyAccessExpression).expression);
    }
    if (base.kind === Kind.Identifier) this.write((base as ts.Identifier).escapedText as string);
    else if (base.kind === Kind.ThisKeyword) this.write(THIS);
  }

  // Scopes

  block(node: ts.Node, statements: readonly ts.Statement[]): void {
    const hasNames = declaresNames(statements);
    if (hasNames) this.scopes.enter(ScopeKind.Block);
    this.declareStatements(statements);
    for (const statement of statements) this.visit(statement);
    if (hasNames) this.scopes.leave(node);
  }

  caseBlock(node: ts.CaseBlock): void {
    this.scopes.enter(ScopeKind.Block);
    for (const clause of node.clauses) this.declareStatements(clause.statements);
    for (const clause of node.clauses) {
      if (clause.kind === Kind.CaseClause) this.visit(clause.expression);
      this.visitAll(clause.statements);
    }
    this.scopes.leave(node);
  }

  loop(node: ts.IterationStatement): void {
    const hasNames = hasLexicalHead(node);
    if (hasNames) this.scopes.enter(ScopeKind.Block);
    const from = this.writes.length;
    this.loopDepth++;
    if (isForStatement(node)) {
      this.forHead(node.initializer);
      if (node.condition !== undefined) this.visit(node.condition);
      if (node.incrementor !== undefined) this.visit(node.incrementor);
    } else if (isForInStatement(node) || isForOfStatement(node)) {
      this.forHead(node.initializer);
      if (!isVariableDeclarationList(node.initializer)) this.target(node.initializer);
      this.visit(node.expression);
    } else {
      this.visit((node as ts.WhileStatement).expression);
    }
    this.visit(node.statement);
    this.loopDepth--;
    const written = this.writes.length === from ? NO_NAMES : [...new Set(this.writes.slice(from))];
    if (written.length > 0) this.loopWrites.set(node, written);
    if (this.loopDepth === 0 && this.writes.length > from) this.writes.length = from;
    if (hasNames) this.scopes.leave(node);
  }

  private forHead(initializer: ts.ForInitializer | undefined): void {
    if (initializer === undefined) return;
    if (isVariableDeclarationList(initializer)) this.declareList(initializer, true);
    this.visit(initializer);
  }

  functionLike(node: ts.FunctionLikeDeclaration): void {
    if (node.name !== undefined && node.kind !== Kind.FunctionDeclaration) {
      if (node.kind === Kind.FunctionExpression) {
        this.scopes.enter(ScopeKind.Block);
        this.note(node.name.escapedText as string, DECLARED);
      } else this.visitName(node.name);
    }
    if (node.modifiers !== undefined) this.visitAll(node.modifiers);
    const isArrow = node.kind === Kind.ArrowFunction;
    const depth = this.loopDepth;
    this.loopDepth = 0;
    this.scopes.enter(isArrow ? ARROW_SCOPE : FUNCTION_SCOPE);
    this.typeParameters(node.typeParameters);
    for (const parameter of node.parameters) {
      // Decorators of a parameter are applied where the function begins.
      if (parameter.modifiers !== undefined) this.visitAll(parameter.modifiers);
      this.declareBinding(parameter.name, DECLARED | VALUED);
      this.typeReference(parameter.type);
      this.visitBinding(parameter.name);
      if (parameter.initializer !== undefined) this.visit(parameter.initializer);
    }
    if (node.kind === Kind.Constructor) this.note(THIS, READ);
    const { body } = node;
    if (body !== undefined) {
      if (isBlock(body)) {
        this.declareStatements(body.statements);
        for (const statement of body.statements) this.visit(statement);
      } else this.visit(body);
    }
    this.scopes.leave(node);
    this.loopDepth = depth;
    if (node.kind === Kind.FunctionExpression && node.name !== undefined) this.scopes.leave(node.name);
  }

  private typeParameters(parameters: readonly ts.TypeParameterDeclaration[] | undefined): void {
    if (parameters !== undefined) for (const { name } of parameters) this.typeNames.add(name.escapedText as string);
  }

  classLike(node: ts.ClassLikeDeclaration): void {
    if (node.modifiers !== undefined) this.visitAll(node.modifiers);
    const hasOwnName = node.kind === Kind.ClassExpression && node.name !== undefined;
    if (hasOwnName) {
      this.scopes.enter(ScopeKind.Block);
      this.note(node.name.escapedText as string, DECLARED);
    }
    this.typeParameters(node.typeParameters);
    for (const clause of node.heritageClauses ?? []) {
      if (clause.token === Kind.ExtendsKeyword) for (const type of clause.types) this.visit(type.expression);
    }
    const depth = this.loopDepth;
    this.loopDepth = 0;
    for (const member of node.members) this.classMember(member);
    // Instance fields run in the constructor: for the names they use they are one more function.
    this.scopes.enter(FIELDS_SCOPE);
    for (const member of node.members) {
      if (member.kind !== Kind.PropertyDeclaration) continue;
      const { initializer, modifiers, type } = member as ts.PropertyDeclaration;
      if (isStatic(modifiers)) continue;
      this.typeReference(type);
      if (initializer !== undefined) this.visit(initializer);
    }
    this.scopes.leave(node);
    this.loopDepth = depth;
    if (hasOwnName) this.scopes.leave(node.name);
  }

  /** A member, except for the values of instance fields. */
  private classMember(member: ts.ClassElement): void {
    if (member.kind === Kind.ClassStaticBlockDeclaration) {
      this.scopes.enter(STATIC_SCOPE);
      this.declareStatements((member as ts.ClassStaticBlockDeclaration).body.statements);
      this.visitAll((member as ts.ClassStaticBlockDeclaration).body.statements);
      this.scopes.leave(member);
    } else if (member.kind === Kind.PropertyDeclaration) {
      const { name, initializer, modifiers } = member as ts.PropertyDeclaration;
      this.visitName(name);
      this.visitAll(modifiers);
      if (initializer === undefined || !isStatic(modifiers)) return;
      this.scopes.enter(STATIC_SCOPE);
      this.visit(initializer);
      this.scopes.leave(member);
    } else if (member.kind !== Kind.IndexSignature) this.visit(member);
  }

  moduleDeclaration(node: ts.ModuleDeclaration): ts.Node | undefined {
    if (node.modifiers !== undefined) this.visitAll(node.modifiers);
    if (node.body === undefined) return undefined;
    if (isIdentifier(node.name)) this.note(node.name.escapedText as string, WRITTEN);
    this.scopes.enter(ScopeKind.Variables);
    if (node.body.kind === Kind.ModuleDeclaration) {
      this.note(node.body.name.escapedText as string, DECLARED);
    }
    this.visit(node.body);
    this.scopes.leave(node);
    return undefined;
  }
}

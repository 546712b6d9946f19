/**
 * Directives: texts that stand alone at the beginning of a function or module and tell a tool what it is (`'use server'`). They are
 * taken as calls, `@directive["use server"](f)`, so that models can say what they mean. The language's own say nothing about values.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import { isStringLiteral } from '../../parse/javascript/syntax';
import { NONE, Op, type NodeId } from '../../model/graph';
import type { Lowering } from './lowering';

const OF_THE_LANGUAGE = new Set(['use strict', 'use asm']);

/** Applies the directives that code begins with to the value that it is: a function, or what a module exports. */
export function applyDirectives(cx: Lowering, statements: readonly ts.Statement[], value: NodeId): void {
  for (const statement of statements) {
    if (statement.kind !== Kind.ExpressionStatement) return;
    const { expression } = statement as ts.ExpressionStatement;
    if (!isStringLiteral(expression)) return;
    const { text, pos, end } = expression;
    if (OF_THE_LANGUAGE.has(text)) continue;
    const { fn } = cx;
    const start = cx.start(pos);
    const directive = fn.load(fn.emit0(Op.Global, cx.intern('@directive'), start, end), cx.intern(text), start, end);
    fn.emit3(Op.Call, 0, directive, NONE, value, start, end);
  }
}

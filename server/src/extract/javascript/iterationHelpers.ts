/**
 * `for (const x of list)` as compilers write it for old engines: a helper makes an iterator of the list, whose `next` or `n` gives the elements. The helper works with
 * positions that it counts, so nothing would follow from its code; it is lowered as a call of the global `@iterate`, of which models say what it does.
 */
import type ts from 'typescript';
import { isIdentifier } from '../../parse/javascript/syntax';
import { NONE, Op, type NodeId } from '../../model/graph';
import type { Lowering } from './lowering';
import { textOf } from './names';

const HELPERS = /^(?:__values|_createForOfIteratorHelper\d*)$/;

/** The iterator that a helper makes; undefined for other calls. */
export function lowerIterationHelper(cx: Lowering, node: ts.CallExpression, start: number): NodeId | undefined {
  const { expression, arguments: args, end } = node;
  if (args.length === 0 || args.length > 2 || !isIdentifier(expression) || !HELPERS.test(textOf(expression)))
    return undefined;
  const { fn } = cx;
  const iterate = fn.emit0(Op.Global, cx.intern('@iterate'), start, expression.end);
  return fn.emit3(Op.Call, 0, iterate, NONE, cx.expression(args[0]), start, end);
}

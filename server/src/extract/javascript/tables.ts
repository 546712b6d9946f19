/**
 * The dispatch tables: for every kind of expression and statement the function that lowers it. Both are total over
 * the kinds of `kinds.ts`, so a missing row does not compile.
 */
import type ts from 'typescript';
import * as Kind from '../../parse/javascript/syntaxKind';
import type { NodeId } from '../../model/graph';
import { lowerAssignment, lowerUpdate } from './assignments';
import { lowerChain, lowerNew, lowerSpread, lowerSuperValue } from './chains';
import { lowerClassDeclaration, lowerClassExpression } from './classes';
import { lowerConditional, lowerLogical } from './conditions';
import { lowerEnum, lowerNamespace } from './declarations';
import { lowerAnonymousDefault, lowerExportAssignment, lowerExportDeclaration, noteExports } from './exports';
import { lowerFunctionExpression } from './functions';
import { lowerImportEquals } from './imports';
import { lowerJsxElement, lowerJsxExpression, lowerJsxFragment, lowerJsxSelfClosing } from './jsx';
import type { ExpressionKind, NodeOfKind, StatementKind } from './kinds';
import {
  lowerArray,
  lowerConstant,
  lowerKeyword,
  lowerObject,
  lowerRegex,
  lowerStringLiteral,
  lowerTemplate,
} from './literals';
import { lowerDo, lowerFor, lowerForIn, lowerForOf, lowerWhile } from './loops';
import type { LowerExpression, LowerStatement, Lowering, Tables } from './lowering';
import { lowerAwait, lowerComma, lowerOperators, lowerUnary } from './operators';
import {
  lowerBlock,
  lowerBreak,
  lowerContinue,
  lowerExpressionStatement,
  lowerIf,
  lowerLabeled,
  lowerNothing,
  lowerReturn,
  lowerSwitch,
  lowerThrow,
  lowerTry,
  lowerVariableStatement,
  lowerWith,
} from './statements';
import { lowerAs } from './types';
import {
  lowerCommaList,
  lowerIdentifier,
  lowerMetaProperty,
  lowerPrivateIdentifier,
  lowerThis,
  lowerUndefined,
  lowerWrapped,
  lowerYield,
} from './values';

type ExpressionTable = { readonly [K in ExpressionKind]: (cx: Lowering, node: NodeOfKind<K>) => NodeId };
type StatementTable = { readonly [K in StatementKind]: (cx: Lowering, node: NodeOfKind<K>) => void };

const operandExpression = (node: ts.DeleteExpression | ts.TypeOfExpression | ts.VoidExpression): ts.Expression =>
  node.expression;
const prefixOperand = (node: ts.PrefixUnaryExpression): ts.Expression => node.operand;
const lowerPlus = lowerUnary('+', prefixOperand);
const lowerMinus = lowerUnary('-', prefixOperand);
const lowerComplement = lowerUnary('~', prefixOperand);
const lowerNot = lowerUnary('!', prefixOperand);

const expressions: ExpressionTable = {
  [Kind.NumericLiteral]: lowerConstant,
  [Kind.BigIntLiteral]: lowerConstant,
  [Kind.StringLiteral]: lowerStringLiteral,
  [Kind.NoSubstitutionTemplateLiteral]: lowerStringLiteral,
  [Kind.RegularExpressionLiteral]: lowerRegex,
  [Kind.Identifier]: lowerIdentifier,
  [Kind.PrivateIdentifier]: lowerPrivateIdentifier,
  [Kind.FalseKeyword]: lowerKeyword('false'),
  [Kind.TrueKeyword]: lowerKeyword('true'),
  [Kind.NullKeyword]: lowerKeyword('null'),
  [Kind.SuperKeyword]: lowerSuperValue,
  [Kind.ThisKeyword]: lowerThis,
  [Kind.ArrayLiteralExpression]: lowerArray,
  [Kind.ObjectLiteralExpression]: lowerObject,
  [Kind.PropertyAccessExpression]: lowerChain,
  [Kind.ElementAccessExpression]: lowerChain,
  [Kind.CallExpression]: lowerChain,
  [Kind.TaggedTemplateExpression]: lowerChain,
  [Kind.NonNullExpression]: lowerChain,
  [Kind.NewExpression]: lowerNew,
  [Kind.TypeAssertionExpression]: lowerAs,
  [Kind.AsExpression]: lowerAs,
  [Kind.SatisfiesExpression]: lowerAs,
  [Kind.ParenthesizedExpression]: lowerWrapped,
  [Kind.PartiallyEmittedExpression]: lowerWrapped,
  [Kind.ExpressionWithTypeArguments]: lowerWrapped,
  [Kind.FunctionExpression]: lowerFunctionExpression,
  [Kind.ArrowFunction]: lowerFunctionExpression,
  [Kind.ClassExpression]: lowerClassExpression,
  [Kind.DeleteExpression]: lowerUnary('delete', operandExpression),
  [Kind.TypeOfExpression]: lowerUnary('typeof', operandExpression),
  [Kind.VoidExpression]: lowerUnary('void', operandExpression),
  [Kind.AwaitExpression]: lowerAwait,
  [Kind.PrefixUnaryExpression]: lowerPrefix,
  [Kind.PostfixUnaryExpression]: (cx, node) => lowerUpdate(cx, node, false),
  [Kind.BinaryExpression]: lowerBinary,
  [Kind.ConditionalExpression]: lowerConditional,
  [Kind.TemplateExpression]: lowerTemplate,
  [Kind.YieldExpression]: lowerYield,
  [Kind.SpreadElement]: lowerSpread,
  [Kind.OmittedExpression]: lowerUndefined,
  [Kind.MetaProperty]: lowerMetaProperty,
  [Kind.JsxElement]: lowerJsxElement,
  [Kind.JsxSelfClosingElement]: lowerJsxSelfClosing,
  [Kind.JsxFragment]: lowerJsxFragment,
  [Kind.JsxExpression]: lowerJsxExpression,
  // Parts of elements; never lowered by themselves.
  [Kind.JsxOpeningElement]: lowerUndefined,
  [Kind.JsxOpeningFragment]: lowerUndefined,
  [Kind.JsxClosingFragment]: lowerUndefined,
  [Kind.JsxAttributes]: lowerUndefined,
  [Kind.CommaListExpression]: lowerCommaList,
};

const statements: StatementTable = {
  [Kind.Block]: lowerBlock,
  [Kind.ModuleBlock]: lowerNothing,
  [Kind.EmptyStatement]: lowerNothing,
  [Kind.VariableStatement]: exporting(lowerVariableStatement),
  [Kind.ExpressionStatement]: lowerExpressionStatement,
  [Kind.IfStatement]: lowerIf,
  [Kind.DoStatement]: lowerDo,
  [Kind.WhileStatement]: lowerWhile,
  [Kind.ForStatement]: lowerFor,
  [Kind.ForInStatement]: lowerForIn,
  [Kind.ForOfStatement]: lowerForOf,
  [Kind.ContinueStatement]: lowerContinue,
  [Kind.BreakStatement]: lowerBreak,
  [Kind.ReturnStatement]: lowerReturn,
  [Kind.WithStatement]: lowerWith,
  [Kind.SwitchStatement]: lowerSwitch,
  [Kind.LabeledStatement]: lowerLabeled,
  [Kind.ThrowStatement]: lowerThrow,
  [Kind.TryStatement]: lowerTry,
  [Kind.DebuggerStatement]: lowerNothing,
  // Named functions are lowered when their block opens.
  [Kind.FunctionDeclaration]: exporting((cx, node) => {
    if (node.name === undefined && node.body !== undefined) lowerAnonymousDefault(cx, node);
  }),
  [Kind.ClassDeclaration]: exporting((cx, node) => {
    if (node.name === undefined) lowerAnonymousDefault(cx, node);
    else lowerClassDeclaration(cx, node);
  }),
  [Kind.InterfaceDeclaration]: lowerNothing,
  [Kind.TypeAliasDeclaration]: lowerNothing,
  [Kind.EnumDeclaration]: exporting(lowerEnum),
  [Kind.ModuleDeclaration]: exporting(lowerNamespace),
  [Kind.NamespaceExportDeclaration]: lowerNothing,
  [Kind.ImportEqualsDeclaration]: exporting(lowerImportEquals),
  // Imports are declared before the first statement is lowered.
  [Kind.ImportDeclaration]: lowerNothing,
  [Kind.ExportAssignment]: lowerExportAssignment,
  [Kind.ExportDeclaration]: lowerExportDeclaration,
  [Kind.NotEmittedStatement]: lowerNothing,
};

function exporting<N extends ts.Statement>(lower: (cx: Lowering, node: N) => void): (cx: Lowering, node: N) => void {
  return (cx, node) => {
    noteExports(cx, node);
    lower(cx, node);
  };
}

function lowerPrefix(cx: Lowering, node: ts.PrefixUnaryExpression): NodeId {
  switch (node.operator) {
    case Kind.PlusPlusToken:
    case Kind.MinusMinusToken:
      return lowerUpdate(cx, node, true);
    case Kind.PlusToken:
      return lowerPlus(cx, node);
    case Kind.MinusToken:
      return lowerMinus(cx, node);
    case Kind.TildeToken:
      return lowerComplement(cx, node);
    case Kind.ExclamationToken:
      return lowerNot(cx, node);
  }
}

function lowerBinary(cx: Lowering, node: ts.BinaryExpression): NodeId {
  const operator = node.operatorToken.kind;
  switch (operator) {
    case Kind.AmpersandAmpersandToken:
    case Kind.BarBarToken:
    case Kind.QuestionQuestionToken:
      return lowerLogical(cx, node);
    case Kind.CommaToken:
      return lowerComma(cx, node);
    default:
      if (operator >= Kind.FirstAssignment && operator <= Kind.LastAssignment) {
        return lowerAssignment(cx, node);
      }
      return lowerOperators(cx, node);
  }
}

/** The tables as arrays by kind, for speed; the types above vouch that each handler gets its kind of node. */
export const tables: Tables = {
  expressions: byKind<LowerExpression>(expressions as unknown as Readonly<Record<string, LowerExpression>>),
  statements: byKind<LowerStatement>(statements as unknown as Readonly<Record<string, LowerStatement>>),
  identifier: lowerIdentifier,
};

function byKind<F>(table: Readonly<Record<string, F>>): (F | undefined)[] {
  const handlers = new Array<F | undefined>(Kind.Count as number).fill(undefined);
  for (const [kind, handler] of Object.entries(table)) handlers[Number(kind)] = handler;
  return handlers;
}

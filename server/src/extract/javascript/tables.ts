/**
 * The dispatch tables: for every kind of expression and statement the function that lowers it. Both are total over
 * the kinds of `kinds.ts`, so a missing row does not compile.
 */
import ts from 'typescript';
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

const { SyntaxKind } = ts;

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
  [SyntaxKind.NumericLiteral]: lowerConstant,
  [SyntaxKind.BigIntLiteral]: lowerConstant,
  [SyntaxKind.StringLiteral]: lowerStringLiteral,
  [SyntaxKind.NoSubstitutionTemplateLiteral]: lowerStringLiteral,
  [SyntaxKind.RegularExpressionLiteral]: lowerRegex,
  [SyntaxKind.Identifier]: lowerIdentifier,
  [SyntaxKind.PrivateIdentifier]: lowerPrivateIdentifier,
  [SyntaxKind.FalseKeyword]: lowerKeyword('false'),
  [SyntaxKind.TrueKeyword]: lowerKeyword('true'),
  [SyntaxKind.NullKeyword]: lowerKeyword('null'),
  [SyntaxKind.SuperKeyword]: lowerSuperValue,
  [SyntaxKind.ThisKeyword]: lowerThis,
  [SyntaxKind.ArrayLiteralExpression]: lowerArray,
  [SyntaxKind.ObjectLiteralExpression]: lowerObject,
  [SyntaxKind.PropertyAccessExpression]: lowerChain,
  [SyntaxKind.ElementAccessExpression]: lowerChain,
  [SyntaxKind.CallExpression]: lowerChain,
  [SyntaxKind.TaggedTemplateExpression]: lowerChain,
  [SyntaxKind.NonNullExpression]: lowerChain,
  [SyntaxKind.NewExpression]: lowerNew,
  [SyntaxKind.TypeAssertionExpression]: lowerAs,
  [SyntaxKind.AsExpression]: lowerAs,
  [SyntaxKind.SatisfiesExpression]: lowerAs,
  [SyntaxKind.ParenthesizedExpression]: lowerWrapped,
  [SyntaxKind.PartiallyEmittedExpression]: lowerWrapped,
  [SyntaxKind.ExpressionWithTypeArguments]: lowerWrapped,
  [SyntaxKind.FunctionExpression]: lowerFunctionExpression,
  [SyntaxKind.ArrowFunction]: lowerFunctionExpression,
  [SyntaxKind.ClassExpression]: lowerClassExpression,
  [SyntaxKind.DeleteExpression]: lowerUnary('delete', operandExpression),
  [SyntaxKind.TypeOfExpression]: lowerUnary('typeof', operandExpression),
  [SyntaxKind.VoidExpression]: lowerUnary('void', operandExpression),
  [SyntaxKind.AwaitExpression]: lowerAwait,
  [SyntaxKind.PrefixUnaryExpression]: lowerPrefix,
  [SyntaxKind.PostfixUnaryExpression]: (cx, node) => lowerUpdate(cx, node, false),
  [SyntaxKind.BinaryExpression]: lowerBinary,
  [SyntaxKind.ConditionalExpression]: lowerConditional,
  [SyntaxKind.TemplateExpression]: lowerTemplate,
  [SyntaxKind.YieldExpression]: lowerYield,
  [SyntaxKind.SpreadElement]: lowerSpread,
  [SyntaxKind.OmittedExpression]: lowerUndefined,
  [SyntaxKind.MetaProperty]: lowerMetaProperty,
  [SyntaxKind.JsxElement]: lowerJsxElement,
  [SyntaxKind.JsxSelfClosingElement]: lowerJsxSelfClosing,
  [SyntaxKind.JsxFragment]: lowerJsxFragment,
  [SyntaxKind.JsxExpression]: lowerJsxExpression,
  // Parts of elements; never lowered by themselves.
  [SyntaxKind.JsxOpeningElement]: lowerUndefined,
  [SyntaxKind.JsxOpeningFragment]: lowerUndefined,
  [SyntaxKind.JsxClosingFragment]: lowerUndefined,
  [SyntaxKind.JsxAttributes]: lowerUndefined,
  [SyntaxKind.CommaListExpression]: lowerCommaList,
};

const statements: StatementTable = {
  [SyntaxKind.Block]: lowerBlock,
  [SyntaxKind.ModuleBlock]: lowerNothing,
  [SyntaxKind.EmptyStatement]: lowerNothing,
  [SyntaxKind.VariableStatement]: exporting(lowerVariableStatement),
  [SyntaxKind.ExpressionStatement]: lowerExpressionStatement,
  [SyntaxKind.IfStatement]: lowerIf,
  [SyntaxKind.DoStatement]: lowerDo,
  [SyntaxKind.WhileStatement]: lowerWhile,
  [SyntaxKind.ForStatement]: lowerFor,
  [SyntaxKind.ForInStatement]: lowerForIn,
  [SyntaxKind.ForOfStatement]: lowerForOf,
  [SyntaxKind.ContinueStatement]: lowerContinue,
  [SyntaxKind.BreakStatement]: lowerBreak,
  [SyntaxKind.ReturnStatement]: lowerReturn,
  [SyntaxKind.WithStatement]: lowerWith,
  [SyntaxKind.SwitchStatement]: lowerSwitch,
  [SyntaxKind.LabeledStatement]: lowerLabeled,
  [SyntaxKind.ThrowStatement]: lowerThrow,
  [SyntaxKind.TryStatement]: lowerTry,
  [SyntaxKind.DebuggerStatement]: lowerNothing,
  // Named functions are lowered when their block opens.
  [SyntaxKind.FunctionDeclaration]: exporting((cx, node) => {
    if (node.name === undefined && node.body !== undefined) lowerAnonymousDefault(cx, node);
  }),
  [SyntaxKind.ClassDeclaration]: exporting((cx, node) => {
    if (node.name === undefined) lowerAnonymousDefault(cx, node);
    else lowerClassDeclaration(cx, node);
  }),
  [SyntaxKind.InterfaceDeclaration]: lowerNothing,
  [SyntaxKind.TypeAliasDeclaration]: lowerNothing,
  [SyntaxKind.EnumDeclaration]: exporting(lowerEnum),
  [SyntaxKind.ModuleDeclaration]: exporting(lowerNamespace),
  [SyntaxKind.NamespaceExportDeclaration]: lowerNothing,
  [SyntaxKind.ImportEqualsDeclaration]: exporting(lowerImportEquals),
  // Imports are declared before the first statement is lowered.
  [SyntaxKind.ImportDeclaration]: lowerNothing,
  [SyntaxKind.ExportAssignment]: lowerExportAssignment,
  [SyntaxKind.ExportDeclaration]: lowerExportDeclaration,
  [SyntaxKind.NotEmittedStatement]: lowerNothing,
};

function exporting<N extends ts.Statement>(lower: (cx: Lowering, node: N) => void): (cx: Lowering, node: N) => void {
  return (cx, node) => {
    noteExports(cx, node);
    lower(cx, node);
  };
}

function lowerPrefix(cx: Lowering, node: ts.PrefixUnaryExpression): NodeId {
  switch (node.operator) {
    case SyntaxKind.PlusPlusToken:
    case SyntaxKind.MinusMinusToken:
      return lowerUpdate(cx, node, true);
    case SyntaxKind.PlusToken:
      return lowerPlus(cx, node);
    case SyntaxKind.MinusToken:
      return lowerMinus(cx, node);
    case SyntaxKind.TildeToken:
      return lowerComplement(cx, node);
    case SyntaxKind.ExclamationToken:
      return lowerNot(cx, node);
  }
}

function lowerBinary(cx: Lowering, node: ts.BinaryExpression): NodeId {
  const operator = node.operatorToken.kind;
  switch (operator) {
    case SyntaxKind.AmpersandAmpersandToken:
    case SyntaxKind.BarBarToken:
    case SyntaxKind.QuestionQuestionToken:
      return lowerLogical(cx, node);
    case SyntaxKind.CommaToken:
      return lowerComma(cx, node);
    default:
      if (operator >= SyntaxKind.FirstAssignment && operator <= SyntaxKind.LastAssignment) {
        return lowerAssignment(cx, node);
      }
      return lowerOperators(cx, node);
  }
}

/** The tables as arrays by kind, for speed; the types above vouch that each handler gets its kind of node. */
export const tables: Tables = {
  expressions: byKind<LowerExpression>(expressions as unknown as Readonly<Record<string, LowerExpression>>),
  statements: byKind<LowerStatement>(statements as unknown as Readonly<Record<string, LowerStatement>>),
};

function byKind<F>(table: Readonly<Record<string, F>>): (F | undefined)[] {
  const handlers = new Array<F | undefined>(SyntaxKind.Count as number).fill(undefined);
  for (const [kind, handler] of Object.entries(table)) handlers[Number(kind)] = handler;
  return handlers;
}

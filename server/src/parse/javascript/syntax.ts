/**
 * The functions of the TypeScript library that run at many nodes, taken out of its module object once: there each
 * stands behind an accessor.
 */
import ts from 'typescript';

export const {
  canHaveDecorators,
  canHaveModifiers,
  createScanner,
  forEachChild,
  isAccessor,
  isArrayLiteralExpression,
  isAwaitExpression,
  isBinaryExpression,
  isBlock,
  isCallExpression,
  isClassStaticBlockDeclaration,
  isConstructorDeclaration,
  isDecorator,
  isElementAccessExpression,
  isExternalModuleReference,
  isForInStatement,
  isForOfStatement,
  isForStatement,
  isFunctionDeclaration,
  isIdentifier,
  isIfStatement,
  isImportDeclaration,
  isImportEqualsDeclaration,
  isJsxSpreadAttribute,
  isLiteralTypeNode,
  isMethodDeclaration,
  isNamedExports,
  isNamespaceExport,
  isNamespaceImport,
  isNumericLiteral,
  isPropertyAccessExpression,
  isPropertyAssignment,
  isPropertyDeclaration,
  isShorthandPropertyAssignment,
  isSpreadAssignment,
  isSpreadElement,
  isStringLiteral,
  isStringLiteralLike,
  isTemplateExpression,
  isVariableDeclarationList,
  isVariableStatement,
  tokenToString,
} = ts;

/** Flag of optional calls and accesses: `a?.b()`. */
export const OPTIONAL_CHAIN: ts.NodeFlags.OptionalChain = 64;
/** Flags of variable lists: `let`, `const` and `using`; none of them for `var`. */
export const BLOCK_SCOPED: ts.NodeFlags.BlockScoped = 7;
export const CONST: ts.NodeFlags.Const = 2;

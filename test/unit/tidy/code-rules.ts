import ts from "typescript";
import { finding, type SourceFile } from "./tree.ts";

/** Operations whose result ECMAScript fixes to the last bit. The rest of Math differs between workerd releases. */
const EXACT_MATH = new Set("abs ceil clz32 floor fround imul max min round sign sqrt trunc".split(" "));

type Visit = (node: ts.Node, report: (message: string) => void) => void;

function walk(file: SourceFile, visit: Visit): string[] {
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.ESNext, true);
  const found: string[] = [];
  const step = (node: ts.Node): void => {
    visit(node, (message) => found.push(finding(file, node.getStart(source), message)));
    ts.forEachChild(node, step);
  };
  step(source);
  return found;
}

/** What oxlint cannot say about the engine: exact arithmetic under any spelling, and no state between calls. */
export function engineFindings(file: SourceFile): string[] {
  return walk(file, (node, report) => {
    if (ts.isIdentifier(node) && node.text === "Math" && !isTypeOrMemberName(node)) {
      const use = node.parent;
      const member = ts.isPropertyAccessExpression(use) && use.expression === node ? use.name.text : undefined;
      if (member === undefined) report("Math may only be used as Math.<name>, so that each use can be checked");
      else if (!EXACT_MATH.has(member)) report(`Math.${member} is not bit-stable or not pure: use + - * / and sqrt`);
    }
    if (ts.isBinaryExpression(node) && isPower(node.operatorToken.kind)) {
      report("** is not bit-stable: multiply, or keep a table");
    }
    if (ts.isVariableStatement(node) && ts.isSourceFile(node.parent)) {
      for (const problem of moduleStateOf(node)) report(problem);
    }
    if (ts.isPropertyDeclaration(node) && has(node, ts.SyntaxKind.StaticKeyword)) {
      if (!has(node, ts.SyntaxKind.ReadonlyKeyword)) report("a static field is module state: the engine has none");
    }
  });
}

/** The clock under the spellings that a property rule of oxlint does not see. */
export function featureFindings(file: SourceFile): string[] {
  return walk(file, (node, report) => {
    const readsClock =
      (ts.isNewExpression(node) && isNamed(node.expression, "Date") && (node.arguments?.length ?? 0) === 0) ||
      (ts.isCallExpression(node) && isNamed(node.expression, "Date"));
    if (readsClock) report("reads the clock: take a Clock, or the time, as an argument");
  });
}

/** A handler takes input, actor and services, calls one verb, maps to the wire, returns. */
export function routeFindings(file: SourceFile): string[] {
  return walk(file, (node, report) => {
    if (ts.isTryStatement(node)) report("no try in routes: refusals are AppErrors, mapped to status in one place");
    if (ts.isTaggedTemplateExpression(node) && isNamed(node.tag, "sql")) report("no SQL in routes: call a verb");
    if (ts.isPropertyAccessExpression(node) && node.name.text === "env") {
      report("no env in routes: settings are read by the container");
    }
    if (ts.isIdentifier(node) && /redis/i.test(node.text)) report("no Redis in routes: call a verb");
  });
}

/** Test files that would run alone, or not at all. */
export function focusFindings(file: SourceFile): string[] {
  // Parsing every test costs seconds, and hardly any has such a word.
  if (!/\.\s*(only|skip|todo)\b/.test(file.text)) return [];
  return walk(file, (node, report) => {
    if (!ts.isPropertyAccessExpression(node) || !["only", "skip", "todo"].includes(node.name.text)) return;
    const owner = node.expression.getText();
    if (/^(it|test|describe|suite|bench)\b/.test(owner)) report(`${owner}.${node.name.text} leaves tests out`);
  });
}

const isNamed = (node: ts.Node, name: string): boolean => ts.isIdentifier(node) && node.text === name;

const isPower = (kind: ts.SyntaxKind): boolean =>
  kind === ts.SyntaxKind.AsteriskAsteriskToken || kind === ts.SyntaxKind.AsteriskAsteriskEqualsToken;

const has = (node: ts.PropertyDeclaration, kind: ts.SyntaxKind): boolean =>
  node.modifiers?.some((modifier) => modifier.kind === kind) ?? false;

function isTypeOrMemberName(node: ts.Identifier): boolean {
  const { parent } = node;
  return (ts.isPropertyAccessExpression(parent) && parent.name === node) || ts.isTypeQueryNode(parent);
}

function moduleStateOf(statement: ts.VariableStatement): string[] {
  if ((statement.declarationList.flags & ts.NodeFlags.Const) === 0) {
    return ["a let or var at module level is state that all objects of a class share"];
  }
  return statement.declarationList.declarations
    .filter(isMutable)
    .map(
      (declaration) =>
        `${declaration.name.getText()} can be changed by anyone: say as const, Object.freeze or a Readonly type`,
    );
}

function isMutable({ initializer, type }: ts.VariableDeclaration): boolean {
  if (initializer === undefined || (type !== undefined && isReadonlyType(type))) return false;
  const value = ts.isSatisfiesExpression(initializer) ? initializer.expression : initializer;
  return ts.isNewExpression(value) || ts.isArrayLiteralExpression(value) || ts.isObjectLiteralExpression(value);
}

/** `readonly X[]`, `Readonly…<…>`, or an interface of the same file with readonly members only. */
function isReadonlyType(type: ts.TypeNode): boolean {
  if (/^(readonly\b|Readonly)/.test(type.getText())) return true;
  const named = type
    .getSourceFile()
    .statements.find((statement) => ts.isInterfaceDeclaration(statement) && statement.name.text === type.getText());
  if (named === undefined || !ts.isInterfaceDeclaration(named)) return false;
  return named.members.every(
    (member) =>
      !ts.isPropertySignature(member) ||
      member.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.ReadonlyKeyword) === true,
  );
}

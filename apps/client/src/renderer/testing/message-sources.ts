// What the sources say of the catalogue, read from their syntax trees: for `messages.test.ts`.

import { parseSync } from "vite";

interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** One call of a text function, with the names of what it fills in. */
export interface TextCall {
  readonly path: string;
  readonly area: string;
  readonly key: string;
  readonly names: readonly string[];
}

/** Every text of a file, and a pattern for each one that is put together. */
export function wordsIn(path: string, source: string): { texts: Set<string>; patterns: RegExp[] } {
  const texts = new Set<string>();
  const patterns: RegExp[] = [];
  walk(treeOf(path, source), (node) => {
    const text = textOf(node);
    if (text !== undefined) texts.add(text);
    const pieces = node.type === "TemplateLiteral" ? quasisOf(node) : undefined;
    // One that begins with a placeholder would fit everything.
    if (pieces !== undefined && pieces.length > 1 && pieces[0] !== "") patterns.push(patternOf(pieces));
  });
  return { texts, patterns };
}

/**
 * Calls `t("key", { … })` where the file says `const t = useText("area")`, or a parameter is `t: Text<"area">`; and `said("area", "key",
 * { … })`. A name that stands for two areas in one file is not followed, nor is a key that is not written out.
 */
export function callsIn(path: string, source: string): TextCall[] {
  const tree = treeOf(path, source);
  const areas = new Map<string, Set<string>>();
  const name = (variable: unknown, area: string | undefined): void => {
    if (!isNode(variable) || variable.type !== "Identifier" || area === undefined) return;
    const known = areas.get(String(variable["name"])) ?? new Set();
    areas.set(String(variable["name"]), known.add(area));
  };
  walk(tree, (node) => {
    if (node.type === "VariableDeclarator") name(node["id"], areaAsked(node["init"]));
    if (node.type === "Identifier") name(node, areaOfType(node["typeAnnotation"]));
  });
  const calls: TextCall[] = [];
  walk(tree, (node) => {
    if (node.type !== "CallExpression" || !isNode(node["callee"]) || node["callee"].type !== "Identifier") return;
    const callee = String(node["callee"]["name"]);
    const given = node["arguments"] as readonly Node[];
    const [area, key, values] =
      callee === "said" ? [textOf(given[0]), given[1], given[2]] : [only(areas.get(callee)), given[0], given[1]];
    const names = values === undefined ? [] : namesOf(values);
    if (area === undefined || names === undefined) return;
    for (const text of keysOf(key)) calls.push({ path, area, key: text, names });
  });
  return calls;
}

/** What screen readers and the eye meet. */
const SHOWN_ATTRIBUTES = ["aria-label", "alt", "label", "legend", "placeholder", "title"];

/** Words that a component shows without the catalogue. */
export function wordsShown(path: string, source: string): string[] {
  const shown: string[] = [];
  walk(treeOf(path, source), (node) => {
    if (node.type === "JSXText") shown.push(String(node["value"]).trim());
    if (node.type !== "JSXAttribute" || !isNode(node["name"]) || !isNode(node["value"])) return;
    if (!SHOWN_ATTRIBUTES.includes(String(node["name"]["name"]))) return;
    const { type, expression } = node["value"];
    const value = textOf(type === "JSXExpressionContainer" ? expression : node["value"]);
    if (value !== undefined) shown.push(value);
  });
  return shown.filter((text) => /\p{Letter}/u.test(text));
}

/** `useText("area")`, `textOf("area")`. */
function areaAsked(node: unknown): string | undefined {
  if (!isNode(node) || node.type !== "CallExpression" || !isNode(node["callee"])) return undefined;
  const asks = node["callee"]["name"] === "useText" || node["callee"]["name"] === "textOf";
  return asks ? textOf((node["arguments"] as readonly Node[])[0]) : undefined;
}

/** `Text<"area">` */
function areaOfType(annotation: unknown): string | undefined {
  if (!isNode(annotation) || !isNode(annotation["typeAnnotation"])) return undefined;
  const { type, typeName, typeArguments } = annotation["typeAnnotation"] as Node & Record<string, Node>;
  if (type !== "TSTypeReference" || typeName?.["name"] !== "Text") return undefined;
  const literal = (typeArguments?.["params"] as readonly Node[] | undefined)?.[0]?.["literal"];
  return textOf(literal);
}

/** A text, or either side of a choice. */
function keysOf(node: Node | undefined): string[] {
  if (node?.type === "ConditionalExpression")
    return [node["consequent"], node["alternate"]].flatMap((side) => keysOf(isNode(side) ? side : undefined));
  const text = textOf(node);
  return text === undefined ? [] : [text];
}

/** Undefined: it is not written out here. */
function namesOf(node: Node): string[] | undefined {
  if (node.type !== "ObjectExpression") return undefined;
  const properties = node["properties"] as readonly Node[];
  const names = properties.map(({ key }) => (isNode(key) ? (textOf(key) ?? key["name"]) : undefined));
  return names.every((one) => typeof one === "string") ? names : undefined;
}

function quasisOf(node: Node): string[] {
  return (node["quasis"] as readonly { value: { cooked: string } }[]).map(({ value }) => value.cooked);
}

function patternOf(pieces: readonly string[]): RegExp {
  return new RegExp(`^${pieces.map((piece) => escaped(piece)).join("[a-z0-9-]+")}$`, "i");
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function textOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === "Literal" && typeof node["value"] === "string") return node["value"];
  const pieces = node.type === "TemplateLiteral" ? quasisOf(node) : [];
  return pieces.length === 1 ? pieces[0] : undefined;
}

function only(set: ReadonlySet<string> | undefined): string | undefined {
  return set?.size === 1 ? [...set][0] : undefined;
}

function treeOf(path: string, source: string): Node {
  const { program, errors } = parseSync(path, source);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message ?? ""}`);
  return program as unknown as Node;
}

function walk(node: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(node)) for (const one of node) walk(one, visit);
  if (!isNode(node)) return;
  visit(node);
  for (const child of Object.values(node)) if (typeof child === "object" && child !== null) walk(child, visit);
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

// Of the npm packages that pnpm lists (CycloneDX on standard input), those that get into the image: what the agent, the page and the protocol
// import, and what that needs in turn; the rest are tools of the build. Prints them as they came. Run by gather; sbom.mjs reads the result.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const SOURCES = ["apps/agent/src", "apps/client/src/renderer", "apps/client/src/shared", "packages/protocol/src"];

/** @type {{ components: { "bom-ref": string, group?: string, name: string }[], dependencies?: { ref: string, dependsOn?: string[] }[] }} */
const bill = JSON.parse(readFileSync(0, "utf8"));

/** "react-dom/client" is of react-dom, "@novnc/novnc/lib/rfb" of @novnc/novnc. @param {string} specifier */
const packageOf = (specifier) => specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");

/** @type {Set<string>} */
const imported = new Set();
for (const folder of SOURCES) {
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!/\.tsx?$/.test(name) || /\.test\.|testing\//.test(name)) continue;
    const text = readFileSync(join(folder, name), "utf8");
    for (const [, specifier = ""] of text.matchAll(/(?:from|import)\s*\(?\s*"([^".:][^":]*)"/g))
      imported.add(packageOf(specifier));
  }
}

const needs = new Map((bill.dependencies ?? []).map(({ ref, dependsOn = [] }) => [ref, dependsOn]));
const wanted = new Set();
/** @param {string} ref */
function want(ref) {
  if (wanted.has(ref)) return;
  wanted.add(ref);
  for (const next of needs.get(ref) ?? []) want(next);
}
for (const component of bill.components) {
  const name =
    component.group === undefined || component.group === "" ? component.name : `${component.group}/${component.name}`;
  if (imported.has(name)) want(component["bom-ref"]);
}
const components = bill.components.filter((component) => wanted.has(component["bom-ref"]));
const dependencies = (bill.dependencies ?? []).filter(({ ref }) => wanted.has(ref));
console.log(JSON.stringify({ ...bill, components, dependencies }));

// Brings the catalogue (`src/renderer/messages/LANGUAGE/AREA.json`) into the page: makes of each message what is shown without a parser, and of
// the files the modules that `texts.ts` imports. For `vite.config.ts`, and for the tests, which load the same.

import { globSync } from "node:fs";
import { basename, join } from "node:path";
import { compileMessageOrThrow } from "@lingui/message-utils/compileMessage";
import type { Plugin } from "vite";
import { START_AREAS } from "./src/renderer/messages/areas.ts";
import { LANGUAGES } from "./src/shared/languages.ts";

const FOLDER = join(import.meta.dirname, "src/renderer/messages");
const MESSAGES = /\/renderer\/messages\/[a-z]+\/[a-z-]+\.json$/;
/** `virtual:messages` is the whole; `virtual:messages/de` what the agent's page shows, in German. */
const VIRTUAL = /^virtual:messages(?:\/([a-z]+))?$/;

const pathOf = (language: string, area: string): string => JSON.stringify(join(FOLDER, language, `${area}.json`));

function startOf(language: string): string {
  const imports = START_AREAS.map((area, index) => `import area${index} from ${pathOf(language, area)};`);
  const entries = START_AREAS.map((area, index) => `${JSON.stringify(area)}: area${index}`);
  return `${imports.join("\n")}\nexport default { ${entries.join(", ")} };`;
}

/** English of the start is part of what imports this; every other language's is one chunk, and every other area is one. */
function whole(): string {
  const [, ...others] = LANGUAGES;
  const start = others.map((language) => `${language}: () => import("virtual:messages/${language}")`);
  const areas = globSync("en/*.json", { cwd: FOLDER })
    .map((path) => basename(path, ".json"))
    .filter((area) => !START_AREAS.some((one) => one === area));
  const rest = areas.flatMap((area) =>
    LANGUAGES.map((language) => `"${language}/${area}": () => import(${pathOf(language, area)})`),
  );
  return [
    `export { default as ENGLISH_AT_START } from "virtual:messages/en";`,
    `export const START = { ${start.join(", ")} };`,
    `export const AREAS = { ${rest.join(", ")} };`,
  ].join("\n");
}

export const messages: Plugin = {
  name: "messages",
  // Before what makes a module of JSON.
  enforce: "pre",
  resolveId: { filter: { id: VIRTUAL }, handler: (id) => `\0${id}` },
  load(id) {
    if (!id.startsWith("\0")) return undefined;
    const found = VIRTUAL.exec(id.slice(1));
    if (found === null) return undefined;
    return found[1] === undefined ? whole() : startOf(found[1]);
  },
  transform: {
    filter: { id: MESSAGES },
    handler: (json) => {
      const all = Object.entries(JSON.parse(json) as Record<string, string>);
      const compiled = all.map(([key, message]) => [key, compileMessageOrThrow(message)] as const);
      return { code: JSON.stringify(Object.fromEntries(compiled)), map: null };
    },
  },
};

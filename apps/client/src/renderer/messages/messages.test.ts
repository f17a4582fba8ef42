// The catalogue held together: every language has every message, with the same placeholders and its own plural forms; every message is used, and
// every use fills in what the message wants. Reads the JSON and the sources as they are.

import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type CompiledMessage, compileMessageOrThrow } from "@lingui/message-utils/compileMessage";
import { describe, expect, it } from "vitest";
import { LANGUAGES } from "../../shared/languages.ts";
import { callsIn, type TextCall, wordsIn, wordsShown } from "../testing/message-sources.ts";

const HERE = import.meta.dirname;
const SOURCES = join(HERE, "../..");
/** Placeholders and tags aside, as many letters make a sentence that no two languages share. */
const SHARED_LETTERS = 24;
/** Names, keys as they are printed, and addresses. */
const SAME_EVERYWHERE = /^(Eglantine|noVNC|Ctrl|Alt|Shift|Super|Esc|Escape|Tab|M|F…|https:\/\/\S+)$/;

function read(language: string, area: string): Record<string, string> {
  return JSON.parse(readFileSync(join(HERE, language, `${area}.json`), "utf8")) as Record<string, string>;
}
const areasOf = (language: string): string[] =>
  globSync("*.json", { cwd: join(HERE, language) })
    .map((name) => basename(name, ".json"))
    .sort();

const AREAS = areasOf("en");
const OTHERS = LANGUAGES.filter((language) => language !== "en");

/** Placeholders, as "count plural"; plural forms by placeholder. */
function shapeOf(message: CompiledMessage): { placeholders: Set<string>; forms: Map<string, string[]> } {
  const placeholders = new Set<string>();
  const forms = new Map<string, string[]>();
  for (const token of message) {
    if (typeof token === "string") continue;
    const [name, type = "", choices] = token;
    placeholders.add(`${name} ${type}`.trim());
    if (typeof choices !== "object" || choices === null) continue;
    const branches = Object.entries(choices).filter(([form]) => form !== "offset");
    forms.set(
      name,
      branches.map(([form]) => form),
    );
    for (const [, branch] of branches) {
      const inner = shapeOf(branch as CompiledMessage);
      // `#` is the number itself.
      for (const placeholder of inner.placeholders) placeholders.add(placeholder);
      for (const [inside, list] of inner.forms) forms.set(inside, list);
    }
  }
  return { placeholders, forms };
}

const namesIn = (message: string): string[] =>
  [...shapeOf(compileMessageOrThrow(message)).placeholders].map((one) => one.split(" ")[0] ?? "").sort();

it("has the same areas in every language, and a folder for no other", () => {
  for (const language of OTHERS) expect(areasOf(language)).toEqual(AREAS);
  const folders = [...new Set(globSync("*/*.json", { cwd: HERE }).map((path) => dirname(path)))].sort();
  expect(folders).toEqual([...LANGUAGES].sort());
});

describe.each(AREAS)("%s", (area) => {
  const english = read("en", area);

  it.each(OTHERS)("has every message in %s, and no other, in the same order", (language) => {
    expect(Object.keys(read(language, area))).toEqual(Object.keys(english));
  });

  it.each(LANGUAGES)(
    "is well formed in %s: placeholders as in English, plural forms as the language has them",
    (language) => {
      const wanted = new Set(new Intl.PluralRules(language).resolvedOptions().pluralCategories);
      // Of millions: none is counted here.
      wanted.delete("many");
      for (const [key, message] of Object.entries(read(language, area))) {
        expect(message.trim(), key).toBe(message);
        expect(message, key).not.toBe("");
        const { placeholders, forms } = shapeOf(compileMessageOrThrow(message));
        expect(placeholders, key).toEqual(shapeOf(compileMessageOrThrow(english[key] ?? "")).placeholders);
        for (const [name, list] of forms) {
          if (!placeholders.has(`${name} plural`)) continue;
          const counted = new Set(list.filter((form) => !form.startsWith("=")));
          expect(counted, `${key}: ${name}`).toEqual(wanted);
        }
      }
    },
  );

  it.each(OTHERS)("is translated into %s", (language) => {
    const letters = (text: string): number => text.replace(/\{[^}]*\}|[^\p{Letter}]/gu, "").length;
    const same = Object.entries(read(language, area)).filter(
      ([key, message]) => message === english[key] && letters(message) > SHARED_LETTERS,
    );
    expect(same).toEqual([]);
  });
});

const FILES = globSync("**/*.{ts,tsx}", { cwd: SOURCES, exclude: ["**/*.test.ts", "**/*.test.tsx"] })
  .filter((path) => !/\.test\.tsx?$/.test(path))
  .map((path) => ({ path, source: readFileSync(join(SOURCES, path), "utf8") }));

it("leaves no words in the components", () => {
  const components = FILES.filter(({ path }) => path.endsWith(".tsx"));
  const shown = components.flatMap(({ path, source }) =>
    wordsShown(path, source)
      .filter((text) => !SAME_EVERYWHERE.test(text))
      .map((text) => `${path}: ${text}`),
  );
  expect(shown).toEqual([]);
  expect(components.length).toBeGreaterThan(20);
});

it("uses every message", () => {
  const words = FILES.map(({ path, source }) => wordsIn(path, source));
  for (const area of AREAS) {
    const users = words.filter(({ texts }) => texts.has(area));
    const unused = Object.keys(read("en", area)).filter(
      (key) => !users.some(({ texts, patterns }) => texts.has(key) || patterns.some((pattern) => pattern.test(key))),
    );
    expect(unused, area).toEqual([]);
  }
});

it("fills in what a message wants, and nothing else", () => {
  const wrong: string[] = [];
  const check = ({ path, area, key, names }: TextCall): void => {
    const message = read("en", area)[key];
    if (message === undefined) wrong.push(`${path}: ${area} has no ${key}`);
    else if (JSON.stringify(namesIn(message)) !== JSON.stringify([...names].sort()))
      wrong.push(`${path}: ${area} ${key} wants [${namesIn(message).join(", ")}] and gets [${names.join(", ")}]`);
  };
  const calls = FILES.flatMap(({ path, source }) => callsIn(path, source));
  for (const call of calls) check(call);
  expect(wrong).toEqual([]);
  expect(calls.length).toBeGreaterThan(0);
});

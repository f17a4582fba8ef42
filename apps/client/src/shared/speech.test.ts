import { expect, it } from "vitest";
import { LANGUAGES } from "./languages.ts";
import { chooseSpeech } from "./speech.ts";

it("speaks the system's first language that there is", () => {
  expect(chooseSpeech("auto", ["pt-BR", "fr-CA", "en"])).toEqual({ language: "fr", tag: "fr", locale: "fr-CA" });
  expect(chooseSpeech("auto", ["de"])).toEqual({ language: "de", tag: "de", locale: "de" });
  expect(chooseSpeech("auto", ["ja-JP", "en-US"]).language).toBe("ja");
});

it("speaks English where there is none of them", () => {
  expect(chooseSpeech("auto", ["pt-BR", "xx"])).toEqual({ language: "en", tag: "en", locale: "en" });
  expect(chooseSpeech("auto", [])).toEqual({ language: "en", tag: "en", locale: "en" });
});

it("speaks the chosen language, and writes numbers as the system does in it", () => {
  expect(chooseSpeech("de", ["en-US", "de-CH"])).toEqual({ language: "de", tag: "de", locale: "de-CH" });
  for (const language of LANGUAGES) expect(chooseSpeech(language, ["pt"]).language).toBe(language);
});

it("speaks Chinese in simplified characters, whichever the system names", () => {
  for (const locale of ["zh", "zh-CN", "zh-TW", "zh-Hant-HK"]) {
    expect(chooseSpeech("auto", [locale])).toEqual({ language: "zh", tag: "zh-Hans", locale: "zh-Hans" });
  }
});

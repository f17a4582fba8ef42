import { expect, test } from "vitest";
import type { ClipboardState } from "../clipboard/clipboard-link.ts";
import { formatsOf } from "../messages/number-formats.ts";
import { say } from "../messages/say.ts";
import { textOf } from "../messages/texts.ts";
import { clipboardWords as wordsOf } from "./clipboard-words.ts";

const clipboardWords = (state: ClipboardState) =>
  wordsOf(state, { t: textOf("clipboard"), say, formats: formatsOf("en") });

const TEXT: ClipboardState = { types: [{ mime: "text/plain", sizeBytes: 1234 }], from: "desktop", here: "yes" };

test("what it holds is said with kind, size and names", () => {
  expect(clipboardWords(TEXT).what).toBe("It holds text, 1 kB.");
  expect(clipboardWords({ ...TEXT, types: [] }).what).toBe("It is empty.");
  const files = { types: [{ mime: "text/uri-list" }, { mime: "image/png" }], names: ["a", "b", "c", "d", "e"] };
  expect(clipboardWords({ ...TEXT, ...files }).what).toBe("It holds files, a picture: a, b, c and 2 more.");
});

test("where it is, is said with what to do about it", () => {
  expect(clipboardWords(TEXT)).toMatchObject({ where: "It is on your clipboard too.", canBring: false });
  expect(clipboardWords({ ...TEXT, from: "here" }).where).toBe("You copied it.");
  expect(clipboardWords({ ...TEXT, here: "waiting" })).toMatchObject({
    where: "Press a key or click on the desktop, and it is on your clipboard.",
    canBring: true,
  });
  expect(clipboardWords({ ...TEXT, here: "failed", trouble: "Why." })).toMatchObject({ where: "Why.", canBring: true });
  expect(clipboardWords({ ...TEXT, here: "fetching", bytes: 2e6 }).where).toBe("2.0 MB have come.");
  expect(clipboardWords({ ...TEXT, from: "viewer", here: "no" }).where).toBe("Another viewer copied it.");
  expect(clipboardWords({ ...TEXT, types: [{ mime: "text/uri-list" }] }).canBring).toBe(false);
});

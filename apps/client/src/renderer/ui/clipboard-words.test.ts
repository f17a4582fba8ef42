import { expect, test } from "vitest";
import type { ClipboardState } from "../clipboard/clipboard-link.ts";
import { clipboardWords, sizeIn } from "./clipboard-words.ts";

const TEXT: ClipboardState = { types: [{ mime: "text/plain", sizeBytes: 1234 }], from: "desktop", here: "yes" };

test("what it holds is said with kind, size and names", () => {
  expect(clipboardWords(TEXT).what).toBe("It holds text, 1 KB.");
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

test("sizes are said in round words", () => {
  expect([0, 999, 1000, 65_536, 20e6].map(sizeIn)).toEqual(["0 B", "999 B", "1 KB", "66 KB", "20.0 MB"]);
});

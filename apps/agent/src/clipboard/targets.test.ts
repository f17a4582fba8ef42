import { expect, test } from "vitest";
import { kindsOf, mimeOf, namesOf, readTarget, targetsOf, writerOf } from "./targets.ts";

test("of a program's targets the best one is read for each kind, and one picture of several", () => {
  const kinds = kindsOf([
    "TARGETS",
    "STRING",
    "UTF8_STRING",
    "image/jpeg",
    "image/png",
    "image/bmp",
    "text/html",
    "x/y",
  ]);
  expect([...kinds]).toEqual([
    ["text/plain", "UTF8_STRING"],
    ["text/html", "text/html"],
    ["image/png", "image/png"],
  ]);
  expect([...kindsOf(["image/bmp"])]).toEqual([["image/bmp", "image/bmp"]]);
  expect([...kindsOf(["x-special/gnome-copied-files"])]).toEqual([["text/uri-list", "x-special/gnome-copied-files"]]);
});

test("what a viewer offers can be asked for by every name that programs use", () => {
  expect(targetsOf(["text/plain", "image/png"])).toEqual([
    "UTF8_STRING",
    "text/plain;charset=utf-8",
    "text/plain",
    "STRING",
    "TEXT",
    "image/png",
  ]);
  expect(mimeOf("TEXT")).toBe("text/plain");
  expect(mimeOf("TARGETS")).toBeUndefined();
});

test("STRING is Latin-1, with a question mark for what that has not", () => {
  expect(writerOf("STRING")?.(Buffer.from("Grüße €😀"))).toEqual(Buffer.from("Grüße ??", "latin1"));
  expect(writerOf("UTF8_STRING")).toBeUndefined();
});

test("text comes as UTF-8, however old the program is", () => {
  expect(String(readTarget("STRING", Buffer.from("Grüße", "latin1")))).toBe("Grüße");
  expect(String(readTarget("TEXT", Buffer.from("Grüße")))).toBe("Grüße");
  expect(String(readTarget("text/html", Buffer.from("\uFEFF<b>ß</b>", "utf16le")))).toBe("<b>ß</b>");
  expect(String(readTarget("text/html", Buffer.from("\uFEFF<b>ß</b>", "utf16le").swap16()))).toBe("<b>ß</b>");
  expect(String(readTarget("UTF8_STRING", Buffer.from("ß")))).toBe("ß");
});

test("GNOME's list of files is one of addresses, and back", () => {
  const list = "file:///a\r\nfile:///b";
  const gnome = Buffer.from("copy\nfile:///a\nfile:///b");
  expect(String(readTarget("x-special/gnome-copied-files", gnome))).toBe(list);
  expect(writerOf("x-special/gnome-copied-files")?.(Buffer.from(list))).toEqual(gnome);
});

test("names of files are told as they read, comments left out, and only so many", () => {
  const list = "# two\r\nfile:///home/a%20b.png\r\nfile:///home/dir/\r\nfile:///100%\r\n";
  expect(namesOf(list, 10)).toEqual(["a b.png", "dir", "100%"]);
  expect(namesOf(list, 1)).toEqual(["a b.png"]);
  expect(namesOf("", 10)).toEqual([]);
});

// Files for the application's clipboard: in a real folder, on a clipboard that behaves as Electron documents its own.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CopiedFiles } from "./copied-files.ts";
import { fileFormats, holdsFiles, systemFormat } from "./file-clipboard.ts";

const [ONE, TWO, THREE] = ["1", "2", "3"].map((digit) => digit.repeat(32)) as [string, string, string];
let folder: string;
let put: (readonly string[])[];
let shown: string[];
let takes: boolean;
let files: CopiedFiles;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "eglantine-shell-"));
  [put, shown, takes] = [[], [], true];
  files = new CopiedFiles({
    folder,
    put: (paths) => {
      put.push(paths);
      return Promise.resolve(takes);
    },
    show: (which) => {
      shown.push(which);
      return Promise.resolve();
    },
  });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bytes = (text: string) => new TextEncoder().encode(text);
const piece = (set: string, names: readonly string[], text: string, offsetBytes = 0) => ({
  set,
  names,
  offsetBytes,
  bytes: bytes(text),
});

test("pieces become files and folders, and these are put on the clipboard", async () => {
  await files.store(piece(ONE, ["Grüße.txt"], "one, "));
  await files.store(piece(ONE, ["Grüße.txt"], "two", 5));
  await files.store(piece(ONE, ["album", "deep", "empty"], ""));
  expect(await files.copy(ONE)).toBe("clipboard");
  expect(new Set(put[0])).toEqual(new Set([join(folder, ONE, "Grüße.txt"), join(folder, ONE, "album")]));
  expect(readFileSync(join(folder, ONE, "Grüße.txt"), "utf8")).toBe("one, two");
  expect(readFileSync(join(folder, ONE, "album/deep/empty"), "utf8")).toBe("");
  // From the beginning once more.
  await files.store(piece(ONE, ["Grüße.txt"], "new"));
  expect(readFileSync(join(folder, ONE, "Grüße.txt"), "utf8")).toBe("new");
});

test("what the clipboard does not take is shown in its folder", async () => {
  takes = false;
  await files.store(piece(ONE, ["one"], "one"));
  expect(await files.copy(ONE)).toBe("folder");
  expect(shown).toEqual([join(folder, ONE)]);
});

test("of those that were copied the last two stay, and what is given up goes", async () => {
  for (const set of [ONE, TWO, THREE]) {
    await files.store(piece(set, ["one"], set));
    await files.copy(set);
  }
  expect(readdirSync(folder).toSorted((a, b) => a.localeCompare(b))).toEqual([TWO, THREE]);
  await files.store(piece(ONE, ["one"], "half"));
  await files.drop(ONE);
  expect(existsSync(join(folder, ONE))).toBe(false);
  // It is on the clipboard.
  await files.drop(TWO);
  expect(existsSync(join(folder, TWO))).toBe(true);
});

test.each([
  undefined,
  null,
  7,
  {},
  piece("short", ["one"], ""),
  piece(`../${ONE.slice(3)}`, ["one"], ""),
  piece(ONE, [], ""),
  piece(ONE, [""], ""),
  piece(ONE, [".."], ""),
  piece(ONE, ["a", "..", "..", "b"], ""),
  piece(ONE, ["a/b"], ""),
  piece(ONE, ["a\\b"], ""),
  piece(ONE, ["C:"], ""),
  piece(ONE, ["a\0"], ""),
  piece(ONE, ["a\u202egpj.exe"], ""),
  piece(ONE, ["NUL.txt"], ""),
  piece(ONE, ["dot."], ""),
  piece(ONE, ["x".repeat(256)], ""),
  piece(
    ONE,
    Array.from({ length: 40 }, () => "a"),
    "",
  ),
  piece(ONE, ["one"], "", -1),
  piece(ONE, ["one"], "", 0.5),
  { ...piece(ONE, ["one"], ""), bytes: "text" },
  { ...piece(ONE, ["one"], ""), names: [7] },
])("%o from the page is no piece of a file", async (value) => {
  await expect(files.store(value)).rejects.toThrow(TypeError);
  expect(readdirSync(folder)).toEqual([]);
});

test.each([undefined, "", "..", "A".repeat(32)])("%o from the page names no files", async (value) => {
  await expect(files.copy(value)).rejects.toThrow(TypeError);
  await expect(files.drop(value)).rejects.toThrow(TypeError);
  expect(put).toEqual([]);
});

test("each system gets files as its programs give them", async () => {
  const paths = ["/tmp/a b.txt", "/tmp/Grüße & <more>"];
  const texts = async (formats: Readonly<Record<string, Blob>> | undefined) =>
    Object.fromEntries(
      await Promise.all(Object.entries(formats ?? {}).map(async ([name, blob]) => [name, await blob.text()])),
    );
  const addresses = paths.map((path) => pathToFileURL(path).href);
  expect(await texts(fileFormats("linux", paths))).toEqual({
    [systemFormat("text/uri-list")]: `${addresses.join("\r\n")}\r\n`,
    [systemFormat("x-special/gnome-copied-files")]: ["copy", ...addresses].join("\n"),
  });
  const mac = await texts(fileFormats("darwin", paths));
  expect(Object.keys(mac)).toEqual([systemFormat("NSFilenamesPboardType")]);
  expect(Object.values(mac)[0]).toContain("<string>/tmp/Grüße &amp; &lt;more></string>");
  expect(Object.keys(fileFormats("darwin", ["/tmp/one"]) ?? {})).toContain(systemFormat("public.file-url"));
  const [name] = Object.values(fileFormats("win32", ["C:\\one.txt"]) ?? {});
  expect(Buffer.from((await name?.arrayBuffer()) ?? new ArrayBuffer(0)).toString("utf16le")).toBe("C:\\one.txt\0");
  expect(fileFormats("win32", ["C:\\one", "C:\\two"])).toBeUndefined();
  expect(fileFormats("linux", [])).toBeUndefined();
});

test("a clipboard that holds files is known by what Electron says of it", () => {
  expect(holdsFiles(["text/plain", systemFormat("x-special/gnome-copied-files")])).toBe(true);
  for (const type of ["text/uri-list", systemFormat("public.file-url"), systemFormat("FileNameW")])
    expect(holdsFiles([type])).toBe(true);
  expect(holdsFiles(["text/plain", "image/png", "electron application/bookmark"])).toBe(false);
});

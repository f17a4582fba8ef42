// With stand-ins for the browser's entries, which a test can't make.

import { expect, test } from "vitest";
import { collectFiles, pickedFiles, TooManyFiles } from "./local-files.ts";

const file = (name: string) =>
  ({
    name,
    isFile: true,
    isDirectory: false,
    file: (take: (file: File) => void) => take(new File([name], name)),
  }) as never;

/** Tells `step` entries at a time. */
const folder = (name: string, inside: readonly FileSystemEntry[], step = 100) =>
  ({
    name,
    isFile: false,
    isDirectory: true,
    createReader: () => {
      const rest = [...inside];
      return { readEntries: (take: (entries: FileSystemEntry[]) => void) => take(rest.splice(0, step)) };
    },
  }) as never;

test("a dropped folder is read to its end, its empty folders are named", async () => {
  const inner = folder("inner", [file("b"), file("c"), file("d")], 2);
  const { files, folders } = await collectFiles([file("a"), folder("outer", [inner, folder("empty", [])])]);
  expect(files.map(({ names }) => names.join("/"))).toEqual(["a", "outer/inner/b", "outer/inner/c", "outer/inner/d"]);
  expect(await files[1]?.file.text()).toBe("b");
  expect(folders).toEqual([["outer", "empty"]]);
});

test("a whole disk is too much", async () => {
  const many = Array.from({ length: 20_001 }, (_, at) => file(String(at)));
  await expect(collectFiles([folder("disk", many)])).rejects.toThrow(TooManyFiles);
});

test("chosen files tell their folders where they have any", () => {
  const plain = Object.assign(new File(["a"], "a"), { webkitRelativePath: "" });
  const inside = Object.assign(new File(["b"], "b"), { webkitRelativePath: "box/sub/b" });
  expect(pickedFiles([plain, inside]).files.map(({ names }) => names)).toEqual([["a"], ["box", "sub", "b"]]);
});

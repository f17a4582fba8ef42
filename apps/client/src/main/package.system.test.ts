// Packages the desktop application with a stand-in for Electron's runtime, whose fuses can be flipped and read: what lands in
// the package, and how it is locked. The runtime itself can't be fetched on every machine.

import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";

const CLIENT = fileURLToPath(new URL("../..", import.meta.url));
/** Electron's own mark in front of the fuses, their version, their number, and their factory settings. */
const SENTINEL = "dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX";
const FACTORY_FUSES = "101100010";
const run = promisify(execFile);
const bin = (name: string) => join(CLIENT, "node_modules/.bin", name);
let folder = "";
let index: ArchiveFolder;

/** An archive's list of files. */
interface ArchiveFolder {
  readonly files: Readonly<Record<string, ArchiveFolder | { readonly size: number }>>;
}

function filesIn(files: ArchiveFolder["files"], above = ""): string[] {
  return Object.entries(files).flatMap(([name, entry]) =>
    "files" in entry ? filesIn(entry.files, `${above}${name}/`) : [above + name],
  );
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "eglantine-package-"));
  const runtime = join(folder, "runtime");
  await mkdir(join(runtime, "resources"), { recursive: true });
  const fuses = Buffer.from([1, FACTORY_FUSES.length]);
  await writeFile(
    join(runtime, "electron"),
    Buffer.concat([Buffer.from(`#!/bin/sh\n# ${SENTINEL}`), fuses, Buffer.from(FACTORY_FUSES)]),
  );
  await chmod(join(runtime, "electron"), 0o755);
  const { version } = createRequire(import.meta.url)("electron/package.json") as { version: string };
  await writeFile(join(runtime, "version"), version);
  await run(bin("vite"), ["build", "--logLevel", "error"], { cwd: CLIENT });
  await run(process.execPath, ["build.mjs"], { cwd: CLIENT });
  const output = [`-c.electronDist=${runtime}`, `-c.directories.output=${join(folder, "out")}`];
  await run(bin("electron-builder"), ["--linux", "dir", ...output], { cwd: CLIENT });
  const archive = await readFile(join(folder, "out/linux-unpacked/resources/app.asar"));
  // Four numbers, the last of them the length of a JSON text, and that text.
  index = JSON.parse(archive.toString("utf8", 16, 16 + archive.readUInt32LE(12))) as ArchiveFolder;
});

afterAll(() => rm(folder, { recursive: true }));

it("puts the shell, the preload and the page into one archive, and no module and no source", () => {
  const files = filesIn(index.files);
  for (const name of ["main/main.js", "preload/preload.cjs", "renderer/index.html", "renderer/mark.svg"]) {
    expect(files).toContain(`dist/${name}`);
  }
  expect(files.filter((name) => !/^dist\/(main|preload|renderer)\/|^package\.json$/.test(name))).toEqual([]);
  expect(files.filter((name) => /\.(map|tsx?)$/.test(name))).toEqual([]);
});

it("locks the runtime: no Node from outside, the archive checked and used alone", async () => {
  const binary = (await readFile(join(folder, "out/linux-unpacked/eglantine"))).toString("latin1");
  const at = binary.indexOf(SENTINEL) + SENTINEL.length + 2;
  const [runAsNode, cookies, nodeOptions, inspect, integrity, onlyAsar] = binary.slice(at, at + FACTORY_FUSES.length);
  expect({ runAsNode, cookies, nodeOptions, inspect, integrity, onlyAsar }).toEqual({
    runAsNode: "0",
    cookies: "1",
    nodeOptions: "0",
    inspect: "0",
    integrity: "1",
    onlyAsar: "1",
  });
});

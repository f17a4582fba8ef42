// Story: I have a Linux machine with an X display of its own, and no container. I install the agent from its Debian package or its npm package,
// start it by its name, and look at the display in a browser. On a bare Debian 13: image/test/deb.test.ts.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { DesktopPage } from "../harness/desktop-page.ts";
import { untilAnswer } from "../harness/health.ts";
import { freePort } from "../harness/ports.ts";
import { Process } from "../harness/processes.ts";
import { Desktop } from "./desktop.ts";

const AGENT = fileURLToPath(new URL("../../apps/agent", import.meta.url));
const PASSWORD = "of the machine";
let folder: string;
let desktop: Desktop;
let deb: string;
let tarball: string;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "egl-packages-"));
  const argv = [join(AGENT, "packaging/package.mjs"), "--out", folder];
  [deb = "", tarball = ""] = execFileSync(process.execPath, argv, { encoding: "utf8" }).trim().split("\n");
  desktop = await Desktop.open();
}, 180_000);
afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part.close();
});
afterAll(async () => {
  await desktop?.close();
  rmSync(folder, { recursive: true });
});

/** The command as it was installed, on the display; with an environment that has nothing of ours but what is said here. */
async function watch(command: string): Promise<void> {
  const port = await freePort();
  const argv = [command, "serve", "--display", desktop.display, "--host", "127.0.0.1", "--port", String(port)];
  const path = `PATH=${dirname(process.execPath)}:/usr/bin:/bin`;
  const environment = [path, `HOME=${folder}`, `EGLANTINE_RUN_DIR=${folder}/run`, `BASIC_AUTH_PASSWORD=${PASSWORD}`];
  const agent = new Process(["env", "--ignore-environment", ...environment, ...argv]);
  open.push(agent);
  await untilAnswer(`http://127.0.0.1:${port}/health`, 200, { server: agent });
  const viewer = await DesktopPage.connect(desktop.browser, `http://127.0.0.1:${port}/`, { password: PASSWORD });
  open.push(viewer);
  const window = await desktop.screen.openWindow(0, 0, 1000, 700, [30, 140, 80]);
  open.push(window);
  await viewer.waitForPixel(500, 350, [30, 140, 80]);
}

test("from the npm package, installed as npm installs it", async () => {
  const prefix = join(folder, "npm");
  execFileSync("npm", ["install", "--global", "--prefix", prefix, "--no-audit", "--no-fund", tarball], {
    stdio: "pipe",
  });
  await watch(join(prefix, "bin/eglantine-agent"));
}, 120_000);

test("the npm package has the source of its native modules, and what builds them", () => {
  const files = execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" });
  for (const name of [
    "native/binding.gyp",
    "native/addon.cc",
    "native/build.mjs",
    "native/LICENSE",
    "LICENSE",
    "README.md",
  ]) {
    expect(files).toContain(`package/${name}\n`);
  }
  expect(files).not.toMatch(/\.map\n|\/test\/|\.ts\n/);
});

test("from the Debian package, without root and without being configured", async () => {
  const root = join(folder, "root");
  execFileSync("dpkg-deb", ["--extract", deb, root]);
  await watch(join(root, "usr/bin/eglantine-agent"));
}, 60_000);

test("the Debian package names the libraries that it needs, and has a manual page, a licence and no other files", () => {
  const field = (name: string) => execFileSync("dpkg-deb", ["--field", deb, name], { encoding: "utf8" });
  expect(field("Depends")).toMatch(/libc6 \(>= [^)]+\).*libx264-.*libxcb1/);
  expect(field("Recommends")).toMatch(/libopus0.*libpulse0|libpulse0.*libopus0/);
  const files = execFileSync("dpkg-deb", ["--contents", deb], { encoding: "utf8" });
  for (const name of ["doc/eglantine-agent/copyright", "man/man1/eglantine-agent.1.gz"]) expect(files).toContain(name);
  const places = files.split("\n").map((line) => /\.(\/usr\/[^/]+\/[^/]+)/.exec(line)?.[1]);
  expect(new Set(places.filter((place) => place !== undefined))).toEqual(
    new Set([
      "/usr/bin/eglantine-agent",
      "/usr/lib/eglantine-agent",
      "/usr/share/doc",
      "/usr/share/man",
      "/usr/share/lintian",
    ]),
  );
});

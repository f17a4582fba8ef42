// The agent's Debian package where nothing else of ours is: installed by apt on a bare Debian 13, without systemd, beside an X server; and what
// lintian says of it. On this machine: test/e2e/packages.test.ts.

import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HeadlessBrowser } from "../../test/harness/browser.ts";
import { DesktopPage } from "../../test/harness/desktop-page.ts";
import { BUILD_WITHIN_MS, Engine } from "./engine.ts";
import { Operator, ROOT } from "./operator.ts";

const PASSWORD = "of the machine";
let engine: Engine | undefined;
let folder: string;
let deb: string;

beforeAll(async () => {
  engine = await Engine.open();
  if (engine === undefined) return;
  folder = mkdtempSync(join(tmpdir(), "egl-deb-"));
  chmodSync(folder, 0o755);
  const argv = [join(ROOT, "apps/agent/packaging/package.mjs"), "deb", "--out", folder];
  deb = execFileSync(process.execPath, argv, { encoding: "utf8" }).trim();
}, BUILD_WITHIN_MS);
afterAll(async () => {
  await engine?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

test("installed on a Debian 13 with nothing but an X server beside it, and no systemd, it streams that", async (context) => {
  if (engine === undefined) return context.skip();
  chmodSync(folder, 0o755);
  const script = `apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \
    /packages/${basename(deb)} tigervnc-standalone-server >/dev/null && dpkg --verify eglantine-agent
    Xvnc :1 -SecurityTypes None -rfbport -1 -rfbunixpath /tmp/rfb -ac & exec eglantine-agent serve --display :1 --host 0.0.0.0`;
  const machine = await engine.run({
    image: await engine.base(),
    args: ["sh", "-c", script],
    env: { BASIC_AUTH_PASSWORD: PASSWORD },
    flags: ["--volume", `${folder}:/packages:ro`],
  });
  await machine.untilReady(150_000);
  const browser = await HeadlessBrowser.start();
  try {
    await DesktopPage.connect(browser, machine.url, { password: PASSWORD });
  } finally {
    await browser.close();
  }
  expect(
    await machine.exec(
      "sh",
      "-c",
      "dpkg-query -W -f '${db:Status-Status}' eglantine-agent; ls -d /run/systemd 2>/dev/null || :",
    ),
  ).toBe("installed");
}, 300_000);

test(
  "lintian finds neither errors nor warnings in the Debian package",
  async (context) => {
    if (engine === undefined) return context.skip();
    const operator = await Operator.open(engine);
    const argv = ["lintian", "--allow-root", "--fail-on", "error,warning", "--tag-display-limit", "0", deb];
    expect((await operator.run(argv, { folders: [folder] })).trim()).toBe("");
  },
  BUILD_WITHIN_MS,
);

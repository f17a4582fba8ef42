// Story: the agent writes into its run directory and nowhere else, whatever is asked of it. It runs here under a user
// id of its own, so that every file on the machine that belongs to that id is one that it wrote.

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AGENT_MAIN } from "../harness/agent.ts";
import { HeadlessBrowser } from "../harness/browser.ts";
import { DesktopPage } from "../harness/desktop-page.ts";
import { untilAnswer } from "../harness/health.ts";
import { whyNoOtherUser } from "../harness/other-user.ts";
import { freePort } from "../harness/ports.ts";
import { Process } from "../harness/processes.ts";
import { startXvnc, type XServer } from "../harness/processes-xvnc.ts";
import { Terminal } from "../harness/terminal.ts";
import { until } from "../harness/until.ts";

/** Belongs to nobody on the machine. */
const UID = 61_843;
const skipped = whyNoOtherUser(UID);
let folder: string;
let port: number;
let xServer: XServer;
let agent: Process;
let browser: HeadlessBrowser;

if (skipped !== undefined) console.log(`skipped: ${skipped}`);

beforeAll(async () => {
  if (skipped !== undefined) return;
  folder = mkdtempSync(join(tmpdir(), "eglantine-confined-"));
  chmodSync(folder, 0o711);
  for (const name of ["home", "run"]) {
    mkdirSync(join(folder, name), { mode: 0o700 });
    chownSync(join(folder, name), UID, UID);
  }
  xServer = await startXvnc(1000, 700);
  port = await freePort();
  const command = ["setpriv", "--reuid", `${UID}`, "--regid", `${UID}`, "--clear-groups", process.execPath, AGENT_MAIN];
  const where = ["--display", xServer.display, "--host", "127.0.0.1", "--port", `${port}`];
  agent = new Process([...command, "serve", ...where], {
    env: {
      HOME: join(folder, "home"),
      EGLANTINE_RUN_DIR: join(folder, "run"),
      XDG_RUNTIME_DIR: join(folder, "run"),
      ENABLE_BASIC_AUTH: "true",
      XAUTHORITY: join(folder, "home", "none"),
    },
    cwd: "/",
  });
  await untilAnswer(`http://127.0.0.1:${port}/health`, 200, { server: agent });
  browser = await HeadlessBrowser.start();
});
afterAll(async () => {
  await browser?.close();
  await agent?.close();
  await xServer?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** Bytes as they are, past every client library's clean-up of paths. */
function request(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.end(text));
    let answer = "";
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")));
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}

const CLIMBS = [
  "/../../../../etc/passwd",
  "/..%2f..%2f..%2f..%2fetc/passwd",
  "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
  "/assets/../../../../../etc/passwd",
  "/assets/%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd",
  "/..\\..\\..\\etc\\passwd",
  "//etc/passwd",
  "/%00/etc/passwd",
  "/index.html%00.png",
  "file:///etc/passwd",
  "/assets/..;/..;/etc/passwd",
  "/%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd",
];

test.skipIf(skipped !== undefined)("no path leads out of the client's folder, for reading or for writing", async () => {
  for (const method of ["GET", "PUT", "POST", "DELETE", "PATCH"]) {
    for (const path of CLIMBS) {
      const body = "written by a test";
      const answer = await request(
        `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      expect(answer, `${method} ${path}`).not.toContain("root:");
      expect(answer, `${method} ${path}`).toMatch(/^HTTP\/1\.1 [1-5]\d\d /);
      if (method !== "GET") expect(answer, `${method} ${path}`).toMatch(/^HTTP\/1\.1 4\d\d /);
    }
  }
});

test.skipIf(skipped !== undefined)(
  "a whole session writes nothing outside the run directory and the home",
  async () => {
    const password = readFileSync(join(folder, "run", "password"), "utf8").trim();
    const url = `http://127.0.0.1:${port}/`;
    const terminal = await Terminal.start({ display: xServer.display, mode: "bytes" });
    const viewer = await DesktopPage.connect(browser, url, { user: "user", password });
    await viewer.movePointer(300, 300);
    await viewer.type("/tmp/climb");
    await until("the typed text", () => terminal.text() === "/tmp/climb");
    await viewer.close();
    await terminal.close();
    await untilAnswer(`${url}health`, 200, { server: agent });
    const roots = ["/tmp", "/var", "/run", "/home", "/root", "/dev/shm", "/etc", "/opt", "/srv"];
    const tree = new URL("../../", import.meta.url).pathname;
    // What vanishes while it is looked at makes find end with 1; what it has found counts all the same.
    const { stdout, signal, error } = spawnSync(
      "find",
      [...roots.filter((root) => existsSync(root)), tree, "-xdev", "-uid", `${UID}`],
      { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
    );
    expect([signal, error]).toEqual([null, undefined]);
    const written = stdout.split("\n").filter(Boolean);
    expect(written).toContain(join(folder, "run"));
    expect(written.filter((path) => !path.startsWith(`${folder}/`))).toEqual([]);
    expect(readdirSync(join(folder, "run")).length).toBeGreaterThan(0);
    expect(statSync(join(folder, "run")).mode & 0o777).toBe(0o700);
  },
);

// Story: the agent writes into its run directory and nowhere else, whatever is asked of it. It runs here under a user
// id of its own, so that every file on the machine that belongs to that id is one that it wrote.

import { execFileSync } from "node:child_process";
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
import { Process } from "../harness/processes.ts";
import { startXvnc, type XServer } from "../harness/processes-xvnc.ts";
import { untilHealth } from "./desktop.ts";

/** Belongs to nobody on the machine. */
const UID = 61_843;
const PORT = 26_028;
const URL_BASE = `http://127.0.0.1:${PORT}/`;
const isRoot = process.getuid?.() === 0;
let folder: string;
let xServer: XServer;
let agent: Process;
let browser: HeadlessBrowser;

if (!isRoot) console.log("skipped: only root can run the agent under another user id");

beforeAll(async () => {
  if (!isRoot) return;
  folder = mkdtempSync(join(tmpdir(), "eglantine-confined-"));
  chmodSync(folder, 0o711);
  for (const name of ["home", "run"]) {
    mkdirSync(join(folder, name), { mode: 0o700 });
    chownSync(join(folder, name), UID, UID);
  }
  xServer = await startXvnc(":95", 800, 600);
  const command = ["setpriv", "--reuid", `${UID}`, "--regid", `${UID}`, "--clear-groups", process.execPath, AGENT_MAIN];
  agent = new Process([...command, "serve", "--display", ":95", "--host", "127.0.0.1", "--port", `${PORT}`], {
    env: {
      HOME: join(folder, "home"),
      EGLANTINE_RUN_DIR: join(folder, "run"),
      XDG_RUNTIME_DIR: join(folder, "run"),
      ENABLE_BASIC_AUTH: "true",
      XAUTHORITY: join(folder, "home", "none"),
    },
    cwd: "/",
  });
  await untilHealth(URL_BASE, 200);
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
    const socket = connect(PORT, "127.0.0.1", () => socket.end(text));
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

test.skipIf(!isRoot)("no path leads out of the client's folder, for reading or for writing", async () => {
  for (const method of ["GET", "PUT", "POST", "DELETE", "PATCH"]) {
    for (const path of CLIMBS) {
      const body = "written by a test";
      const answer = await request(
        `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${PORT}\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      expect(answer, `${method} ${path}`).not.toContain("root:");
      expect(answer, `${method} ${path}`).toMatch(/^HTTP\/1\.1 [1-5]\d\d /);
      if (method !== "GET") expect(answer, `${method} ${path}`).toMatch(/^HTTP\/1\.1 4\d\d /);
    }
  }
});

test.skipIf(!isRoot)("a whole session writes nothing outside the run directory and the home", async () => {
  const password = readFileSync(join(folder, "run", "password"), "utf8").trim();
  const viewer = await DesktopPage.connect(browser, URL_BASE, { user: "user", password });
  await viewer.type("echo > /tmp/climb");
  await viewer.close();
  await untilHealth(URL_BASE, 200);
  const roots = ["/tmp", "/var", "/run", "/home", "/root", "/dev/shm", "/etc", "/opt", "/srv"];
  const tree = new URL("../../", import.meta.url).pathname;
  const listed = execFileSync(
    "find",
    [...roots.filter((root) => existsSync(root)), tree, "-xdev", "-uid", `${UID}`, "-not", "-path", `${folder}/*`],
    { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
  );
  expect(listed.split("\n").filter(Boolean)).toEqual([]);
  expect(readdirSync(join(folder, "run")).length).toBeGreaterThan(0);
  expect(statSync(join(folder, "run")).mode & 0o777).toBe(0o700);
});

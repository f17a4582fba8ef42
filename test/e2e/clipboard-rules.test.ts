// Story: the clipboard keeps its order and its rules: a paste waits for what it pastes, goes only the way that the operator allows, is
// shared with the other viewers, and works where the browser gives less.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CONTROL_SUBPROTOCOL } from "@eglantine/protocol/channels";
import { type AgentControl, parseAgentControl } from "@eglantine/protocol/control";
import { PROTOCOL_VERSION } from "@eglantine/protocol/version";
import type { Page, WebSocketRoute } from "playwright-core";
import { afterEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import {
  CLIPBOARD_PERMISSIONS,
  copyHere,
  DesktopClipboard,
  keepClipboard,
  pngOf,
  sha256,
  writtenHere,
} from "../harness/clipboard.ts";
import { DesktopPage, type DesktopPageOptions } from "../harness/desktop-page.ts";
import { Terminal } from "../harness/terminal.ts";
import { until } from "../harness/until.ts";
import { Desktop, type DesktopOptions } from "./desktop.ts";

const PASSWORDS = { ENABLE_BASIC_AUTH: "true", BASIC_AUTH_PASSWORD: "master key", NOVNC_VIEWPASS: "eyes only" };
let desktop: Desktop;
let there: DesktopClipboard;
let terminal: Terminal | undefined;

async function open(options: DesktopOptions = {}): Promise<void> {
  desktop = await Desktop.open(options);
  desktop.repeatKeysAfter(10_000);
  there = new DesktopClipboard(desktop.display);
}
afterEach(async () => {
  await terminal?.close();
  terminal = undefined;
  there?.close();
  await desktop?.close();
});

async function connect(options: DesktopPageOptions = {}): Promise<DesktopPage> {
  const viewer = await desktop.connect({ beforeClient: keepClipboard, ...options });
  await viewer.page.context().grantPermissions(CLIPBOARD_PERMISSIONS);
  return viewer;
}

/** A terminal under the pointer that pastes with Ctrl+V. */
async function terminalUnderPointer(viewer: DesktopPage): Promise<Terminal> {
  terminal = await Terminal.start({ display: desktop.display, mode: "bytes", pasteKey: "Ctrl<Key>v" });
  await viewer.movePointer(300, 300);
  await until("the pointer over the terminal", async () => (await desktop.screen.pointer()).xPx === 300);
  return terminal;
}

const notice = (viewer: DesktopPage) => viewer.byTestId("notice").innerText();

test("a paste waits for a clipboard that comes later than its key", async () => {
  await open();
  // Everything that the page says over the control connection comes 200 ms late; its keys go another way.
  const slowly = (route: WebSocketRoute) => {
    const agent = route.connectToServer();
    route.onMessage((message) => void setTimeout(() => agent.send(message), 200));
  };
  const viewer = await connect({ onWebSocket: slowly });
  const into = await terminalUnderPointer(viewer);
  let all = "";
  for (let round = 0; round < 10; round += 1) {
    await copyHere(viewer.page, { text: `round ${round};` });
    await viewer.page.keyboard.press("Control+v");
    all += `round ${round};`;
    await until(all, () => into.text().length >= all.length);
    expect(into.text()).toBe(all);
  }
});

test("a clipboard that never comes holds keys up for half a second, and the user is told", async () => {
  await open();
  const withoutOffers = (route: WebSocketRoute) => {
    const agent = route.connectToServer();
    route.onMessage((message) => {
      const isOffer = typeof message === "string" && message.includes('"type":"clipboard"');
      if (!isOffer) agent.send(message);
    });
  };
  const viewer = await connect({ onWebSocket: withoutOffers });
  const into = await terminalUnderPointer(viewer);
  await copyHere(viewer.page, { text: "never seen" });
  await viewer.page.keyboard.press("Control+v");
  await viewer.type("still here");
  await until("the keys behind it", () => into.text() === "still here");
  await until("the sentence", async () => (await notice(viewer)).includes("reached the desktop late"));
});

/** Runs in the page: its browser tells what is pasted half a second late. */
function tellLate(): void {
  const late = new WeakSet<Event>();
  const tell = (event: ClipboardEvent) => {
    if (late.has(event)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", event.clipboardData?.getData("text/plain") ?? "");
    const again = new ClipboardEvent("paste", { clipboardData, cancelable: true });
    late.add(again);
    setTimeout(() => window.dispatchEvent(again), 500);
  };
  window.addEventListener("paste", tell, { capture: true });
}

test("a browser that tells late what is pasted holds no key up, and what it tells is pasted the next time", async () => {
  await open();
  const viewer = await connect({ beforeClient: tellLate });
  const into = await terminalUnderPointer(viewer);
  await there.copy("older, ");
  const here = () => viewer.page.evaluate(() => navigator.clipboard.readText());
  await until("the older here", async () => (await here()) === "older, ");
  await copyHere(viewer.page, { text: "newer" });
  await viewer.page.keyboard.press("Control+v");
  await until("the older", () => into.text() === "older, ");
  await until("the sentence", async () => (await notice(viewer)).includes("told of its clipboard late"));
  await until("what it told", () => there.has("newer"));
  await viewer.page.keyboard.press("Control+v");
  await until("the newer", () => into.text() === "older, newer");
});

test("over the WebSocket, too, Ctrl+V pastes what is new, fifty times over", async () => {
  await open({ env: { EGLANTINE_PATHS: "socket" } });
  const viewer = await connect({ path: "socket" });
  const into = await terminalUnderPointer(viewer);
  let all = "";
  for (let round = 0; round < 50; round += 1) {
    await copyHere(viewer.page, { text: `${round};` });
    await viewer.page.keyboard.press("Control+v");
    all += `${round};`;
    await until(all, () => into.text().length >= all.length);
    expect(into.text()).toBe(all);
  }
});

test("Konsole, a real KDE program, pastes what I copied here", async () => {
  await open();
  const viewer = await connect();
  const folder = mkdtempSync(join(tmpdir(), "eglantine-konsole-"));
  const konsole = spawn("dbus-run-session", ["--", "konsole", "-e", "bash", "-c", ": > ready; exec cat > text"], {
    cwd: folder,
    stdio: "ignore",
    detached: true,
    env: { ...process.env, DISPLAY: desktop.display, HOME: folder, XDG_RUNTIME_DIR: folder, LC_ALL: "C.UTF-8" },
  });
  const read = (file: string) => {
    try {
      return readFileSync(join(folder, file), "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  };
  try {
    await until("Konsole", () => read("ready") !== undefined, { limitMs: 40_000 });
    await viewer.movePointer(150, 150);
    await viewer.page.mouse.down();
    await viewer.page.mouse.up();
    // It has the focus some time after its program runs.
    await until("Konsole to take keys", async () => {
      await viewer.page.keyboard.press("Enter");
      return read("text")?.includes("\n") === true;
    });
    await copyHere(viewer.page, { text: "Grüße aus dem Browser: €, мир" });
    await viewer.page.keyboard.press("Control+Shift+v");
    await viewer.page.keyboard.press("Enter");
    await until("the text", () => read("text")?.endsWith("\nGrüße aus dem Browser: €, мир\n") === true);
  } finally {
    if (konsole.pid !== undefined) process.kill(-konsole.pid, "SIGKILL");
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});

test("the middle button pastes it where PRIMARY is wanted", async () => {
  await open({ env: { EGLANTINE_CLIPBOARD_PRIMARY: "both" } });
  const viewer = await connect();
  const into = await terminalUnderPointer(viewer);
  await copyHere(viewer.page, { text: "by Ctrl+V, " });
  await viewer.page.keyboard.press("Control+v");
  await until("the first", () => into.text() === "by Ctrl+V, ");
  await viewer.page.mouse.down({ button: "middle" });
  await viewer.page.mouse.up({ button: "middle" });
  await until("the second", () => into.text() === "by Ctrl+V, by Ctrl+V, ");
  await there.copy("only selected", "UTF8_STRING", "primary");
  await until("it here", async () => (await writtenHere(viewer.page)).text === sha256(Buffer.from("only selected")));
});

/** A viewer that says and asks whatever it likes. */
async function rawViewer(password?: string) {
  const socket = new WebSocket(`${desktop.url.replace("http", "ws")}ws`, CONTROL_SUBPROTOCOL);
  const heard: AgentControl[] = [];
  socket.on("message", (data: Buffer, isBinary) => {
    if (!isBinary) heard.push(parseAgentControl(data.toString()));
  });
  await new Promise((resolve) => socket.once("open", resolve));
  const credentials = password === undefined ? {} : { user: "user", password };
  const send = (message: object) => socket.send(JSON.stringify(message));
  send({ type: "hello", version: PROTOCOL_VERSION, client: "raw", ...credentials });
  const find = <Type extends AgentControl["type"]>(type: Type) =>
    heard.findLast((message): message is Extract<AgentControl, { type: Type }> => message.type === type);
  await until("the agent's hello", () => find("hello") !== undefined);
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${desktop.url}transfer/${path}`, {
      ...init,
      headers: { authorization: `Bearer ${find("hello")?.transferTicket ?? ""}` },
    });
  return { heard, send, find, ask, close: () => socket.terminate() };
}

test.each([
  ["in", true, false],
  ["out", false, true],
  ["off", false, false],
])("EGLANTINE_CLIPBOARD=%s holds whatever a viewer sends", async (ways, into, out) => {
  await open({ env: { EGLANTINE_CLIPBOARD: ways } });
  await there.copy("theirs");
  const viewer = await rawViewer();
  expect(viewer.find("hello")?.clipboard).toMatchObject({ in: into, out });
  await until("what is told of theirs", () => !out || viewer.find("clipboard") !== undefined);
  const fetched = await viewer.ask(`clipboard/out/${viewer.find("clipboard")?.serial ?? 1}/text/plain`);
  expect(fetched.ok ? await fetched.text() : fetched.status).toBe(out ? "theirs" : 403);
  viewer.send({ type: "clipboard", serial: 1, types: [{ mime: "text/plain" }], text: "mine" });
  if (into) await until("mine there", () => there.has("mine"));
  else await until("the reason", () => viewer.find("notice")?.text.includes("EGLANTINE_CLIPBOARD") === true);
  if (!into) expect(String(await there.paste())).toBe("theirs");
  if (!out) expect(viewer.find("clipboard")).toBeUndefined();
  viewer.close();
});

test("who may only watch copies nothing and puts nothing in, and the toolbar offers it neither", async () => {
  await open({ env: PASSWORDS });
  await there.copy("secret");
  const watcher = await rawViewer("eyes only");
  watcher.send({ type: "clipboard", serial: 1, types: [{ mime: "text/plain" }], text: "mine" });
  await until("the reason", () => watcher.find("notice") !== undefined);
  expect((await watcher.ask("clipboard/out/1/text/plain")).status).toBe(403);
  expect(String(await there.paste())).toBe("secret");
  expect(JSON.stringify(watcher.heard)).not.toContain("secret");
  watcher.close();
  const page = await connect({ user: "user", password: "eyes only" });
  await page.byTestId("toolbar-handle").click();
  await page.byTestId("toolbar").waitFor();
  expect(await page.byTestId("toggle-clipboard").count()).toBe(0);
});

test("limits hold in both directions, with a sentence that names them", async () => {
  await open({ env: { EGLANTINE_CLIPBOARD_IN_MAX_MB: "1", EGLANTINE_CLIPBOARD_OUT_MAX_MB: "1" } });
  const viewer = await connect();
  await copyHere(viewer.page, { png: pngOf(1.5e6).toString("base64") });
  await viewer.page.keyboard.press("Control+v");
  await until("the sentence", async () => (await notice(viewer)).includes("EGLANTINE_CLIPBOARD_IN_MAX_MB"));
  await there.copy(pngOf(1.5e6), "image/png");
  await until("the sentence", async () => (await notice(viewer)).includes("EGLANTINE_CLIPBOARD_OUT_MAX_MB"));
  // One that promises less than it sends.
  const liar = await rawViewer();
  liar.send({ type: "clipboard", serial: 1, types: [{ mime: "text/html", sizeBytes: 10 }] });
  await until("the offer", async () => (await there.targets()).includes("text/html"));
  // It gets a part, and waits for the rest that never comes.
  there.paste("text/html").catch(() => undefined);
  await until("the question", () => liar.find("clipboardWanted") !== undefined);
  const answer = await liar.ask("clipboard/in/1/text/html", { method: "PUT", body: Buffer.alloc(2e6) });
  expect([answer.status, await answer.text()]).toEqual([413, expect.stringContaining("EGLANTINE_CLIPBOARD_IN_MAX_MB")]);
  liar.close();
});

test("hostile offers and uploads end in a refusal, and the clipboard goes on", async () => {
  await open();
  const kinds = Array.from({ length: 17 }, (_, index) => ({ mime: `image/${index}` }));
  for (const offer of [
    { serial: 0, types: [] },
    { serial: 1, types: kinds },
    { serial: 1, types: [{ mime: "x".repeat(200) }] },
    { serial: 1, types: [], text: "x".repeat(10_000) },
  ]) {
    const villain = await rawViewer();
    villain.send({ type: "clipboard", ...offer });
    await until("its end", () => villain.find("bye")?.reason === "protocol-error");
    expect((await villain.ask("clipboard/out/1/text/plain")).status).toBe(401);
  }
  const flood = await rawViewer();
  for (let serial = 1; serial <= 100; serial += 1) flood.send({ type: "clipboard", serial, types: [] });
  await until("its end", () => flood.find("bye")?.reason === "rate-limited");
  const viewer = await rawViewer();
  for (const path of [
    "clipboard/in/1/image/png",
    "clipboard/in/-1/x/y",
    "clipboard/out/9/text/plain",
    "else",
    "..%2f..%2fetc",
  ]) {
    expect([404, 410]).toContain((await viewer.ask(path, { method: "PUT", body: "x" })).status);
  }
  viewer.send({ type: "clipboard", serial: 1, types: [{ mime: "text/plain" }], text: "goes on" });
  await until("the text", () => there.has("goes on"));
  expect(desktop.agentIsAlive()).toBe(true);
  viewer.close();
});

test("of two viewers the last one counts, the other is told, and takes it when it wants", async () => {
  await open();
  const [one, other] = [await connect(), await connect()];
  await copyHere(one.page, { text: "of one" });
  await one.page.keyboard.press("Control+v");
  await until("the first", () => there.has("of one"));
  await other.page.keyboard.press("Control+Alt+Shift+M");
  await other.byTestId("toggle-clipboard").click();
  await until(
    "it is told",
    async () => (await other.byTestId("clipboard-here").innerText()) === "Another viewer copied it.",
  );
  expect((await writtenHere(other.page)).text).toBeUndefined();
  await other.byTestId("clipboard-bring").click();
  await until("it is there", async () => (await writtenHere(other.page)).text === sha256(Buffer.from("of one")));
});

test("after the agent was started again, what was copied there is on my clipboard, and I paste what is mine", async () => {
  await open();
  const viewer = await connect();
  await there.copy("before");
  await until("it here", async () => (await writtenHere(viewer.page)).text === sha256(Buffer.from("before")));
  await desktop.restartAgent();
  await viewer.waitForState("connected");
  await there.copy("after");
  await until("it here", async () => (await writtenHere(viewer.page)).text === sha256(Buffer.from("after")));
  await copyHere(viewer.page, { text: "mine" });
  await viewer.page.keyboard.press("Control+v");
  await until("mine there", () => there.has("mine"));
});

test("on a http:// page of another machine, and without a single permission, text goes both ways", async () => {
  await open({ env: PASSWORDS, browserFlags: ["--host-resolver-rules=MAP desk.test 127.0.0.1"] });
  const url = desktop.url.replace("127.0.0.1", "desk.test");
  const viewer = await DesktopPage.connect(desktop.browser, url, { user: "user", password: "master key" });
  expect(await viewer.page.evaluate(() => [isSecureContext, "clipboard" in navigator])).toEqual([false, false]);
  // The browser's own clipboard, seen from a page that may.
  const witness = await desktop.browser.page(300, 300);
  await witness.goto(desktop.url);
  await witness.context().grantPermissions(CLIPBOARD_PERMISSIONS);
  await copyHere(witness, { text: "from elsewhere" });
  await viewer.page.bringToFront();
  await viewer.page.keyboard.press("Control+v");
  await until("it there", () => there.has("from elsewhere"));
  await there.copy("from the desktop");
  const read = (page: Page) => page.evaluate(() => navigator.clipboard.readText());
  await until("it here, with a key", async () => {
    await viewer.page.keyboard.press("Shift");
    return (await read(witness)) === "from the desktop";
  });
});

test("noVNC keeps to the same rules", async () => {
  await open({ rfb: true, env: { NOVNC_ENABLE: "true", EGLANTINE_CLIPBOARD: "out" } });
  const viewer = await DesktopPage.open(desktop.browser, desktop.url);
  await viewer.submit();
  await viewer.waitForState("connected");
  await there.copy("theirs");
  await viewer.page.keyboard.press("Control+Alt+Shift+M");
  await viewer.byTestId("toggle-clipboard").click();
  await until("theirs here", async () => (await viewer.byTestId("clipboard-text").inputValue()) === "theirs");
  await viewer.byTestId("clipboard-text").fill("mine");
  await viewer.byTestId("clipboard-send").click();
  await there.copy("theirs again");
  await until("theirs here", async () => (await viewer.byTestId("clipboard-text").inputValue()) === "theirs again");
  expect(String(await there.paste())).toBe("theirs again");
});

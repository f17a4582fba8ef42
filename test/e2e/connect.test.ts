// Story: I open the desktop's address, and only who may come in comes in.

import { CONTROL_SUBPROTOCOL } from "@eglantine/protocol/channels";
import { parseAgentControl } from "@eglantine/protocol/control";
import { REASONS } from "@eglantine/protocol/reasons";
import { PROTOCOL_VERSION } from "@eglantine/protocol/version";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { DesktopPage } from "../harness/desktop-page.ts";
import { Desktop } from "./desktop.ts";

const PASSWORD = "Zwölf+Äpfel & 'mehr'";
const LOCKED = { ENABLE_BASIC_AUTH: "true", BASIC_AUTH_USER: "ada", BASIC_AUTH_PASSWORD: PASSWORD };
let desktop: Desktop;

beforeAll(async () => {
  desktop = await Desktop.open({ env: LOCKED });
});
afterAll(() => desktop?.close());

/** What the agent answers to a hello on a bare WebSocket. */
function knock(options: { origin?: string; user?: string; password?: string } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const { origin, ...credentials } = options;
    const headers = origin === undefined ? {} : { origin };
    const socket = new WebSocket(`${desktop.url.replace("http", "ws")}ws`, CONTROL_SUBPROTOCOL, headers);
    socket.on("error", reject);
    socket.on("open", () => {
      socket.send(JSON.stringify({ type: "hello", version: PROTOCOL_VERSION, client: "test", ...credentials }));
    });
    socket.on("message", (data: Buffer) => {
      const message = parseAgentControl(data.toString());
      resolve(message.type === "bye" ? `bye ${message.reason}` : message.type);
      socket.terminate();
    });
  });
}

test("a wrong password is answered with a sentence and a remedy, and shows no picture", async () => {
  const viewer = await DesktopPage.open(desktop.browser, desktop.url);
  await viewer.submit({ user: "ada", password: "wrong" });
  await viewer.page.getByText(REASONS["auth-failed"].sentence).first().waitFor();
  expect(await viewer.page.getByText(REASONS["auth-failed"].remedy).count()).toBeGreaterThan(0);
  expect(await viewer.framesPresented()).toBe(0);
  await viewer.close();
});

test("the right password shows the picture, and the password is kept nowhere in the browser", async () => {
  const viewer = await desktop.connect({ user: "ada", password: PASSWORD });
  expect(await viewer.pictureSize()).toEqual(await desktop.screen.size());
  const kept = await viewer.page.evaluate(() =>
    [...Object.entries(localStorage), ...Object.entries(sessionStorage), location.href].join(),
  );
  expect(kept).not.toContain("pfel");
  expect(kept).not.toContain(encodeURIComponent(PASSWORD));
  await viewer.close();
});

test("after a wrong password the right one still connects in the same page", async () => {
  const viewer = await DesktopPage.open(desktop.browser, desktop.url);
  await viewer.submit({ user: "ada", password: "wrong" });
  await viewer.page.getByText(REASONS["auth-failed"].sentence).first().waitFor();
  await viewer.retry();
  await viewer.submit({ user: "ada", password: PASSWORD });
  await viewer.waitForPicture();
  await viewer.close();
});

test("a page of a foreign origin is refused before it can try a password", async () => {
  expect(await knock({ origin: "https://evil.example", user: "ada", password: PASSWORD })).toBe("bye origin-refused");
  expect(await knock({ origin: new URL(desktop.url).origin, user: "ada", password: PASSWORD })).toBe("hello");
});

test("neither the log nor the end page contains a password", () => {
  expect(desktop.agent.log()).not.toContain("pfel");
});

test("many wrong passwords lock the address out, even for the right one", async () => {
  const answers: string[] = [];
  for (let attempt = 0; attempt < 40 && answers.at(-1) !== "bye auth-locked"; attempt++) {
    answers.push(await knock({ user: "ada", password: `wrong ${attempt}` }));
  }
  expect(answers.at(-1)).toBe("bye auth-locked");
  expect(await knock({ user: "ada", password: PASSWORD })).toBe("bye auth-locked");
  const viewer = await DesktopPage.open(desktop.browser, desktop.url);
  await viewer.submit({ user: "ada", password: PASSWORD });
  await viewer.page.getByText(REASONS["auth-locked"].sentence).first().waitFor();
  await viewer.close();
});

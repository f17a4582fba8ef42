// A real Xvnc that changes just while it is asked: the answer is older than the event behind it, and both are read in one go.

import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLog } from "../log.ts";
import { startXvnc, type XServer } from "../testing/xvnc.ts";
import { type XConnection, XServerLink } from "./client.ts";
import { XKeyboard } from "./keyboard.ts";
import { XScreen } from "./screen.ts";

const log = createLog("silent");
let server: XServer;
let link: XServerLink;
let connection: XConnection;

beforeEach(async () => {
  server = await startXvnc("", "800x600");
  const onUp = async (up: XConnection) => void (connection = up);
  const listener = { onUp, onDown: () => undefined };
  link = new XServerLink({ display: server.display, xauthority: "/nonexistent", log, listener });
  await link.start();
});
afterEach(async () => {
  await link.close();
  await server.close();
});

/** Runs a program behind one of the requests, before anything that the X server says can be read. */
function behind(request: number, command: string, ...args: readonly string[]): XConnection {
  let asked = 0;
  return {
    ...connection,
    ask: (...given) => {
      const answer = connection.ask(...given);
      asked += 1;
      if (asked === request)
        execFileSync(command, args, { env: { PATH: process.env["PATH"], DISPLAY: server.display } });
      return answer;
    },
  };
}

test("a screen that gets another size has that size", async () => {
  const screen = new XScreen({ dpi: 96, rateHz: 60, log, onSize: () => undefined });
  await screen.attach(behind(1, "xrandr", "-s", "640x480"));
  await expect.poll(() => screen.size).toEqual({ widthPx: 640, heightPx: 480 });
});

test.each([1, 2, 3])("a keyboard that gets another layout behind request %d has that layout", async (request) => {
  const odiaeresis = 0xf6;
  const keyboard = new XKeyboard(log);
  await keyboard.attach(behind(request, "setxkbmap", "de"));
  await expect.poll(() => keyboard.map.byKeysym.has(odiaeresis)).toBe(true);
});

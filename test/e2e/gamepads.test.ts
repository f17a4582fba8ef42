// Story: I play with my gamepads on a desktop that has no device for them: games find them, they feel them, and I feel the games.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inputCodec } from "@eglantine/protocol/input";
import { LIMITS } from "@eglantine/protocol/limits";
import { REASONS } from "@eglantine/protocol/reasons";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { DesktopPage, type DesktopPageOptions } from "../harness/desktop-page.ts";
import { gamepadProgram, startWithGamepads } from "../harness/gamepad-programs.ts";
import type { Process } from "../harness/processes.ts";
import { ScriptedPads, scriptPads } from "../harness/scripted-pads.ts";
import { startSession } from "../harness/session.ts";
import { until } from "../harness/until.ts";
import { Desktop } from "./desktop.ts";

const folder = mkdtempSync(join(tmpdir(), "eglantine-pads-"));
const ENV = { EGLANTINE_GAMEPAD: "interposer", EGLANTINE_GAMEPAD_DIR: folder };
const open: { close(): Promise<void> }[] = [];
let desktop: Desktop;

beforeAll(async () => {
  desktop = await Desktop.open({ env: ENV });
});
afterAll(async () => {
  await desktop?.close();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function enter(
  on = desktop,
  options: DesktopPageOptions = {},
): Promise<{ viewer: DesktopPage; pads: ScriptedPads }> {
  const viewer = await on.connect({ ...options, beforeClient: scriptPads });
  open.push(viewer);
  return { viewer, pads: new ScriptedPads(viewer) };
}

/** A game that is there already. */
async function game(): Promise<Process> {
  const sdl = startWithGamepads(folder, [gamepadProgram("sdl-pads")]);
  open.push(sdl);
  await said(sdl, /^ready 0/);
  return sdl;
}

async function said(program: Process, match: RegExp, times = 1): Promise<void> {
  await until(`${program.name} says ${match}`, () => {
    if (program.isOver) throw new Error(`${program.name} has ended:\n${program.log()}`);
    return program.allLines().filter((line) => match.test(line)).length >= times;
  }).catch((error: Error) => {
    throw new Error(`${error.message}; it said\n${program.log()}`, { cause: error });
  });
}

test("a gamepad that I plug in is found by a game that runs, with all it has, and lost when I unplug it", async () => {
  const sdl = await game();
  const { pads } = await enter();
  await pads.plug(2);
  await said(sdl, /^added \/dev\/input\/event0 .* 6 axes 11 buttons 1 hats rumble yes 045e:028e/);
  await pads.set(2, { held: [0, 12], axes: [-1, 0, 0, 1], triggers: [1, 0.75] });
  for (const line of [
    /^pad button a 1$/,
    /^hat 0 1$/,
    /^axis 0 -32768$/,
    /^axis 4 32767$/,
    /^axis 2 32767$/,
    /^axis 5 16319$/,
  ]) {
    await said(sdl, line);
  }
  await pads.set(2, {});
  for (const line of [/^pad button a 0$/, /^hat 0 0$/, /^axis 0 0$/, /^axis 4 0$/, /^axis 2 -32768$/]) {
    await said(sdl, line);
  }
  await pads.unplug(2);
  await said(sdl, /^removed/);
});

test("a game rumbles my gamepad as hard and as long as it means to", async () => {
  const sdl = await game();
  const { pads } = await enter();
  await pads.plug(0);
  await said(sdl, /^added/);
  sdl.write("rumble 65535 16384 3000\n");
  await said(sdl, /^rumble 0/);
  await until("the motors stop", async () => (await pads.rumbles()).at(-1) === "0 reset");
  const rumbles = (await pads.rumbles()).slice(0, -1);
  expect(new Set(rumbles)).toEqual(new Set(["0 dual-rumble 1.00 0.25 2000"]));
  // One that lasts longer than a message holds is said again.
  expect(rumbles.length).toBeGreaterThan(1);
});

test("a pad with a button held goes up and away when its viewer is closed", async () => {
  const sdl = await game();
  const { viewer, pads } = await enter();
  await pads.plug(0);
  await said(sdl, /^added/);
  await pads.set(0, { held: [1], axes: [0, 1, 0, 0] });
  await said(sdl, /^axis 1 32767/);
  await viewer.close();
  await said(sdl, /^button 1 0/);
  await said(sdl, /^removed/);
});

test("a page that is hidden lets go, and goes on when it is seen again", async () => {
  const sdl = await game();
  const { viewer, pads } = await enter();
  const hide = (hidden: boolean) =>
    viewer.page.evaluate((value) => {
      Object.defineProperty(document, "hidden", { value, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  await pads.plug(0);
  await said(sdl, /^added/);
  await pads.set(0, { held: [3] });
  await said(sdl, /^button 3 1/);
  await hide(true);
  await said(sdl, /^button 3 0/);
  await hide(false);
  await said(sdl, /^button 3 1/, 2);
});

test("two of us are two players, and the other one stays when I leave", async () => {
  const sdl = await game();
  const [mine, theirs] = [await enter(), await enter()];
  await mine.pads.plug(0);
  await said(sdl, /^added \/dev\/input\/event0/);
  await theirs.pads.plug(0);
  await said(sdl, /^added \/dev\/input\/event1/);
  sdl.write("rumble 40000 0 100\n");
  await until("the other one's motors run", async () => (await theirs.pads.rumbles()).length > 0);
  expect(await mine.pads.rumbles()).toEqual([]);
  await mine.viewer.close();
  await said(sdl, /^removed/);
  await theirs.pads.set(0, { held: [9] });
  await said(sdl, /^button 7 1/);
});

test("over TCP alone it works the same", async () => {
  const tcpFolder = mkdtempSync(join(tmpdir(), "eglantine-pads-"));
  const tcp = await Desktop.open({ env: { ...ENV, EGLANTINE_GAMEPAD_DIR: tcpFolder, EGLANTINE_PATHS: "socket" } });
  open.push({ close: async () => rmSync(tcpFolder, { recursive: true }) }, tcp);
  const sdl = startWithGamepads(tcpFolder, [gamepadProgram("sdl-pads")]);
  open.push(sdl);
  const { pads } = await enter(tcp, { path: "socket" });
  await pads.plug(0);
  await said(sdl, /^added/);
  await pads.set(0, { held: [2], axes: [0, 0, -1, 0] });
  await said(sdl, /^pad button x 1/);
  await said(sdl, /^axis 3 -32768/);
  sdl.write("rumble 0 65535 100\n");
  await until("the motors run", async () => (await pads.rumbles())[0] === "0 dual-rumble 0.00 1.00 2000");
});

test("in a session every program that the desktop starts sees them", async () => {
  const session = await startSession({
    desktop: `sleep 1000 | ${gamepadProgram("sdl-pads")}`,
    env: { EGLANTINE_GAMEPAD: "interposer" },
  });
  open.push(session);
  const viewer = await DesktopPage.connect(desktop.browser, session.url, {
    user: session.user,
    password: session.password,
    beforeClient: scriptPads,
  });
  open.push(viewer);
  const pads = new ScriptedPads(viewer);
  await pads.plug(0);
  const heard = (line: RegExp) => until(`the desktop says ${line}`, () => line.test(session.log("desktop")));
  await heard(/added \/dev\/input\/event0 Xbox 360 Controller/);
  await pads.set(0, { held: [1] });
  await heard(/pad button b 1/);
});

test("an agent that is killed takes the pads along, and the next one brings them back", async () => {
  const sdl = await game();
  const { viewer, pads } = await enter();
  await pads.plug(0);
  await said(sdl, /^added/);
  await pads.set(0, { held: [0] });
  await said(sdl, /^button 0 1/);
  process.kill(desktop.agent.pid, "SIGKILL");
  await said(sdl, /^removed/);
  await desktop.restartAgent();
  await viewer.waitForState("connected");
  await said(sdl, /^added/, 2);
  await said(sdl, /^button 0 1/, 2);
  expect(sdl.isOver).toBe(false);
});

test("the list says what is there, who is which player, and what can't be had", async () => {
  const { viewer, pads } = await enter();
  await viewer.page.keyboard.press("Control+Alt+Shift+KeyM");
  await viewer.byTestId("open-gamepads").click();
  const panel = viewer.byTestId("gamepads-panel");
  await panel.getByText("Press a button on a gamepad").waitFor();
  expect(await viewer.byTestId("gamepads-tier").innerText()).toMatch(/EGLANTINE_GAMEPAD is interposer/);
  await pads.plug(0);
  await pads.plug(1, { motors: false });
  await pads.plug(2, { mapping: "" });
  await panel.getByText("Player 2, no rumble").waitFor();
  expect(await viewer.byTestId("gamepad").allInnerTexts()).toEqual([
    "Scripted pad 0\nPlayer 1, rumbles",
    "Scripted pad 1\nPlayer 2, no rumble: this browser can't drive its motors",
    "Scripted pad 2\nThe browser does not know its layout, so that it can't be passed on.",
  ]);
  await pads.unplug(0);
  await until("one is gone", async () => (await viewer.byTestId("gamepad").count()) === 2);
  await viewer.page.keyboard.press("Escape");
  await panel.waitFor({ state: "hidden" });
});

describe("a hostile viewer", () => {
  const axes = { leftX: 0, leftY: 0, rightX: 0, rightY: 0, leftTrigger: 0, rightTrigger: 0 };
  const state = (sequence: number) =>
    inputCodec.encode({ type: "padState", index: 0, sequence, ...axes, leftX: sequence % 1000, buttons: sequence % 2 });

  test.each([
    ["a ninth gamepad", "protocol-error", [Uint8Array.of(0x30, 8)], 1],
    ["a gamepad of a number that is none", "protocol-error", [Uint8Array.of(0x31, 255)], 1],
    ["half a state", "protocol-error", [state(1).subarray(0, 9)], 1],
    ["a whole state on the channel for motion", "protocol-error", [state(1)], 1],
    [
      "a gamepad plugged in and out without end",
      "rate-limited",
      [Uint8Array.of(0x30, 0), Uint8Array.of(0x31, 0)],
      LIMITS.gamepadPlugsPerMinute,
    ],
    ["more states than any gamepad has", "rate-limited", [state(1), state(2)], LIMITS.inputPerSecond],
  ] as const)("with %s is sent away, and the other one plays on", async (what, reason, messages, times) => {
    const sdl = await game();
    const honest = await enter();
    await honest.pads.plug(0);
    await said(sdl, /^added \/dev\/input\/event0/);
    const { viewer } = await enter();
    const channel = what.includes("motion") ? "motion" : "input";
    await viewer.waitForChannel(channel);
    await until("it is sent away", async () => {
      await viewer.sendRaw(channel, messages, times);
      return (await viewer.state()) === "ended";
    });
    expect(await viewer.ending()).toContain(REASONS[reason].sentence);
    await honest.pads.set(0, { held: [0] });
    await said(sdl, /^button 0 1/);
    expect(await honest.viewer.state()).toBe("connected");
    expect(desktop.agentIsAlive()).toBe(true);
  });
});

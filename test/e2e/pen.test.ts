// Story: I draw on the desktop with my pen; it knows tip, eraser and buttons, and my pressure goes as far as the desktop can take it.

import { inputCodec, type InputMessage } from "@eglantine/protocol/input";
import { LIMITS } from "@eglantine/protocol/limits";
import { REASONS } from "@eglantine/protocol/reasons";
import { socketViewerCodec } from "@eglantine/protocol/socket";
import type { CDPSession, WebSocketRoute } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { DesktopPage } from "../harness/desktop-page.ts";
import { until } from "../harness/until.ts";
import type { EventWindow } from "../harness/x-screen.ts";
import { Bystander } from "./bystander.ts";

type PenMessage = Extract<InputMessage, { type: "pen" }>;

let bystander: Bystander;
let viewer: DesktopPage;
let window: EventWindow;
let cdp: CDPSession;
/** What the viewer sent, as it went over the wire. */
const sent: PenMessage[] = [];

/** Without WebRTC all input goes over the WebSocket, where it can be read. */
function readPens(route: WebSocketRoute): void {
  const agent = route.connectToServer();
  agent.onMessage((frame) => route.send(frame));
  route.onMessage((frame) => {
    if (typeof frame === "string") {
      if ((JSON.parse(frame) as { type?: string }).type === "offer") return;
    } else {
      const outer = socketViewerCodec.decode(frame);
      const message = outer.type === "input" ? inputCodec.decode(outer.message) : undefined;
      if (message?.type === "pen") sent.push(message);
    }
    agent.send(frame);
  });
}

beforeAll(async () => {
  bystander = await Bystander.watch();
});
afterAll(() => bystander?.close());
beforeEach(async () => {
  sent.length = 0;
  window = await bystander.desktop.screen.openWindow(400, 0, 600, 700, [40, 60, 80]);
  viewer = await bystander.desktop.connect({ onWebSocket: readPens, path: "socket" });
  cdp = await viewer.page.context().newCDPSession(viewer.page);
});
afterEach(async () => {
  await viewer.close();
  await window.close();
  await bystander.unharmed();
});

interface Pen {
  readonly buttons?: number;
  readonly force?: number;
  readonly tiltX?: number;
  readonly tiltY?: number;
  readonly twist?: number;
}

/** The pen's next event: a press or a release where its buttons change. */
async function pen(
  kind: "mousePressed" | "mouseReleased" | "mouseMoved",
  xPx: number,
  yPx: number,
  { buttons = 0, ...more }: Pen = {},
): Promise<void> {
  const { x, y } = await viewer.onPage(xPx, yPx);
  const button = kind === "mouseMoved" ? "none" : "left";
  await cdp.send("Input.dispatchMouseEvent", {
    type: kind,
    x,
    y,
    pointerType: "pen",
    button,
    buttons,
    clickCount: 1,
    ...more,
  });
}

async function pointerIs(xPx: number, yPx: number): Promise<void> {
  await until(`pointer at ${xPx},${yPx}`, async () => {
    const at = await bystander.desktop.screen.pointer();
    return at.xPx === xPx && at.yPx === yPx;
  });
}

test("a pen that hovers moves the pointer, its tip presses and drags, and each place on the way is there", async () => {
  await pen("mouseMoved", 500, 200);
  await pointerIs(500, 200);
  expect((await bystander.desktop.screen.pointer()).heldButtons).toBe(0);
  await pen("mousePressed", 500, 200, { buttons: 1, force: 0.5 });
  for (let step = 1; step <= 20; step++)
    await pen("mouseMoved", 500 + step * 5, 200 + step, { buttons: 1, force: 0.5 });
  await pen("mouseReleased", 600, 220);
  await until("the release", () => window.pointerEvents.some(({ kind }) => kind === "release"));
  const stroke = window.pointerEvents.slice(window.pointerEvents.findIndex(({ kind }) => kind === "press"));
  expect(stroke[0]).toEqual({ kind: "press", button: 1, xPx: 500, yPx: 200 });
  expect(stroke.at(-1)).toEqual({ kind: "release", button: 1, xPx: 600, yPx: 220 });
  const places = stroke.filter(({ kind }) => kind === "motion").map(({ xPx, yPx }) => `${xPx},${yPx}`);
  for (let step = 1; step <= 20; step++) expect(places).toContain(`${500 + step * 5},${200 + step}`);
});

test("pressure, tilt and twist are carried, and the client says what becomes of them here", async () => {
  await pen("mouseMoved", 500, 300, { tiltX: 10, tiltY: -20 });
  await pen("mousePressed", 500, 300, { buttons: 1, force: 0.25, tiltX: -45, tiltY: 30, twist: 120 });
  await pen("mouseMoved", 510, 300, { buttons: 1, force: 1, tiltX: -45, tiltY: 30, twist: 120 });
  await pen("mouseReleased", 510, 300);
  await until("the release", () => window.pointerEvents.some(({ kind }) => kind === "release"));
  const touching = sent.filter(({ touches }) => touches);
  expect(touching[0]).toMatchObject({ tool: 1, x: 500, y: 300, pressure: 16_384, tiltX: -45, tiltY: 30, twist: 120 });
  expect(touching.at(-1)).toMatchObject({ x: 510, pressure: 65_535 });
  expect(sent.find(({ touches }) => !touches)).toMatchObject({ pressure: 0, tiltX: 10, tiltY: -20 });
  await viewer.page.keyboard.press("Control+Alt+Shift+M");
  await viewer.byTestId("open-pointer").click();
  expect(await viewer.byTestId("pen-now").innerText()).toMatch(
    /^A pen is a mouse to this desktop: \/dev\/uinput .*\.$/,
  );
});

test("its barrel's button makes a right click of the tip's touch", async () => {
  await pen("mousePressed", 450, 100, { buttons: 3, force: 0.5 });
  await pen("mouseReleased", 450, 100);
  await until("the release", () => window.pointerEvents.some(({ kind }) => kind === "release"));
  expect(new Set(window.pointerEvents.filter(({ kind }) => kind !== "motion").map(({ button }) => button))).toEqual(
    new Set([3]),
  );
});

test("a pen that is pressed when the page goes lets go", async () => {
  await pen("mousePressed", 450, 100, { buttons: 1, force: 0.5 });
  await until("the button is down", async () => (await bystander.desktop.screen.pointer()).heldButtons === 1);
  await viewer.page.goto("about:blank");
  await until("it is up", async () => (await bystander.desktop.screen.pointer()).heldButtons === 0);
});

const PEN: PenMessage = {
  type: "pen",
  sequence: 1,
  epoch: 0,
  x: 410,
  y: 10,
  tool: 1,
  touches: true,
  barrel: false,
  second: false,
  pressure: 0xffff,
  tiltX: 0,
  tiltY: 0,
  twist: 0,
};
/** Where the bytes of the message are. */
const AT = { tool: 14, touches: 15, tiltX: 20, twist: 24 } as const;

test("pens that there are none of end that viewer's session, and nobody else's", async () => {
  const changed = (at: number, value: number): Uint8Array => {
    const bytes = inputCodec.encode(PEN);
    bytes[at] = value;
    return bytes;
  };
  const hostile = [
    changed(AT.tool, 3),
    changed(AT.tool, 255),
    changed(AT.touches, 2),
    // 0x7f00 degrees.
    changed(AT.tiltX, 0x7f),
    changed(AT.twist, 0xff),
    inputCodec.encode({ ...PEN, epoch: 7 }),
    inputCodec.encode(PEN).subarray(0, -1),
  ];
  for (const bytes of hostile) {
    const other = await bystander.desktop.connect();
    await other.waitForChannel("input");
    await other.sendRaw("input", [inputCodec.encode(PEN), bytes]);
    expect(await other.ending()).toContain(REASONS["protocol-error"].sentence);
    await other.close();
    await until("nothing held", async () => (await bystander.desktop.screen.pointer()).heldButtons === 0);
  }
});

test("a pen on the channel for motion, and a flood of pens, end that viewer's session", async () => {
  const stray = await bystander.desktop.connect();
  await stray.waitForChannel("motion");
  await stray.sendRaw("motion", [inputCodec.encode(PEN)]);
  expect(await stray.ending()).toContain(REASONS["protocol-error"].sentence);
  await stray.close();
  const flood = await bystander.desktop.connect();
  await flood.waitForChannel("input");
  await flood.sendRaw("input", [inputCodec.encode(PEN)], LIMITS.inputPerSecond * 3);
  expect(await flood.ending()).toContain(REASONS["rate-limited"].sentence);
  await flood.close();
  await until("nothing held", async () => (await bystander.desktop.screen.pointer()).heldButtons === 0);
});

// Story: a program of the desktop notifies its user; I hear of it on this computer, while I look elsewhere, and a click brings me back. With a real
// session bus, notify-send, a notification server of Debian's, and Chromium.

import { execFileSync, spawnSync } from "node:child_process";
import { LIMITS } from "@eglantine/protocol/limits";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CDPSession, Page } from "playwright-core";
import { HeadlessBrowser } from "../harness/browser.ts";
import { DesktopPage } from "../harness/desktop-page.ts";
import { type Session, startSession } from "../harness/session.ts";
import { until } from "../harness/until.ts";

interface Shown {
  readonly title: string;
  readonly body: string;
  readonly tag: string;
}

let session: Session;
let browser: HeadlessBrowser;
let viewer: DesktopPage;
let elsewhere: Page;
/** Of the control connection, from the agent. */
const frames: string[] = [];
let focus: CDPSession;

/** Stands alone: keeps what the page notifies its user of; the browser shows it all the same. */
function keepNotifications(): void {
  const shown: { title: string; body: string; tag: string }[] = [];
  const Native = globalThis.Notification;
  globalThis.Notification = class extends Native {
    constructor(title: string, options?: NotificationOptions) {
      super(title, options);
      this.addEventListener("show", () => shown.push({ title: this.title, body: this.body, tag: this.tag }));
      Object.assign(globalThis, { eglantineTestNotification: this });
    }
  };
  Object.assign(globalThis, { eglantineTestNotifications: shown });
}

const shownTo = ({ page }: DesktopPage): Promise<readonly Shown[]> =>
  page.evaluate(() => (globalThis as unknown as { eglantineTestNotifications: Shown[] }).eglantineTestNotifications);

function notify(title: string, body: string, ...options: readonly string[]): void {
  execFileSync("notify-send", [...options, "--", title, body], { env: session.programEnv, timeout: 20_000 });
}

/** Playwright makes its pages believe that they have the focus, each of them. */
async function setFocus(focused: boolean): Promise<void> {
  await focus.send("Emulation.setFocusEmulationEnabled", { enabled: focused });
  await (focused ? viewer.page : elsewhere).bringToFront();
  await until("the focus", () => viewer.page.evaluate((expected) => document.hasFocus() === expected, focused));
}

beforeAll(async () => {
  session = await startSession({ desktop: "dunst", env: { ENABLE_BASIC_AUTH: "false", NOVNC_VIEWPASS: "" } });
  browser = await HeadlessBrowser.start();
  viewer = await DesktopPage.connect(browser, session.url, {
    permissions: ["notifications"],
    beforeClient: keepNotifications,
    beforePage: async (page) =>
      void page.on("websocket", (socket) =>
        socket.on("framereceived", ({ payload }) => typeof payload === "string" && frames.push(payload)),
      ),
  });
  elsewhere = await viewer.page.context().newPage();
  focus = await viewer.page.context().newCDPSession(viewer.page);
  await until("the notification server", () => hasServer());
});
afterAll(async () => {
  await browser?.close();
  await session?.close();
});

/** False while there is no bus either. */
function hasServer(): boolean {
  const { stdout: said } = spawnSync(
    "dbus-send",
    [
      "--session",
      "--print-reply",
      "--dest=org.freedesktop.DBus",
      "/",
      "org.freedesktop.DBus.NameHasOwner",
      "string:org.freedesktop.Notifications",
    ],
    { env: session.programEnv, encoding: "utf8" },
  );
  return said.includes("boolean true");
}

/** The agent watches the bus from a moment after the viewer asked on: what is said before is nobody's. */
async function watched(): Promise<void> {
  await until("the agent watches the bus", async () => {
    notify("are you there", "");
    return (await shownTo(viewer)).some(({ title }) => title === "are you there");
  });
}

test("what a program says while I look elsewhere is shown by my browser, as text alone", async () => {
  await setFocus(false);
  await watched();
  notify(
    "Two letters",
    'from <b>Ada</b> & <a href="http://evil.example/">Grace</a>',
    "--app-name=mail",
    "--urgency=critical",
  );
  await until("the notification", async () => (await shownTo(viewer)).some(({ title }) => title === "Two letters"));
  expect((await shownTo(viewer)).find(({ title }) => title === "Two letters")).toEqual({
    title: "Two letters",
    body: "from Ada & Grace",
    tag: "mail\nTwo letters",
  });
});

test("what it says while I look at the desktop is not said twice", async () => {
  await setFocus(true);
  notify("seen there", "");
  await until("the agent's word", () => frames.some((frame) => frame.includes("seen there")));
  await setFocus(false);
  notify("not seen there", "");
  await until("the second one", async () => (await shownTo(viewer)).some(({ title }) => title === "not seen there"));
  expect((await shownTo(viewer)).map(({ title }) => title)).not.toContain("seen there");
});

test("what it says while I look at a further monitor of the desktop is not said twice either", async () => {
  await setFocus(true);
  const further = await viewer.addMonitor(800, 600);
  // From here on the further window alone is believed to be looked at.
  await setFocus(false);
  expect(await further.page.evaluate(() => document.hasFocus())).toBe(true);
  notify("seen on the further monitor", "");
  await until("the agent's word", () => frames.some((frame) => frame.includes("seen on the further monitor")));
  // A window without a screen is left by nobody: said as the browser says it.
  await further.page.evaluate(() => void window.dispatchEvent(new Event("blur")));
  await until("a word that nobody has seen", async () => {
    notify("seen nowhere", "");
    return (await shownTo(viewer)).some(({ title }) => title === "seen nowhere");
  });
  expect((await shownTo(viewer)).map(({ title }) => title)).not.toContain("seen on the further monitor");
  await further.close();
});

test("a click on it brings the desktop's window to the front", async () => {
  await viewer.page.evaluate(() => {
    const focused: boolean[] = [];
    const focus = window.focus.bind(window);
    window.focus = () => {
      focused.push(true);
      focus();
    };
    Object.assign(globalThis, { eglantineTestFocused: focused });
    (globalThis as unknown as { eglantineTestNotification: Notification }).eglantineTestNotification.dispatchEvent(
      new Event("click"),
    );
  });
  expect(
    await viewer.page.evaluate(
      () => (globalThis as unknown as { eglantineTestFocused: boolean[] }).eglantineTestFocused,
    ),
  ).toEqual([true]);
});

test("what is long is cut, and what would deceive is taken out", async () => {
  notify(`\u202eevil ${"t".repeat(400)}`, "b".repeat(4000));
  await until("the long one", async () => (await shownTo(viewer)).some(({ title }) => title.startsWith("evil")));
  const long = (await shownTo(viewer)).find(({ title }) => title.startsWith("evil"));
  expect(long?.title).toHaveLength(LIMITS.notificationTitleChars);
  expect(long?.body).toHaveLength(LIMITS.notificationBodyChars);
});

test("a bus that dies and starts again is watched again", async () => {
  const before = session.servicePid("dbus") ?? 0;
  process.kill(before, "SIGKILL");
  await until("another bus", () => ![before, undefined].includes(session.servicePid("dbus")));
  await until("the notification server", () => hasServer());
  await until("a word of the new bus", async () => {
    notify("from the new bus", "");
    return (await shownTo(viewer)).some(({ title }) => title === "from the new bus");
  });
});

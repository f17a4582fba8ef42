// The built page in real Chromium against `testing/agent-double.ts`: what the user sees and what the agent hears.

import { REASONS } from "@eglantine/protocol/reasons";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { AgentDouble, type AgentDoubleOptions } from "./testing/agent-double.ts";
import { PageBench } from "./testing/page-bench.ts";

let bench: PageBench;

beforeAll(async () => {
  bench = await PageBench.start(["--host-resolver-rules=MAP plain.test 127.0.0.1"]);
});
afterAll(() => bench?.close());
afterEach(async () => {
  await bench.closeAll();
  expect(bench.complaints.splice(0)).toEqual([]);
});

const startAgent = (options: Partial<AgentDoubleOptions> = {}, desktop = true): Promise<AgentDouble> =>
  bench.startAgent(options, desktop ? {} : false);

/** Where somebody was a moment ago. */
async function addressOfNobody(): Promise<string> {
  const agent = await AgentDouble.start({ page: bench.folder });
  const { origin } = new URL(agent.url);
  await agent.close();
  return origin;
}

interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: "light" | "dark";
  readonly query?: string;
  readonly deviceScaleFactor?: number;
}

async function openPage(agent: AgentDouble, options: PageOptions = {}): Promise<Page> {
  const page = await blankPage(options);
  await page.goto(agent.url + (options.query ?? ""));
  return page;
}

function blankPage(options: PageOptions = {}): Promise<Page> {
  const { width = 1000, height = 600, colorScheme = "light", deviceScaleFactor = 1 } = options;
  return bench.newPage({ viewport: { width, height }, colorScheme, deviceScaleFactor });
}

const reaches = (page: Page, state: string) =>
  page.waitForSelector(`html[data-state="${state}"]`, { state: "attached" });

async function connected(agent: AgentDouble, options?: PageOptions): Promise<Page> {
  const page = await openPage(agent, options);
  await reaches(page, "connected");
  return page;
}

/** Waits until the page says so. */
const shows = (page: Page, text: string) => page.getByText(text).first().waitFor();

const inputs = (agent: AgentDouble, type: string) =>
  agent.input.map(({ message }) => message).filter((message) => message.type === type);

describe("connecting", () => {
  it("happens by itself on the agent's own page, and ends with a picture and nothing over it", async () => {
    const agent = await startAgent();
    const page = await connected(agent);
    const video = page.getByTestId("desktop");
    await expect.poll(() => video.evaluate((element: HTMLVideoElement) => element.videoWidth)).toBeGreaterThan(0);
    expect(await video.isVisible()).toBe(true);
    for (const name of ["toolbar", "stats-overlay", "stage-list", "notice"]) {
      expect(await page.getByTestId(name).count()).toBe(0);
    }
    expect(agent.control.slice(0, 2).map(({ type }) => type)).toEqual(["hello", "offer"]);
  });

  it("has reached the agent before the rest of the page is there, and greets it on that same connection", async () => {
    const agent = await startAgent();
    const page = await blankPage();
    await page.route(/\/page-[\w-]+\.js$/, async (route) => {
      await agent.until(() => agent.connections > 0);
      await route.continue();
    });
    await page.goto(agent.url);
    await reaches(page, "connected");
    expect(agent.connections).toBe(1);
    expect(agent.control[0]?.type).toBe("hello");
  });

  it("greets the agent first and makes its peer while that answers", async () => {
    const agent = await startAgent();
    const page = await blankPage();
    await page.addInitScript(() => {
      const happened: string[] = [];
      const sockets: WebSocket[] = [];
      Object.assign(window, { happened, sockets });
      window.WebSocket = class extends WebSocket {
        constructor(url: string, protocols: string) {
          super(url, protocols);
          sockets.push(this);
        }
        override send(data: string): void {
          happened.push(String((JSON.parse(data) as { type: unknown }).type));
          super.send(data);
        }
      };
      window.RTCPeerConnection = class extends RTCPeerConnection {
        constructor(configuration?: RTCConfiguration) {
          super(configuration);
          happened.push("peer");
        }
      };
    });
    await page.route(/\/page-[\w-]+\.js$/, async (route) => {
      await page.waitForFunction(
        () => (Reflect.get(window, "sockets") as WebSocket[])[0]?.readyState === WebSocket.OPEN,
      );
      // Asked behind the page's own questions.
      await page.evaluate(() => VideoDecoder.isConfigSupported({ codec: "vp8" }));
      await route.continue();
    });
    await page.goto(agent.url);
    await reaches(page, "connected");
    const happened = await page.evaluate(() => Reflect.get(window, "happened") as string[]);
    expect(happened.slice(0, 3)).toEqual(["hello", "peer", "offer"]);
  });

  it("hears an agent that refused it before the rest of the page was there", async () => {
    const agent = await startAgent({ firstWord: "origin-refused" }, false);
    const page = await blankPage();
    await page.route(/\/page-[\w-]+\.js$/, async (route) => {
      await agent.until(() => agent.connections > 0);
      await route.continue();
    });
    await page.goto(agent.url);
    await reaches(page, "ended");
    expect(await page.getByTestId("end-reason").innerText()).toBe(REASONS["origin-refused"].sentence);
  });

  it("reaches for no agent by itself where its address names one", async () => {
    const agent = await startAgent({}, false);
    const page = await openPage(agent, { query: `?url=${encodeURIComponent("http://127.0.0.1:9/")}` });
    await page.getByTestId("connect-form").waitFor();
    expect(agent.connections).toBe(0);
  });

  it("works below any path", async () => {
    const agent = await startAgent({ prefix: "/desks/7/" });
    await connected(agent);
  });

  it("asks for name and password where the agent does, says what is wrong, and keeps the password nowhere", async () => {
    const agent = await startAgent({ password: "right" });
    const page = await openPage(agent);
    await page.getByTestId("connect-form").waitFor();
    await shows(page, REASONS["auth-required"].sentence);
    expect(await page.getByTestId("connect-url").inputValue()).toBe(agent.url);
    expect(await page.getByTestId("connect-user").inputValue()).toBe("user");
    await page.getByTestId("connect-password").fill("wrong");
    await page.getByTestId("connect-submit").click();
    await shows(page, REASONS["auth-failed"].sentence);
    await page.getByTestId("connect-password").fill("right");
    await page.keyboard.press("Enter");
    await reaches(page, "connected");
    expect(agent.control.findLast(({ type }) => type === "hello")).toMatchObject({ user: "user", password: "right" });
    const stored = await page.evaluate(() =>
      [...Object.entries(localStorage), ...Object.entries(sessionStorage)].join(),
    );
    expect(stored).toContain(agent.url);
    expect(stored).not.toContain("right");
  });

  it("refuses an agent of another major version with a sentence", async () => {
    const agent = await startAgent({ version: { major: 7, minor: 3 } }, false);
    const page = await openPage(agent);
    await reaches(page, "ended");
    expect(await page.getByTestId("end-reason").innerText()).toBe(REASONS["version-mismatch"].sentence);
    await shows(page, REASONS["version-mismatch"].remedy);
    await shows(page, "7.3");
    expect(agent.control.at(-1)).toMatchObject({ type: "bye", reason: "version-mismatch" });
  });

  it("names the stage that failed, and the remedy, when nothing answers", async () => {
    const agent = await startAgent({}, false);
    const nobody = await addressOfNobody();
    const page = await openPage(agent, { query: `?url=${nobody}` });
    await page.getByTestId("connect-submit").click();
    await reaches(page, "ended");
    await shows(page, "No agent answers at this address.");
    expect(await page.locator('[data-stage="reach"]').getAttribute("data-state")).toBe("failed");
    // The browser itself reports the refused connection.
    expect(bench.complaints.splice(0).every((text) => text.includes("ERR_CONNECTION_REFUSED"))).toBe(true);
  });

  it("reaches for the agent again where the first connections break off before they open", async () => {
    const agent = await startAgent({ password: "right" }, false);
    agent.breaksOff = 2;
    const page = await openPage(agent);
    await page.getByTestId("connect-form").waitFor();
    expect(agent.connections).toBe(1);
    // The browser itself reports the others.
    const reported = bench.complaints.splice(0);
    expect(reported).toHaveLength(2);
    expect(reported.filter((text) => !text.includes("WebSocket connection"))).toEqual([]);
  });

  it("goes nowhere by itself when a link names another host than the page's own", async () => {
    const agent = await startAgent({}, false);
    const nobody = await addressOfNobody();
    const page = await openPage(agent, { query: `?url=${nobody}` });
    await page.getByTestId("connect-form").waitFor();
    expect(await page.getByTestId("connect-url").inputValue()).toBe(nobody);
    expect(await page.evaluate(() => document.documentElement.dataset["state"])).toBe("idle");
  });

  it("says so in a browser without WebRTC", async () => {
    const agent = await startAgent({}, false);
    const page = await bench.newPage();
    await page.addInitScript(() => Reflect.deleteProperty(window, "RTCPeerConnection"));
    await page.goto(agent.url);
    await reaches(page, "ended");
    expect(await page.getByTestId("end-reason").innerText()).toBe(REASONS["no-common-codec"].sentence);
    await shows(page, "this browser has no WebRTC");
  });

  it("shows the stages while it waits, and can be cancelled", async () => {
    const agent = await startAgent({ mute: true }, false);
    const page = await openPage(agent);
    await page.getByTestId("stage-list").waitFor();
    expect(await page.locator('[data-stage="admit"]').getAttribute("data-state")).toBe("running");
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByTestId("connect-form").waitFor();
  });

  it("warns of a way on which a password could be read, where the browser has not warned of the page itself", async () => {
    const agent = await startAgent({ refuse: "auth-required", host: "plain.test" }, false);
    const page = await openPage(agent);
    await page.getByTestId("connect-form").waitFor();
    const warning = page.getByTestId("connect-clear-text");
    const enter = (url: string) => page.getByTestId("connect-url").fill(url);
    expect(await warning.count()).toBe(0);
    await enter("http://192.0.2.7:8080/");
    expect(await warning.innerText()).toMatch(/192\.0\.2\.7:8080 is plain HTTP: .* password/);
    for (const url of [agent.url, "https://192.0.2.7:8080/", "192.0.2.7:8080", "http://127.0.0.1:8080/"]) {
      await enter("ws://192.0.2.7");
      await warning.waitFor();
      await enter(url);
      await warning.waitFor({ state: "detached" });
    }
  });

  it("says that an address is none instead of trying it", async () => {
    const agent = await startAgent({ refuse: "auth-required" }, false);
    const page = await openPage(agent);
    await page.getByTestId("connect-url").fill("ftp://nowhere");
    await page.getByTestId("connect-submit").click();
    await shows(page, "This is no address.");
  });
});

describe("ending", () => {
  it("shows the agent's reason and the way back", async () => {
    const agent = await startAgent({ refuse: "too-many-viewers" });
    const page = await openPage(agent);
    await reaches(page, "ended");
    expect(await page.getByTestId("end-reason").innerText()).toBe(REASONS["too-many-viewers"].sentence);
    agent.options = { page: bench.folder };
    await page.getByTestId("connect-again").click();
    await reaches(page, "connected");
  });

  it("dims the last picture after a drop, and comes back by itself", async () => {
    const agent = await startAgent();
    const page = await connected(agent);
    agent.options = { page: bench.folder, mute: true };
    agent.drop();
    await page.getByTestId("reconnecting").waitFor();
    expect(await page.locator("#last").isVisible()).toBe(true);
    await shows(page, REASONS["connection-lost"].sentence);
    agent.options = { page: bench.folder };
    agent.drop();
    await reaches(page, "connected");
    expect(await page.getByTestId("reconnecting").count()).toBe(0);
    expect(await page.locator("#last").isVisible()).toBe(false);
  });

  it("asks again when the password has changed meanwhile", async () => {
    const agent = await startAgent();
    const page = await connected(agent);
    agent.options = { page: bench.folder, password: "new" };
    agent.drop();
    await page.getByTestId("connect-form").waitFor();
  });

  it("lets the user leave, and tells the agent", async () => {
    const agent = await startAgent();
    const page = await connected(agent);
    await page.getByTestId("toolbar-handle").click();
    await page.getByTestId("disconnect").click();
    await reaches(page, "ended");
    expect(await page.getByTestId("end-reason").innerText()).toBe(REASONS["viewer-left"].sentence);
    await agent.until(() =>
      agent.control.some((message) => message.type === "bye" && message.reason === "viewer-left"),
    );
  });

  it.each([
    ["control", (agent: AgentDouble) => agent.sendRaw('{"type":"display","widthPx":"wide"}')],
    ["feedback", (agent: AgentDouble) => agent.sendRawFeedback(new Uint8Array([0xff, 1, 2]))],
  ])("closes with a sentence when the agent sends nonsense on the %s channel", async (_channel, send) => {
    const agent = await startAgent();
    const page = await connected(agent);
    send(agent);
    await shows(page, "The agent sent something that this client does not understand.");
    await agent.until(() =>
      agent.control.some((message) => message.type === "bye" && message.reason === "protocol-error"),
    );
  });
});

describe("input", () => {
  it("points at the desktop pixel under the pointer, and clicks there", async () => {
    const agent = await startAgent();
    const page = await connected(agent);
    await page.mouse.move(123, 456);
    await page.mouse.down({ button: "right" });
    await page.mouse.up({ button: "right" });
    await agent.until(() => inputs(agent, "button").length === 2);
    expect(inputs(agent, "button")).toMatchObject([
      { x: 123, y: 456, button: 3, pressed: true },
      { x: 123, y: 456, button: 3, pressed: false },
    ]);
    expect(agent.input.find(({ message }) => message.type === "motion")?.channel).toBe("motion");
  });

  it("points exactly in a picture that is scaled and has bars", async () => {
    const agent = await startAgent();
    const page = await connected(agent, { width: 500, height: 600 });
    await page.mouse.move(250.25, 150 + 75.25);
    await agent.until(() => inputs(agent, "motion").length > 0);
    expect(inputs(agent, "motion").at(-1)).toMatchObject({ x: 500, y: 150 });
  });

  it("drags beyond the window's edge without losing the button", async () => {
    const agent = await startAgent();
    const page = await connected(agent, { width: 1000, height: 600 });
    await page.mouse.move(10, 10);
    await page.mouse.down();
    await page.mouse.move(-50, 700);
    await page.mouse.up();
    await agent.until(() => inputs(agent, "button").length === 2);
    expect(inputs(agent, "button").at(-1)).toMatchObject({ x: 0, y: 599, pressed: false });
  });

  it("sends keys by place and characters by keysym, keeps the browser's own shortcuts from it, and repeats none", async () => {
    const agent = await startAgent();
    const page = await connected(agent);
    await page.keyboard.down("Control");
    await page.keyboard.down("r");
    await page.keyboard.down("r");
    await page.keyboard.up("r");
    await page.keyboard.up("Control");
    await agent.until(() => inputs(agent, "key").length === 4);
    expect(inputs(agent, "key")).toEqual([
      { type: "key", pressed: true, code: 29, keysym: 0xffe3 },
      { type: "key", pressed: true, code: 0, keysym: 0x72 },
      { type: "key", pressed: false, code: 0, keysym: 0x72 },
      { type: "key", pressed: false, code: 29, keysym: 0xffe3 },
    ]);
    await reaches(page, "connected");
  });

  it("releases everything when the window loses the focus", async () => {
    const agent = await startAgent();
    const page = await connected(agent);
    await page.keyboard.down("a");
    await page.evaluate(() => window.dispatchEvent(new FocusEvent("blur")));
    await agent.until(() => inputs(agent, "releaseAll").length === 1);
  });

  it("lets a held key go although the focus has moved to a tool meanwhile", async () => {
    const agent = await startAgent();
    const page = await connected(agent);
    await page.keyboard.down("a");
    await page.evaluate(() => {
      const tool = document.body.appendChild(document.createElement("button"));
      tool.focus();
    });
    await page.keyboard.up("a");
    await agent.until(() => inputs(agent, "key").some((message) => message.type === "key" && !message.pressed));
  });

  it("gives the keyboard back to the page once the desktop is left", async () => {
    const agent = await startAgent();
    const page = await connected(agent);
    agent.send({ type: "bye", reason: "display-lost" });
    agent.options = { ...agent.options, refuse: "too-many-viewers" };
    await reaches(page, "ended");
    await page.getByTestId("connect-again").focus();
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.tagName)).not.toBe("BODY");
  });

  it("turns the wheel in 1/120 detents", async () => {
    const agent = await startAgent();
    const page = await connected(agent);
    await page.mouse.move(50, 60);
    await page.mouse.wheel(0, -120);
    await agent.until(() => inputs(agent, "wheel").length > 0);
    expect(inputs(agent, "wheel")[0]).toMatchObject({ x: 50, y: 60, deltaX: 0, deltaY: -120 });
  });

  it("opens the toolbar with its chord, leaves nothing pressed, and takes the keyboard back with Escape", async () => {
    const agent = await startAgent();
    const page = await connected(agent);
    await page.keyboard.press("Control+Alt+Shift+M");
    await page.getByTestId("toolbar").waitFor();
    await agent.until(() => inputs(agent, "releaseAll").length === 1);
    const before = inputs(agent, "key").length;
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Escape");
    await page.getByTestId("toolbar").waitFor({ state: "detached" });
    expect(inputs(agent, "key").length).toBe(before);
    await page.keyboard.press("x");
    await agent.until(() => inputs(agent, "key").some((message) => message.type === "key" && message.keysym === 0x78));
  });

  it("sends totals in an epoch of their own while the pointer is locked", async () => {
    const agent = await startAgent();
    const page = await connected(agent);
    await page.mouse.move(500, 300);
    await page.getByTestId("toolbar-handle").click();
    await page.getByTestId("lock-pointer").click();
    await page.waitForFunction(() => document.pointerLockElement !== null);
    await page.mouse.move(510, 305);
    await page.mouse.move(530, 300);
    const locked = () => inputs(agent, "motion").filter((message) => message.type === "motion" && message.epoch === 1);
    await agent.until(() => locked().length >= 3);
    await page.evaluate(() => document.exitPointerLock());
    await page.waitForFunction(() => document.pointerLockElement === null);
    await page.mouse.move(20, 20);
    await agent.until(() => {
      const last = inputs(agent, "motion").at(-1);
      return last?.type === "motion" && last.epoch === 0 && last.x === 20;
    });
    const [start, first, last] = [locked()[0], locked()[1], locked().at(-1)];
    // The lock's beginning is told at once: where the pointer is comes back then.
    expect(start).toMatchObject({ x: 0, y: 0 });
    expect(first?.type === "motion" && last?.type === "motion" && last.x - first.x).toBe(20);
  });

  it("draws the desktop's pointer, and none where the desktop hides it", async () => {
    const agent = await startAgent();
    const page = await connected(agent);
    const cursor = () => page.getByTestId("surface").evaluate((element) => element.style.cursor);
    const rgba = new Uint8Array(16 * 16 * 4).fill(255);
    agent.sendFeedback({ type: "cursorShape", serial: 1, widthPx: 16, heightPx: 16, hotXPx: 3, hotYPx: 5, rgba });
    await expect.poll(cursor).toMatch(/data:image\/png.* 3 5, default$/);
    const drawn = await cursor();
    agent.sendFeedback({ type: "cursorHidden" });
    await expect.poll(cursor).toBe("none");
    agent.sendFeedback({ type: "cursorUse", serial: 1 });
    await expect.poll(cursor).toBe(drawn);
  });
});

describe("the desktop's size", () => {
  const displays = (agent: AgentDouble) => agent.control.filter(({ type }) => type === "display");

  /** Resizes the window and waits for two reports of a second each: far longer than the page waits for a window to rest. */
  async function hasRested(agent: AgentDouble, page: Page): Promise<void> {
    await page.setViewportSize({ width: 640, height: 480 });
    const reports = () => agent.control.filter(({ type }) => type === "stats").length;
    const before = reports();
    await agent.until(() => reports() >= before + 2);
  }

  it("follows the window in device pixels, even and only once it rests", async () => {
    const agent = await startAgent({ resize: true });
    const page = await connected(agent, { width: 701, height: 501, deviceScaleFactor: 2 });
    await agent.until(() => displays(agent).length > 0);
    // On a clock of its own, where a busy machine makes no window rest: for 150 ms it must.
    await page.clock.install();
    await page.clock.pauseAt(new Date(Date.now() + 1000));
    const resize = async (width: number, height: number): Promise<void> => {
      await page.setViewportSize({ width, height });
      await page.evaluate(() => new Promise((done) => new ResizeObserver(done).observe(document.documentElement)));
    };
    await resize(640, 480);
    await page.clock.runFor(100);
    await resize(600, 400);
    await page.clock.runFor(100);
    expect(displays(agent).some(({ widthPx }) => widthPx === 1200)).toBe(false);
    await page.clock.runFor(50);
    await agent.until(() => displays(agent).some(({ widthPx }) => widthPx === 1200));
    // A scale goes with it until the agent has shown that it knows none.
    const sizes = displays(agent).map(({ widthPx, heightPx }) => `${String(widthPx)}x${String(heightPx)}`);
    expect([...new Set(sizes)]).toEqual(["1402x1002", "1200x800"]);
  });

  it("is left alone where the address says so or the agent does not allow it", async () => {
    const agent = await startAgent({ resize: true });
    const page = await connected(agent, { width: 700, height: 500, query: "?resize=false" });
    await hasRested(agent, page);
    expect(displays(agent)).toEqual([]);
    const fixed = await startAgent({ resize: false });
    await hasRested(fixed, await connected(fixed, { width: 700, height: 500 }));
    expect(displays(fixed)).toEqual([]);
  });
});

describe("the tools", () => {
  it("show statistics with the encoder's name, and remember it", async () => {
    const agent = await startAgent();
    const page = await connected(agent);
    await page.getByTestId("toolbar-handle").click();
    await page.getByTestId("toggle-stats").click();
    expect(await page.getByTestId("encoder-name").innerText()).toBe("x264enc");
    await expect.poll(() => page.getByTestId("stats-overlay").innerText()).toMatch(/\d+ \/ s/);
    await page.reload();
    await page.getByTestId("stats-overlay").waitFor();
  });

  it("switch between fitting and one desktop pixel a device pixel", async () => {
    const agent = await startAgent();
    const page = await connected(agent, { width: 600, height: 400 });
    const width = () => page.getByTestId("desktop").evaluate((element) => element.getBoundingClientRect().width);
    await expect.poll(width).toBe(600);
    await page.getByTestId("toolbar-handle").click();
    await page.getByTestId("toggle-scale").click();
    await expect.poll(width, { timeout: 40_000 }).toBe(1000);
  });

  it("report to the agent what was measured", async () => {
    const agent = await startAgent();
    await connected(agent);
    const stats = await agent.until(() => agent.control.find(({ type }) => type === "stats"));
    expect(stats).toMatchObject({ framesPerSecond: expect.any(Number) });
  });
});

describe("every page", () => {
  const pages: readonly (readonly [string, Partial<AgentDoubleOptions>, (page: Page) => Promise<unknown>])[] = [
    ["connect", { refuse: "auth-failed" }, (page) => page.getByTestId("connect-form").waitFor()],
    ["stages", { mute: true }, (page) => page.getByTestId("stage-list").waitFor()],
    ["end", { refuse: "no-common-codec" }, (page) => page.getByTestId("end-page").waitFor()],
  ];

  it.each(pages)("%s fits 375 px without scrolling sideways, in both schemes", async (_name, options, ready) => {
    const agent = await startAgent(options, false);
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await openPage(agent, { width: 375, height: 667, colorScheme });
      await ready(page);
      const wide = await page.evaluate(
        () =>
          [...document.querySelectorAll("#ui *")].filter((element) => element.getBoundingClientRect().right > 375.5)
            .length,
      );
      expect(wide).toBe(0);
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      expect(ground).toBe(colorScheme === "light" ? "rgb(250, 248, 247)" : "rgb(23, 21, 23)");
    }
  });

  it("keeps the toolbar inside 375 px", async () => {
    const agent = await startAgent();
    const page = await connected(agent, { width: 375, height: 667 });
    await page.getByTestId("toolbar-handle").click();
    const box = await page.getByTestId("toolbar").boundingBox();
    expect(box?.x).toBeGreaterThanOrEqual(0);
    expect((box?.x ?? 0) + (box?.width ?? 999)).toBeLessThanOrEqual(375);
  });
});

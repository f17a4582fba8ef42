// The picture's settings in the built page, in real Chromium against `testing/agent-double.ts`: what the user sees and what the
// agent is told.

import { join } from "node:path";
import type { AgentControl } from "@eglantine/protocol/control";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { AgentDouble, AgentDoubleOptions } from "./testing/agent-double.ts";
import { PageBench } from "./testing/page-bench.ts";

/** Where pictures of the panel are put to be looked at; nowhere without it. */
const SHOTS = process.env["EGLANTINE_SCREENSHOTS"];
let bench: PageBench;

const ENCODERS: AgentControl = {
  type: "encoders",
  encoders: [
    { name: "x264enc", codec: "h264", chroma444: true, usable: true, why: "" },
    { name: "vp9enc", codec: "vp9", chroma444: true, usable: true, why: "" },
    {
      name: "nvh265enc",
      codec: "h265",
      chroma444: true,
      usable: false,
      why: "no NVIDIA driver: libcuda.so.1 is not there",
    },
    { name: "vaav1enc", codec: "av1", chroma444: false, usable: false, why: "no render device below /dev/dri" },
  ],
};
const FORCE: Extract<AgentControl, { type: "video" }> = {
  type: "video",
  encoder: "x264enc",
  chroma: "auto",
  preset: "balanced",
  framesPerSecond: 60,
  minBps: 300_000,
  startBps: 8_000_000,
  maxBps: 16_000_000,
};

beforeAll(async () => {
  bench = await PageBench.start();
});
afterAll(() => bench?.close());
afterEach(async () => {
  await bench.closeAll();
  expect(bench.complaints.splice(0)).toEqual([]);
});

interface Opened {
  readonly agent: AgentDouble;
  readonly page: Page;
}

async function connect(
  options: Partial<AgentDoubleOptions> = {},
  view: { width?: number; height?: number; colorScheme?: "light" | "dark" } = {},
): Promise<Opened> {
  const agent = await bench.startAgent({ paths: ["webrtc", "socket", "vnc"], ...options });
  const { width = 1000, height = 700, colorScheme = "light" } = view;
  const page = await bench.newPage({ viewport: { width, height }, colorScheme });
  await page.goto(agent.url);
  await reaches(page, "connected");
  return { agent, page };
}

const reaches = (page: Page, state: string) =>
  page.waitForSelector(`html[data-state="${state}"]`, { state: "attached" });

async function openPanel({ agent, page }: Opened): Promise<void> {
  agent.send(ENCODERS);
  agent.send(FORCE);
  await page.getByTestId("toolbar-handle").click();
  await page.getByTestId("open-settings").click();
  await page.getByTestId("settings-panel").waitFor();
}

const wishes = (agent: AgentDouble) => agent.control.filter(({ type }) => type === "video" || type === "path");
const choose = (page: Page, name: string, value: string) => page.getByTestId(`setting-${name}`).selectOption(value);

it("sends each choice as a whole wish, at once, and shows what is in force", async () => {
  const opened = await connect();
  const { agent, page } = opened;
  await openPanel(opened);
  expect(wishes(agent)).toEqual([]);
  await choose(page, "preset", "text");
  await choose(page, "maxBps", "25000000");
  await choose(page, "framesPerSecond", "30");
  await agent.until(() => wishes(agent).length === 3);
  expect(wishes(agent)).toEqual([
    { type: "video", preset: "text" },
    { type: "video", preset: "text", maxBps: 25_000_000 },
    { type: "video", preset: "text", maxBps: 25_000_000, framesPerSecond: 30 },
  ]);
  agent.send({ ...FORCE, preset: "text", framesPerSecond: 30 });
  await expect.poll(() => page.getByTestId("now-framesPerSecond").innerText()).toBe("Now 30 a second");
  expect(await page.getByTestId("now-maxBps").innerText()).toBe(
    "Now 16 Mbit/s: the agent does not give 25 Mbit/s here",
  );
  expect(await page.getByTestId("now-maxBps").getAttribute("data-differs")).toBe("true");
  await choose(page, "framesPerSecond", "");
  await agent.until(() => wishes(agent).length === 4);
  expect(wishes(agent).at(-1)).toEqual({ type: "video", preset: "text", maxBps: 25_000_000 });
});

it("offers encoders that can be had, and says why the others can't", async () => {
  const opened = await connect();
  const { agent, page } = opened;
  await openPanel(opened);
  const disabled = () =>
    page.getByTestId("setting-encoder").evaluate((element) => {
      const { options } = element as HTMLSelectElement;
      return [...options].filter((option) => option.disabled).map(({ value }) => value);
    });
  await expect.poll(disabled).toEqual(["nvh265enc", "vaav1enc"]);
  await page.getByTestId("encoders-refused").locator("summary").click();
  expect(await page.getByTestId("encoders-refused").innerText()).toContain(
    "no NVIDIA driver: libcuda.so.1 is not there",
  );
  await choose(page, "encoder", "vp9enc");
  await agent.until(() => wishes(agent).length === 1);
  expect(wishes(agent)).toEqual([{ type: "video", encoder: "vp9enc" }]);
});

it("remembers the wishes for this agent, and says them again right behind the next hello", async () => {
  const opened = await connect();
  const { agent, page } = opened;
  await openPanel(opened);
  await choose(page, "chroma", "444");
  await choose(page, "path", "webrtc");
  await agent.until(() => wishes(agent).length === 2);
  agent.control.length = 0;
  await page.reload();
  await agent.until(() => agent.control.some(({ type }) => type === "offer"));
  const hello = agent.control.findIndex(({ type }) => type === "hello");
  expect(agent.control.slice(hello, hello + 3)).toMatchObject([
    { type: "hello" },
    { type: "video", chroma: "444" },
    { type: "path", want: "webrtc" },
  ]);
});

it("goes back to the agent's settings, and then has nothing to say", async () => {
  const opened = await connect();
  const { agent, page } = opened;
  await openPanel(opened);
  expect(await page.getByTestId("settings-reset").isDisabled()).toBe(true);
  await choose(page, "preset", "games");
  await choose(page, "path", "socket");
  await page.getByTestId("settings-reset").click();
  await agent.until(() => wishes(agent).length === 4);
  expect(wishes(agent).slice(2)).toEqual([{ type: "video" }, { type: "path", want: "auto" }]);
  agent.control.length = 0;
  await page.reload();
  await agent.until(() => agent.control.some(({ type }) => type === "offer"));
  expect(wishes(agent)).toEqual([]);
});

it("is used with the keyboard alone, named for screen readers, and closed with Escape, which leaves the desktop the keys", async () => {
  const opened = await connect();
  const { agent, page } = opened;
  await openPanel(opened);
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.getAttribute("data-testid")))
    .toBe("setting-path");
  const names = ["Path", "Priority", "Encoder", "Colour resolution", "Frames, at most", "Bitrate, at most", "Data cap"];
  for (const name of names) expect(await page.getByRole("combobox", { name }).count()).toBe(1);
  expect(await page.getByRole("dialog", { name: "Picture and sound" }).count()).toBe(1);
  const typed = agent.input.length;
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowDown");
  await agent.until(() => wishes(agent).length === 1);
  expect(wishes(agent)[0]).toMatchObject({ type: "video", preset: "balanced" });
  expect(agent.input.slice(typed).filter(({ message }) => message.type === "key")).toEqual([]);
  await page.keyboard.press("Escape");
  await page.getByTestId("settings-panel").waitFor({ state: "detached" });
  await page.keyboard.press("x");
  await agent.until(() => agent.input.some(({ message }) => message.type === "key"));
});

it("keeps how loud it is, whether it is muted and how many loudspeakers there are, for every agent", async () => {
  const opened = await connect();
  const { agent, page } = opened;
  await openPanel(opened);
  expect(await page.getByTestId("sound-why").innerText()).toBe("This agent has no sound.");
  const facts = { sound: true, why: "", channels: 2, microphone: "off", microphoneWhy: "" } as const;
  agent.send({ type: "audio", ...facts });
  await page.getByTestId("sound-why").waitFor({ state: "detached" });
  await page.getByTestId("sound-volume").fill("30");
  await page.getByTestId("sound-channels").selectOption("6");
  await agent.until(() => agent.control.some((message) => message.type === "audio" && message.channels === 6));
  // Not more than there is.
  await expect.poll(() => page.getByText("Now Stereo: the desktop has no more").count()).toBe(1);
  await page.getByTestId("sound-volume").fill("0");
  await agent.until(() => agent.control.some((message) => message.type === "audio" && !message.on));
  await page.reload();
  await agent.until(() => agent.control.filter(({ type }) => type === "hello").length === 2);
  expect(agent.control.findLast(({ type }) => type === "hello")).toMatchObject({ audio: { on: false, channels: 6 } });
});

it("an agent that knows of no sound is told nothing of it", async () => {
  const opened = await connect();
  const { agent, page } = opened;
  await openPanel(opened);
  await page.getByTestId("sound-volume").fill("0");
  await choose(page, "preset", "text");
  await agent.until(() => wishes(agent).length === 1);
  expect(agent.control.filter(({ type }) => type === "audio" || type === "microphone")).toEqual([]);
});

it("refuses paths that this agent does not offer", async () => {
  const opened = await connect({ paths: ["webrtc"] });
  const { page } = opened;
  await openPanel(opened);
  const disabled = await page.getByTestId("setting-path").evaluate((element) => {
    const { options } = element as HTMLSelectElement;
    return [...options].filter((option) => option.disabled).map(({ value }) => value);
  });
  expect(disabled).toEqual(["socket", "vnc"]);
  await page.keyboard.press("Escape");
  await page.getByTestId("toolbar-handle").click();
  expect(await page.getByTestId("toggle-vnc").isDisabled()).toBe(true);
});

it.each([375, 768, 1280])(
  "fits a window %d pixels wide, in both schemes, without scrolling sideways",
  async (width) => {
    for (const colorScheme of ["light", "dark"] as const) {
      const opened = await connect({}, { width, height: 720, colorScheme });
      const { agent, page } = opened;
      await openPanel(opened);
      await choose(page, "maxBps", "60000000");
      agent.send(FORCE);
      await page.waitForSelector('[data-testid="now-maxBps"][data-differs="true"]');
      const panel = page.getByTestId("settings-panel");
      const box = await panel.boundingBox();
      expect(box?.x).toBeGreaterThanOrEqual(0);
      expect((box?.x ?? 0) + (box?.width ?? 9999)).toBeLessThanOrEqual(width);
      expect((box?.y ?? 0) + (box?.height ?? 9999)).toBeLessThanOrEqual(720);
      expect(await panel.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
      if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, `settings-${width}-${colorScheme}.png`) });
      await page.close();
    }
  },
);

// Story: what stands on the X screen is what I see, in its true colours, at once, and a still screen costs nothing.

import { afterAll, beforeAll, expect, test } from "vitest";
import { type DesktopPage, isNear } from "../harness/desktop-page.ts";
import { until } from "../harness/until.ts";
import { COLOURS } from "../harness/colours.ts";
import type { Colour, EventWindow } from "../harness/x-screen.ts";
import { Desktop } from "./desktop.ts";

const PATCH_PX = 64;
/** Rounding of limited-range YUV both ways and the encoder's own loss on a flat, refined patch. */
const TOLERANCE = 5;
let desktop: Desktop;
let viewer: DesktopPage;
let window: EventWindow;

beforeAll(async () => {
  desktop = await Desktop.open();
  window = await desktop.screen.openWindow(0, 0, 1000, 700, [90, 90, 90]);
  viewer = await desktop.connect();
});
afterAll(() => desktop?.close());

test("every colour arrives unshifted", async () => {
  const points = COLOURS.map((_, index) => ({ xPx: 32 + PATCH_PX * index, yPx: 132 }));
  for (const [index, colour] of COLOURS.entries())
    await window.paint(colour, PATCH_PX * index, 100, PATCH_PX, PATCH_PX);
  let seen: Colour[] = [];
  const allNear = async () => {
    seen = await viewer.pixels(points);
    return seen.every((pixel, index) => isNear(pixel, COLOURS[index] ?? [0, 0, 0], TOLERANCE));
  };
  await until("every colour", allNear).catch((error: unknown) => {
    throw new Error(`seen ${JSON.stringify(seen)}`, { cause: error });
  });
});

test("the stream names its colours: BT.709, limited range", async () => {
  const space = await viewer.page.evaluate(() => {
    const frame = new VideoFrame(
      document.querySelector<HTMLVideoElement>('[data-testid="desktop"]') as HTMLVideoElement,
    );
    const { matrix, primaries, transfer, fullRange } = frame.colorSpace;
    frame.close();
    return { matrix, primaries, transfer, fullRange };
  });
  expect(space).toMatchObject({ matrix: "bt709", primaries: "bt709", fullRange: false });
});

test("every edge of the screen arrives in its place", async () => {
  const { widthPx, heightPx } = await desktop.screen.size();
  await window.paint([250, 20, 20], 0, 0, 16, 16);
  await window.paint([20, 250, 20], widthPx - 16, 0, 16, 16);
  await window.paint([20, 20, 250], 0, heightPx - 16, 16, 16);
  await window.paint([250, 250, 20], widthPx - 16, heightPx - 16, 16, 16);
  await viewer.waitForPixel(8, 8, [250, 20, 20]);
  await viewer.waitForPixel(widthPx - 8, 8, [20, 250, 20]);
  await viewer.waitForPixel(8, heightPx - 8, [20, 20, 250]);
  await viewer.waitForPixel(widthPx - 8, heightPx - 8, [250, 250, 20]);
});

test("a change on the screen changes the picture, many times over", async () => {
  for (let flip = 0; flip < 20; flip++) {
    const colour: Colour = flip % 2 === 0 ? [210, 40, 40] : [40, 40, 210];
    await window.paint(colour, 300, 300, 200, 200);
    await viewer.waitForPixel(400, 400, colour, 25);
  }
});

test("a still screen sends nothing once it is sharp", async () => {
  await window.paint([10, 120, 200], 300, 300, 200, 200);
  await viewer.waitForPixel(400, 400, [10, 120, 200], TOLERANCE);
  let before = -1;
  await until(
    "a second and a half of silence",
    async () => {
      const now = await viewer.count("inbound-rtp", "packetsReceived");
      const still = now === before;
      before = now;
      return still;
    },
    { everyMs: 1500 },
  );
  await window.paint([200, 120, 10], 300, 300, 200, 200);
  await viewer.waitForPixel(400, 400, [200, 120, 10], 25);
});

test("the encoder that makes the picture is named to the viewer", async () => {
  await viewer.page.goto(`${desktop.url}?stats=true`);
  await viewer.waitForPicture();
  await expect.poll(() => viewer.byTestId("encoder-name").first().textContent()).toMatch(/x264enc|nvh264enc/);
});

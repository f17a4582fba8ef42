// Story: a colour on my screen is the colour that the X screen has, sample by sample of what my browser decoded, with colour at
// half the resolution and at the full one.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DesktopPage } from "../harness/desktop-page.ts";
import { COLOURS } from "../harness/colours.ts";
import { until } from "../harness/until.ts";
import type { Colour, EventWindow } from "../harness/x-screen.ts";
import { Desktop } from "./desktop.ts";

const PATCH_PX = 32;
/** The conversion rounds by one step at most, the refined picture of a flat patch by another. */
const TOLERANCE = 2;

/** Y, U, V of limited range, Rec. ITU-R BT.709-6, 3.2 to 3.5. */
function samplesOf([red, green, blue]: Colour): number[] {
  const luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return [
    16 + (219 / 255) * luma,
    128 + ((224 / 255) * (blue - luma)) / 1.8556,
    128 + ((224 / 255) * (red - luma)) / 1.5748,
  ];
}

/** The decoded samples at some points, and the format of the frame they are from. */
function decoded(viewer: DesktopPage, points: readonly { xPx: number; yPx: number }[]) {
  return viewer.page.evaluate(async (at) => {
    const video = document.querySelector<HTMLVideoElement>('[data-testid="desktop"]') as HTMLVideoElement;
    const frame = new VideoFrame(video);
    try {
      const bytes = new Uint8Array(frame.allocationSize());
      const layout = await frame.copyTo(bytes);
      const sample = (plane: number, x: number, y: number): number => {
        const { offset = 0, stride = 0 } = layout[plane] ?? {};
        return bytes[offset + y * stride + x] ?? -1;
      };
      const { format } = frame;
      const samples = at.map(({ xPx, yPx }) => {
        const luma = sample(0, xPx, yPx);
        if (format === "I444") return [luma, sample(1, xPx, yPx), sample(2, xPx, yPx)];
        const [x, y] = [xPx >> 1, yPx >> 1];
        return format === "NV12"
          ? [luma, sample(1, x * 2, y), sample(1, x * 2 + 1, y)]
          : [luma, sample(1, x, y), sample(2, x, y)];
      });
      const { matrix, primaries, fullRange } = frame.colorSpace;
      return { format, samples, matrix, primaries, fullRange };
    } finally {
      frame.close();
    }
  }, points);
}

describe.each(["420", "444"] as const)("with colour %s", (chroma) => {
  let desktop: Desktop;
  let viewer: DesktopPage;
  let window: EventWindow;

  beforeAll(async () => {
    desktop = await Desktop.open({ env: { EGLANTINE_CHROMA: chroma } });
    window = await desktop.screen.openWindow(0, 0, 640, 480, [90, 90, 90]);
    viewer = await desktop.connect();
  });
  afterAll(() => desktop?.close());

  async function arrive(
    points: readonly { xPx: number; yPx: number }[],
    colours: readonly Colour[],
    tolerance: number,
  ) {
    let seen: Awaited<ReturnType<typeof decoded>> | undefined;
    const near = async () => {
      seen = await decoded(viewer, points);
      return seen.samples.every((sample, index) =>
        samplesOf(colours[index] ?? [0, 0, 0]).every(
          (exact, plane) => Math.abs(exact - (sample[plane] ?? -99)) <= tolerance,
        ),
      );
    };
    await until("every colour", near).catch((error: unknown) => {
      throw new Error(`seen ${JSON.stringify(seen)}, should be ${JSON.stringify(colours.map(samplesOf))}`, {
        cause: error,
      });
    });
    return seen;
  }

  test("every sample is what BT.709 makes of the X screen's pixel", async () => {
    for (const [index, colour] of COLOURS.entries())
      await window.paint(colour, PATCH_PX * index, 64, PATCH_PX, PATCH_PX);
    const points = COLOURS.map((_, index) => ({ xPx: PATCH_PX * index + 15, yPx: 80 }));
    const seen = await arrive(points, COLOURS, TOLERANCE);
    expect(seen).toMatchObject({ matrix: "bt709", primaries: "bt709", fullRange: false });
    if (chroma === "444") expect(seen?.format).toBe("I444");
    else expect(seen?.format).toMatch(/^(I420|NV12)$/);
  });

  if (chroma === "444")
    test("a line one pixel wide has its own colour", async () => {
      const lines: readonly Colour[] = [
        [255, 0, 0],
        [0, 0, 255],
        [0, 160, 0],
      ];
      for (const [index, colour] of lines.entries()) await window.paint(colour, 101 + index, 200, 1, 64);
      // At the edge of a colour the coder is a little less exact than within it.
      await arrive(
        lines.map((_, index) => ({ xPx: 101 + index, yPx: 232 })),
        lines,
        6,
      );
    });
});

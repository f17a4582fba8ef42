// Fine coloured text that appears at once and then stands still: how near the received picture is to the screen after
// half a second and after two. The pictures are left in test/output. Figures go to report.ts.

import { join } from "node:path";
import { PNG } from "pngjs";
import type { HeadlessBrowser } from "../harness/browser.ts";
import { OUTPUT } from "../harness/pattern.ts";
import { type Picture, writePng } from "../harness/pixels.ts";
import { pause } from "../latency/key-to-photon.ts";
import { codedLumaDb, compare, type Quality, subsampled } from "./quality.ts";
import { openDesk, type SideName, view } from "./side.ts";

export interface StillFigure {
  readonly side: SideName;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly afterMs: number;
  /** As it is shown. */
  readonly quality: Quality;
  /** Of the decoder's luma plane; undefined where there is none. */
  readonly codedLumaDb: number | undefined;
  /** What a codec that only halves the colour's resolution would leave of this picture. */
  readonly subsampled: Quality;
}

const AFTER_MS: readonly number[] = [500, 2000];

export async function measureStill(
  side: SideName,
  browser: HeadlessBrowser,
  size: { widthPx: number; heightPx: number },
): Promise<StillFigure[]> {
  const desk = await openDesk(side, size.widthPx, size.heightPx);
  try {
    const viewer = await view(desk, browser);
    try {
      await desk.pattern.show("move");
      await pause(2000);
      const shownMs = viewer.clock.toPageMs(await desk.pattern.show("still"));
      const captured = await viewer.page.evaluate(
        (atMs) => window.bench.probe?.capture(atMs) ?? [],
        AFTER_MS.map((afterMs) => shownMs + afterMs),
      );
      const screen = await desk.pattern.dump();
      const ideal = compare(subsampled(screen), screen);
      writePng(join(OUTPUT, `still-${size.heightPx}p-screen.png`), screen);
      return captured.map(({ png, luma }, index) => {
        const received = decode(png);
        const afterMs = AFTER_MS[index] ?? 0;
        writePng(join(OUTPUT, `still-${size.heightPx}p-${side}-${afterMs}ms.png`), received);
        return {
          side,
          ...size,
          afterMs,
          quality: compare(received, screen),
          codedLumaDb: luma === undefined ? undefined : codedLumaDb(Buffer.from(luma, "base64"), screen),
          subsampled: ideal,
        };
      });
    } finally {
      await viewer.close();
    }
  } finally {
    await desk.close();
  }
}

function decode(base64: string): Picture {
  const { width, height, data } = PNG.sync.read(Buffer.from(base64, "base64"));
  return { widthPx: width, heightPx: height, data };
}

// Is the harness itself right? A canvas in an empty page that flips by itself gives the floor of every key-to-photon
// figure; the same with a known delay must show that delay, and so must the pattern's delay on the whole path.

import type { HeadlessBrowser } from "../harness/browser.ts";
import { pause, measureKeys } from "../latency/key-to-photon.ts";
import { installHooks, installProbe } from "./page-probe.ts";
import { openDesk, type SideName, view } from "./side.ts";
import { type Summary, summarise } from "./summary.ts";

export interface SelfCheck {
  /** Key event → animation frame, when the page itself answers at once: nothing can be faster. */
  readonly floorMs: Summary;
  /** The same, answered 50 ms later. */
  readonly delayedMs: Summary;
  /** Each whole path, and with 50 ms more in the X client. */
  readonly paths: readonly DelayedPath[];
}

interface DelayedPath {
  readonly side: SideName;
  readonly plainMs: Summary;
  readonly delayedMs: Summary;
}

const DELAY_MS = 50;

export async function selfCheck(
  browser: HeadlessBrowser,
  sides: readonly SideName[],
  samples: number,
): Promise<SelfCheck> {
  const paths: DelayedPath[] = [];
  for (const side of sides) paths.push(await delayedPath(browser, side, samples));
  return {
    floorMs: await localFlip(browser, 0, samples),
    delayedMs: await localFlip(browser, DELAY_MS, samples),
    paths,
  };
}

/** A key that flips a canvas of the page itself, `delayMs` later. */
export async function localFlip(browser: HeadlessBrowser, delayMs: number, samples: number): Promise<Summary> {
  const page = await browser.page(1280, 720);
  try {
    await page.addInitScript(installHooks, { selector: "canvas", xPx: 0, yPx: 0 });
    await page.route("http://self.check/", (route) =>
      route.fulfill({ contentType: "text/html", body: "<canvas width=1280 height=720></canvas>" }),
    );
    await page.goto("http://self.check/");
    await page.evaluate((delay) => {
      const context = document.querySelector("canvas")?.getContext("2d");
      if (context === null || context === undefined) throw new Error("no canvas");
      let bright = false;
      const flip = () => {
        bright = !bright;
        context.fillStyle = bright ? "#f0d040" : "#102060";
        context.fillRect(0, 0, 1280, 720);
      };
      flip();
      window.addEventListener("keydown", () => {
        if (delay === 0) flip();
        else setTimeout(flip, delay);
      });
    }, delayMs);
    await page.evaluate(installProbe, "canvas");
    const values: (number | undefined)[] = [];
    for (let i = 0; i < samples; i += 1) {
      await page.evaluate(() => window.bench.probe?.armKey(100, 100, 1000));
      await pause(30 + Math.random() * 50);
      await page.keyboard.down("a");
      const sample = await page.evaluate(() => window.bench.probe?.keySample());
      await page.keyboard.up("a");
      const { keyMs, seenMs } = sample ?? {};
      values.push(keyMs === undefined || seenMs === undefined ? undefined : seenMs - keyMs);
    }
    return summarise(values);
  } finally {
    await page.context().close();
  }
}

async function delayedPath(browser: HeadlessBrowser, side: SideName, samples: number): Promise<DelayedPath> {
  const desk = await openDesk(side, 1280, 720);
  try {
    const viewer = await view(desk, browser);
    try {
      const plain = await measureKeys(desk, viewer, "flip", samples);
      await desk.pattern.setDelayMs(DELAY_MS);
      const delayed = await measureKeys(desk, viewer, "flip", samples);
      return {
        side,
        plainMs: summarise(plain.map(({ totalMs }) => totalMs)),
        delayedMs: summarise(delayed.map(({ totalMs }) => totalMs)),
      };
    } finally {
      await viewer.close();
    }
  } finally {
    await desk.close();
  }
}

import { expect, test } from "vitest";
import { HeadlessBrowser } from "../harness/browser.ts";
import { localFlip } from "./self-check.ts";

test("the probe sees every flip, and never before the delay that was put in", async () => {
  const browser = await HeadlessBrowser.start();
  try {
    const latency = await localFlip(browser, 50, 5);
    expect(latency).toMatchObject({ count: 5, missing: 0 });
    expect(latency.min).toBeGreaterThanOrEqual(50);
  } finally {
    await browser.close();
  }
});

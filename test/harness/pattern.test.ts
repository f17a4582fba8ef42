import { afterAll, beforeAll, expect, test } from "vitest";
import { Pattern } from "./pattern.ts";
import { counterRows, movingArea, readCounter } from "./pattern-counter.ts";
import type { Picture } from "./pixels.ts";
import { startXvnc, type XServer } from "./processes-xvnc.ts";
import { until } from "./until.ts";

let server: XServer;
let pattern: Pattern;

beforeAll(async () => {
  server = await startXvnc(800, 600);
  pattern = await Pattern.start(server.display);
});

afterAll(async () => {
  await pattern?.close();
  await server?.close();
});

function countersOf({ widthPx, data }: Picture, mode: "move" | "quarter"): (number | undefined)[] {
  const { leftPx, widthPx: rowPx, rowsPx } = counterRows(movingArea(mode, 800, 600));
  return rowsPx.map((y) => {
    let bits = 0;
    for (let x = 8; x < rowPx; x += 16)
      bits = (bits << 1) | ((data[(y * widthPx + leftPx + x) * 4] ?? 0) > 128 ? 1 : 0);
    return readCounter(bits);
  });
}

for (const mode of ["move", "quarter"] as const) {
  test(`both counters of the mode "${mode}" can be read on the screen, and are stamped`, async () => {
    await pattern.show(mode);
    // The mode begins with the picture that the counters are drawn over a frame later.
    let upper: number | undefined;
    let lower: number | undefined;
    await until("a counter", async () => {
      [upper, lower] = countersOf(await pattern.dump(), mode);
      return upper !== undefined;
    });
    expect(lower).toBe(upper);
    const { frames } = await pattern.stamps();
    expect(frames.map(({ counter }) => counter)).toContain(upper);
  });
}

test("what it says to have shown is on the screen", async () => {
  await pattern.show("blank");
  const { data } = await pattern.dump();
  expect([...data.subarray(0, 4)]).toEqual([0x10, 0x20, 0x60, 255]);
});

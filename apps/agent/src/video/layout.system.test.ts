// Full-size colour and smaller pictures, against a real Xvnc: both change in mid-stream, with an IDR, and ffmpeg decodes
// what the screen shows.

import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startXvnc, type XServer } from "../testing/xvnc.ts";
import { firstMacroblocks, nalUnits } from "./testing/h264.ts";
import { type NativeViewer, openViewer } from "./testing/native-viewer.ts";
import { Painter } from "./testing/painter.ts";
import { decodeLast, type Planes, psnrDb, screenPlanes } from "./testing/picture.ts";

/** Neither side is a multiple of a macroblock. */
const WIDTH_PX = 1000;
const HEIGHT_PX = 602;
let server: XServer;
let painter: Painter;
let viewer: NativeViewer;

beforeAll(async () => {
  server = await startXvnc("", `${WIDTH_PX}x${HEIGHT_PX}`);
  painter = new Painter(server.display);
});

afterAll(async () => {
  await painter.close();
  await server.close();
});

afterEach(() => viewer.close());

async function open(options: { readonly chroma444?: boolean; readonly scale?: number } = {}): Promise<void> {
  viewer = openViewer({ display: server.display, ...options });
  await viewer.recorder.unit((unit) => unit.keyframe);
  await viewer.recorder.silence();
}

/** What came from the last IDR on, decoded. */
function shown(): Planes {
  const { units } = viewer.recorder;
  return decodeLast(units.slice(units.findLastIndex((unit) => unit.keyframe)));
}

test.each(["ff0000", "00ff00", "0000ff", "ffff00", "ff00ff", "00ffff", "ffffff", "000000", "c83c1e"])(
  "%s arrives as it is defined by BT.709 in full-size colour",
  async (rgb) => {
    await painter.paint(`fill 0 0 ${WIDTH_PX} ${HEIGHT_PX} 808080`);
    await painter.paint(`fill 33 35 1 1 ${rgb}`);
    await painter.paint(`fill 501 301 64 64 ${rgb}`);
    await open({ chroma444: true });
    const screen = screenPlanes(server.display, WIDTH_PX, HEIGHT_PX, "444");
    const picture = shown();
    for (const plane of ["y", "u", "v"] as const) {
      const inside = 330 * WIDTH_PX + 530;
      expect(Math.abs((picture[plane][inside] ?? 0) - (screen[plane][inside] ?? 0))).toBeLessThanOrEqual(1.5);
      // A single pixel has a colour of its own.
      const single = 35 * WIDTH_PX + 33;
      expect(Math.abs((picture[plane][single] ?? 0) - (screen[plane][single] ?? 0))).toBeLessThanOrEqual(8);
    }
  },
);

test("full-size colour is High 4:4:4 Predictive, and comes and goes while the stream runs", async () => {
  await painter.paint("text 2");
  await open();
  const { recorder, stream } = viewer;
  for (const chroma of ["444", "420"] as const) {
    const before = recorder.units.length;
    stream.setEncoder("x264", chroma === "444");
    const first = await recorder.unit((unit) => unit.chroma === chroma, before);
    expect(first.keyframe).toBe(true);
    // seq_parameter_set_data, 7.3.2.1.1: profile_idc comes first.
    const parameters = nalUnits(first.data).find(({ type }) => type === 7);
    expect(parameters?.bytes[1]).toBe(chroma === "444" ? 244 : 66);
    await recorder.silence();
    const picture = shown();
    const screen = screenPlanes(server.display, WIDTH_PX, HEIGHT_PX, chroma);
    expect(picture.u).toHaveLength(screen.u.length);
    expect(psnrDb(picture.y, screen.y)).toBeGreaterThan(45);
    expect(psnrDb(picture.u, screen.u)).toBeGreaterThan(40);
    expect(psnrDb(picture.v, screen.v)).toBeGreaterThan(40);
  }
  expect(recorder.sizes).toEqual([`${WIDTH_PX}x${HEIGHT_PX}`]);
  expect(recorder.failures).toEqual([]);
  expect(recorder.faults).toEqual([]);
});

/** Area average of a plane, by the definition: each pixel the mean of what it covers. */
function shrunk(plane: Planes["y"], widthPx: number, heightPx: number, toWidthPx: number, toHeightPx: number) {
  const mean = (line: (at: number) => number, from: number, to: number): number => {
    let sum = 0;
    for (let at = Math.floor(from); at < to - 1e-9; at++) sum += line(at) * (Math.min(at + 1, to) - Math.max(at, from));
    return sum / (to - from);
  };
  const across = new Float32Array(toWidthPx * heightPx);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < toWidthPx; x++) {
      const line = (at: number): number => plane[y * widthPx + at] ?? 0;
      across[y * toWidthPx + x] = mean(line, (x * widthPx) / toWidthPx, ((x + 1) * widthPx) / toWidthPx);
    }
  }
  const out = new Float32Array(toWidthPx * toHeightPx);
  for (let x = 0; x < toWidthPx; x++) {
    for (let y = 0; y < toHeightPx; y++) {
      const line = (at: number): number => across[at * toWidthPx + x] ?? 0;
      out[y * toWidthPx + x] = mean(line, (y * heightPx) / toHeightPx, ((y + 1) * heightPx) / toHeightPx);
    }
  }
  return out;
}

test("a smaller picture is the mean of the screen's, takes hold with an IDR, and so does the way back", async () => {
  await painter.paint("text 3");
  await open();
  const { recorder, stream } = viewer;
  for (const [scale, widthPx, heightPx] of [
    [0.75, 750, 452],
    [0.5, 500, 302],
    [0.31, 310, 186],
    [1, WIDTH_PX, HEIGHT_PX],
  ] as const) {
    const before = recorder.units.length;
    stream.setScale(scale);
    const first = await recorder.unit((unit) => unit.widthPx === widthPx, before);
    expect(first).toMatchObject({ keyframe: true, heightPx });
    // What changes afterwards is scaled too, and joins what was there without a seam.
    await painter.paint("fill 333 201 77 55 c83c1e");
    await painter.paint("move 41 17 333 222 20 60");
    await recorder.silence();
    const screen = shrunk(screenPlanes(server.display, WIDTH_PX, HEIGHT_PX).y, WIDTH_PX, HEIGHT_PX, widthPx, heightPx);
    expect(psnrDb(shown().y, screen)).toBeGreaterThan(43);
  }
  // The viewer's desktop has kept its size.
  expect(recorder.sizes).toEqual([`${WIDTH_PX}x${HEIGHT_PX}`]);
  expect(recorder.failures).toEqual([]);
});

test("of a smaller picture only what was damaged is grabbed, and seams leave no trace", async () => {
  await painter.paint("text 4");
  await open({ scale: 0.6 });
  const { recorder, stream } = viewer;
  const before = stream.counters().grabbedPx;
  const units = recorder.units.length;
  await painter.paint("fill 500 300 20 20 abcdef");
  await recorder.unit(() => true, units);
  // Two macroblocks each way at most, of 27 pixels each.
  expect(stream.counters().grabbedPx - before).toBeLessThanOrEqual(56 * 56);
  await painter.paint("stripes 100");
  await recorder.silence();
  const screen = shrunk(screenPlanes(server.display, WIDTH_PX, HEIGHT_PX).y, WIDTH_PX, HEIGHT_PX, 600, 362);
  expect(psnrDb(shown().y, screen)).toBeGreaterThan(43);
});

test("scale and colour together, with slices in order", async () => {
  await painter.paint("text 5");
  await open({ scale: 0.5, chroma444: true });
  const { recorder } = viewer;
  expect(recorder.units[0]).toMatchObject({ chroma: "444", widthPx: 500, heightPx: 302, keyframe: true });
  for (const { data } of recorder.units) expect(firstMacroblocks(data)[0]).toBe(0);
  const screen = shrunk(screenPlanes(server.display, WIDTH_PX, HEIGHT_PX, "444").y, WIDTH_PX, HEIGHT_PX, 500, 302);
  expect(psnrDb(shown().y, screen)).toBeGreaterThan(43);
});

test.each([Number.NaN, -1, 0, 7, Number.POSITIVE_INFINITY])("a scale of %s does no harm", async (scale) => {
  await open({ scale });
  // No side gets so small that an encoder refuses it.
  const [widthPx, heightPx] = scale <= 0 ? [100, 64] : [WIDTH_PX, HEIGHT_PX];
  expect(viewer.recorder.units.at(-1)).toMatchObject({ widthPx, heightPx });
});

// eglantine-probe (image/graphics) against the drivers that every machine can have: Mesa's llvmpipe and lavapipe, and pocl. What a GPU's
// drivers say is read in image/graphics-choice.test.ts.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, libraryThat } from "../test/harness/graphics.ts";
import { type Picture, pixelAt, readPpm } from "../test/harness/pixels.ts";
import { startXvnc } from "../test/harness/processes-xvnc.ts";

/** SCENE_BACKGROUND in image/graphics/scene.h. */
const BACKGROUND = [13, 13, 26] as const;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "egl-probe-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const near = (a: readonly number[], b: readonly number[], by = 1) =>
  a.every((value, i) => Math.abs(value - (b[i] ?? 0)) <= by);

/** Share of the pixels that are not background. */
function drawnShare(picture: Picture): number {
  let drawn = 0;
  for (let y = 0; y < picture.heightPx; y++)
    for (let x = 0; x < picture.widthPx; x++) if (!near(pixelAt(picture, x, y), BACKGROUND)) drawn++;
  return drawn / (picture.widthPx * picture.heightPx);
}

describe("without a GPU", () => {
  test("EGL has Mesa's llvmpipe, and it is not taken for hardware", () => {
    const { devices, error } = ask(["egl"]);
    expect(error).toBeNull();
    const software = devices.find((device) => /llvmpipe/.test(device.renderer ?? ""));
    expect(software).toMatchObject({ vendor: expect.stringMatching(/^Mesa/), hardware: false, error: null });
    expect(software?.version).toMatch(/^4\.\d.*Mesa/);
    expect(devices.map((device) => device.index)).toEqual(devices.map((_, i) => i));
  });

  test("Vulkan has lavapipe, a device that is a processor", () => {
    const { devices, error } = ask(["vulkan"]);
    expect(error).toBeNull();
    const software = devices.find((device) => device.type === "cpu");
    expect(software?.name).toMatch(/^llvmpipe/);
    expect(software?.driver).toMatch(/^llvmpipe Mesa/);
    expect(software?.api).toMatch(/^1\.\d+\.\d+$/);
  });

  test("OpenCL has pocl, a device that is a processor", () => {
    const { platforms, error } = ask(["opencl"]);
    expect(error).toBeNull();
    const pocl = platforms.find((platform) => platform.name === "Portable Computing Language");
    expect(pocl?.devices.map((device) => device.type)).toEqual(["cpu"]);
  });
});

describe("the scene", () => {
  const size = ["--size", "320x180", "--seconds", "0.3"];
  const software = () => {
    const device = ask(["egl"]).devices.find(({ renderer }) => /llvmpipe/.test(renderer ?? ""));
    return ["--egl", String(device?.index)];
  };

  test("is drawn by OpenGL on the device that was asked for, so many frames a second", () => {
    const answer = ask(["gl-scene", ...size, ...software()]);
    expect(answer.error).toBeNull();
    expect(answer.renderer).toMatch(/llvmpipe/);
    expect(answer.frames).toBeGreaterThan(2);
    expect(answer.framesPerSecond).toBeGreaterThan(answer.frames / 3);
  });

  test("takes longer where there are more pixels to draw", () => {
    const args = ["gl-scene", "--seconds", "0.5", ...software()];
    const small = ask([...args, "--size", "64x36"]).framesPerSecond;
    expect(ask([...args, "--size", "3840x2160"]).framesPerSecond).toBeLessThan(small / 2);
  });

  test("is the same picture by OpenGL and by Vulkan, on llvmpipe and lavapipe", () => {
    const files = [join(folder, "gl.ppm"), join(folder, "vulkan.ppm")] as const;
    expect(ask(["gl-scene", ...size, ...software(), "--ppm", files[0]]).error).toBeNull();
    // The driver that there is without a GPU, even where there is one.
    const { devices } = ask(["vulkan"]);
    const vulkan = ask(["vulkan-scene", ...size, "--ppm", files[1]]);
    expect(vulkan).toMatchObject({ error: null });
    expect(devices.map(({ name }) => name)).toContain(vulkan.renderer);
    expect(vulkan.frames).toBeGreaterThan(2);
    const [gl, other] = [readPpm(files[0]), readPpm(files[1])];
    expect([gl.widthPx, gl.heightPx]).toEqual([320, 180]);
    expect(near(pixelAt(gl, 0, 0), BACKGROUND)).toBe(true);
    expect(drawnShare(gl)).toBeGreaterThan(0.1);
    expect(drawnShare(gl)).toBeLessThan(0.6);
    let different = 0;
    for (let y = 0; y < 180; y++)
      for (let x = 0; x < 320; x++) if (!near(pixelAt(gl, x, y), pixelAt(other, x, y), 8)) different++;
    expect(different / (320 * 180)).toBeLessThan(0.001);
  });

  test("says why, where there is no such device, or no place for the picture", () => {
    expect(ask(["gl-scene", "--egl", "63"])).toMatchObject({
      framesPerSecond: 0,
      error: expect.stringMatching(/^there is no EGL device 63/),
    });
    const args = ["gl-scene", ...size, ...software(), "--ppm", "/nowhere/x.ppm"];
    expect(ask(args).error).toBe("/nowhere/x.ppm cannot be written");
  });

  test.each([["--size", "0x9"], ["--seconds", "-1"], ["--egl", "x"], ["--colour", "red"], ["--ppm"]])(
    "refuses %s",
    (...args) => {
      expect(() => ask(["gl-scene", ...args])).toThrow(/ended with 2:\nUsage/);
    },
  );
});

describe("on a display", () => {
  test("GLX is direct, by llvmpipe", async () => {
    const server = await startXvnc(320, 200);
    try {
      expect(ask(["glx"], { DISPLAY: server.display })).toMatchObject({
        renderer: expect.stringMatching(/llvmpipe/),
        direct: true,
        error: null,
      });
    } finally {
      await server.close();
    }
  });

  test("GLX without one says so", () => {
    expect(ask(["glx"], { DISPLAY: undefined })).toMatchObject({ direct: false, error: "DISPLAY is not set" });
    expect(ask(["glx"], { DISPLAY: ":65000" }).error).toBe("no X server answers at :65000");
  });
});

describe("a driver that", () => {
  /** Environment in which EGL, Vulkan and OpenCL know this library alone. */
  function onlyDriver(name: string, code: string): Record<string, string> {
    const library = libraryThat(folder, `lib${name}.so`, code);
    const icd = { library_path: library, api_version: "1.3.0" };
    const description = join(folder, `${name}.json`);
    writeFileSync(description, JSON.stringify({ file_format_version: "1.0.0", ICD: icd }));
    writeFileSync(join(folder, `${name}.icd`), `${library}\n`);
    return {
      __EGL_VENDOR_LIBRARY_FILENAMES: description,
      VK_DRIVER_FILES: description,
      VK_ICD_FILENAMES: description,
      OCL_ICD_VENDORS: join(folder, `${name}.icd`),
    };
  }

  test.each(["egl", "vulkan", "opencl", "gl-scene", "vulkan-scene"])("crashes is told by %s as the signal", (what) => {
    expect(ask([what], onlyDriver("crashes", "abort();")).error).toBe("the driver crashed (SIGABRT)");
  });

  test("ends the program is told as its exit status", () => {
    expect(ask(["vulkan"], onlyDriver("ends", "_exit(7);")).error).toBe("the driver ended the program (exit status 7)");
  });

  test("hangs is given up after some seconds", () => {
    const startedMs = performance.now();
    expect(ask(["egl"], onlyDriver("hangs", "for (;;) pause();")).error).toBe("the driver gave no answer in time");
    expect(performance.now() - startedMs).toBeLessThan(20_000);
  });

  test("talks on standard output does not get into the answer", () => {
    expect(ask(["vulkan"], onlyDriver("talks", 'printf("hello\\n"); fflush(stdout);')).error).toMatch(
      /found no driver/,
    );
  });
});

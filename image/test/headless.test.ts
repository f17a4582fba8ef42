// The example of a renderer of one's own (image/examples/headless): its picture, pixel by pixel where the scene says what must be there, on this
// machine and in a container that is built on `eglantine:headless`.

import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Picture, pixelAt, readPng } from "../../test/harness/pixels.ts";
import { BUILD_WITHIN_MS, Engine } from "./engine.ts";

const EXAMPLE = fileURLToPath(new URL("../examples/headless", import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "egl-headless-"));
  // Whoever the container's user is.
  chmodSync(folder, 0o777);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** render.py's shaders, for one pixel. */
function expected({ widthPx, heightPx }: Picture, xPx: number, yPx: number): readonly number[] {
  const [x, y] = [((xPx + 0.5) / widthPx) * 2 - 1, 1 - ((yPx + 0.5) / heightPx) * 2];
  const [px, py] = [(x * widthPx) / heightPx / 0.6, y / 0.6];
  const inside = 1 - px * px - py * py;
  const colour = [x / 2 + 0.5, y / 2 + 0.5, 0.25];
  if (inside > 0) colour.fill(Math.max((-px + py + Math.sqrt(inside)) / Math.sqrt(3), 0));
  return colour.map((part) => Math.round(part * 255));
}

/** Every pixel is the scene's, but for the ball's edge, where a processor and a GPU may round to either side. */
function expectScene(file: string, widthPx: number, heightPx: number): void {
  const picture = readPng(file);
  expect([picture.widthPx, picture.heightPx]).toEqual([widthPx, heightPx]);
  const wrong: string[] = [];
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const [seen, right] = [pixelAt(picture, x, y), expected(picture, x, y)];
      if (seen.some((part, i) => Math.abs(part - (right[i] ?? 0)) > 2))
        wrong.push(`${x},${y}: ${seen.join(" ")} is not ${right.join(" ")}`);
    }
  }
  expect(wrong.length, wrong.slice(0, 5).join("\n")).toBeLessThanOrEqual(widthPx / 20);
}

test("the picture is the scene, drawn here without a display", () => {
  const file = join(folder, "here.png");
  const { DISPLAY: _, ...env } = process.env;
  const said = execFileSync("/usr/bin/python3", [join(EXAMPLE, "render.py"), file, "320x200"], {
    encoding: "utf8",
    env,
  });
  expect(said).toMatch(/^320x200 by .+\n$/);
  expectScene(file, 320, 200);
});

const engine = await Engine.open();
afterAll(() => engine?.close());

describe.skipIf(engine === undefined)("in a container", () => {
  /** No right at all, as any user, with one folder to write to. */
  const flags = () =>
    `--read-only --cap-drop ALL --security-opt no-new-privileges --network none --user 4711:0 --tmpfs /tmp --volume ${folder}:/out`.split(
      " ",
    );
  let base: string;
  let image: string;
  const docker = (): Engine => {
    if (engine === undefined) throw new Error("no engine");
    return engine;
  };
  beforeAll(async () => {
    base = await docker().image("headless");
    image = await docker().build("eglantine-test:renderer", [], {
      context: EXAMPLE,
      args: { BASE_IMAGE: "eglantine:headless" },
    });
  }, BUILD_WITHIN_MS);

  test("the picture of an image of one's own is the same, without any right", async () => {
    const done = await docker().once({ image, flags: flags(), args: ["render", "/out/container.png", "320x200"] });
    expect(done.stdout, done.stderr).toMatch(/^320x200 by llvmpipe/);
    expectScene(join(folder, "container.png"), 320, 200);
  });

  test.each(["gl-scene", "vulkan-scene"])("the base draws %s, and names llvmpipe", async (scene) => {
    const done = await docker().once({
      image: base,
      flags: flags(),
      args: ["eglantine-probe", scene, "--seconds", "0.3"],
    });
    const answer = JSON.parse(done.stdout) as { framesPerSecond: number; renderer: string; error: string | null };
    expect(answer).toMatchObject({ renderer: expect.stringMatching(/llvmpipe/), error: null });
    expect(answer.framesPerSecond).toBeGreaterThan(0);
  });

  test("doctor says that OpenGL and Vulkan are drawn in software, and what gives a GPU", async () => {
    const done = await docker().once({ image: base, flags: flags(), args: ["doctor", "--json"] });
    const { checks } = JSON.parse(done.stdout) as {
      checks: { name: string; verdict: string; seen: string; fix?: string }[];
    };
    const row = (name: string) => checks.find((check) => check.name === name);
    for (const name of ["egl", "vulkan"])
      expect(row(name)).toMatchObject({ verdict: "warn", seen: expect.stringMatching(/llvmpipe/) });
    expect(row("gpu-devices")?.fix).toMatch(/--gpus all/);
  });

  test("a render node of another group asks for --group-add, and is open with it", async ({ skip }) => {
    skip(process.getuid?.() !== 0, "only root may make a device file");
    // Of the group 44444; no GPU is behind it.
    const node = join(folder, "node");
    execFileSync("mknod", ["--mode=660", node, "c", "1", "3"]);
    chownSync(node, 0, 44444);
    const device = [...flags(), "--device", `${node}:/dev/dri/renderD128`];
    const shut = await docker().once({ image: base, flags: device, args: ["true"] });
    expect(shut.stderr).toMatch(/user 4711 may not open .* start the container with --group-add 44444 /);
    const open = await docker().once({ image: base, flags: [...device, "--group-add", "44444"], args: ["true"] });
    expect(open.stderr).toMatch(/no driver could draw on the GPU that is here \(mesa\)/);
  });
});

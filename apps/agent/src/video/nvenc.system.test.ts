// NVENC through stand-ins for NVIDIA's libraries: what the add-on asks of the driver, in which order, and what becomes of
// a viewer whose GPU fails. What only a GPU can tell (that pictures come out) is not tested here.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startXvnc, type XServer } from "../testing/xvnc.ts";
import { Painter } from "./testing/painter.ts";
import { nvidiaStubs } from "./testing/programs.ts";
import type { EncoderChoice } from "./types.ts";

const PROCESS = fileURLToPath(new URL("testing/pipeline-process.ts", import.meta.url));

interface Said {
  readonly unit?: number;
  readonly keyframe?: boolean;
  readonly bytes?: number;
  readonly encoder?: EncoderChoice;
  readonly closed?: true;
}

let server: XServer;
let painter: Painter;
let directory: string;
let child: ChildProcessWithoutNullStreams;

beforeAll(async () => {
  server = await startXvnc("", "800x600");
  painter = new Painter(server.display);
});

afterAll(async () => {
  await painter.close();
  await server.close();
});

afterEach(async () => {
  if (child.exitCode === null) {
    child.kill();
    await once(child, "exit");
  }
  rmSync(directory, { recursive: true, force: true });
});

/** Starts a pipeline that finds the stand-ins. Returns a reader that skips to the next word of a kind. */
function start(environment: Record<string, string> = {}, encoder = "nvh264enc", chroma = "420", formats = "h264") {
  directory = mkdtempSync(join(tmpdir(), "eglantine-nvenc-"));
  child = spawn(process.execPath, [PROCESS, server.display, encoder, chroma, formats], {
    env: {
      ...process.env,
      LD_LIBRARY_PATH: nvidiaStubs(),
      NVENC_STUB_LOG: join(directory, "log"),
      ...environment,
    },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (fits: (said: Said) => unknown): Promise<Said> => {
    for (;;) {
      const line = await lines.next();
      if (line.done) throw new Error(`the process ended:\n${String(child.stderr.read())}`);
      const said = JSON.parse(line.value) as Said;
      if (fits(said)) return said;
    }
  };
  return { next, tell: (command: string) => void child.stdin.write(`${command}\n`) };
}

/** The calls of the last session: before it was the probe. */
function calls(): string[] {
  const all = readFileSync(join(directory, "log"), "utf8").trimEnd().split("\n");
  expect(all.filter((line) => line.startsWith("FAULT"))).toEqual([]);
  return all.slice(all.lastIndexOf("open"));
}

test("a session is set up for the lowest latency and taken down in order", async () => {
  const { next, tell } = start();
  expect((await next((said) => said.encoder)).encoder).toMatchObject({ name: "nvh264enc", fallback: false });
  expect(await next((said) => said.unit)).toMatchObject({ unit: 1, keyframe: true });
  tell("close");
  await next((said) => said.closed);
  const [open, preset, initialize, format, ...rest] = calls();
  expect(open).toBe("open");
  expect(preset).toBe("preset tuning=3 p3=1");
  expect(initialize).toBe(
    "initialize 800x600 fps=60/1 bitrate=4000000 vbv=100000 cbr=1 gop=1 interval=1 tuning=3 ptd=1 zero=1",
  );
  expect(format).toBe("h264 idr=1 repeat=1 profile=baseline chroma=1 matrix=1 range=0 restriction=1");
  expect(rest.slice(0, 3)).toEqual(["create input", "create output", "picture IDR"]);
  expect(rest.slice(-3)).toEqual(["destroy input", "destroy output", "destroy"]);
});

test("a new bitrate neither resets the encoder nor makes an IDR", async () => {
  const { next, tell } = start();
  await next((said) => said.unit);
  tell("bitrate 1000000");
  await painter.paint("fill 10 10 50 50 00ff00");
  await painter.paint("fill 10 10 50 50 ff00ff");
  await next((said) => (said.unit ?? 0) > 6);
  tell("close");
  await next((said) => said.closed);
  const all = calls();
  const at = all.indexOf("reconfigure reset=0 idr=0");
  expect(at).toBeGreaterThan(0);
  expect(all[at + 1]).toMatch(/^reconfigured 800x600 fps=60\/1 bitrate=1000000 vbv=25000 /);
  expect(all.slice(at).filter((line) => line === "picture IDR")).toEqual([]);
});

test("a keyframe on demand is one picture with parameter sets", async () => {
  const { next, tell } = start();
  await next((said) => said.unit);
  tell("keyframe");
  expect(await next((said) => said.unit !== 1 && said.keyframe)).toBeDefined();
  tell("close");
  await next((said) => said.closed);
  expect(calls().filter((line) => line === "picture IDR")).toHaveLength(2);
});

test("a still picture is sharpened by a few pictures, then the GPU has nothing to do", async () => {
  const { next, tell } = start();
  await next((said) => said.unit === 9);
  tell("close");
  const last = await next((said) => said.unit === 10 || said.closed);
  expect(last.closed).toBe(true);
  expect(calls().filter((line) => line.startsWith("picture"))).toHaveLength(9);
});

test("a GPU that fails while it runs is replaced, with an IDR, and the viewer is told", async () => {
  const { next, tell } = start({ NVENC_STUB_FAIL_PICTURE: "3" });
  expect((await next((said) => said.encoder)).encoder?.name).toBe("nvh264enc");
  const { encoder } = await next((said) => said.encoder);
  expect(encoder).toMatchObject({ name: "x264enc", fallback: true });
  expect(encoder?.why).toContain("nvh264enc: NVENC: a picture failed");
  expect(await next((said) => said.unit)).toMatchObject({ keyframe: true });
  tell("close");
  await next((said) => said.closed);
  expect(calls().at(-1)).toBe("destroy");
});

test("a GPU without an encoder is passed over", async () => {
  const { next, tell } = start({ NVENC_STUB_NO_SESSION: "1" });
  const { encoder } = await next((said) => said.encoder);
  expect(encoder).toMatchObject({ name: "x264enc", fallback: true });
  expect(encoder?.why).toContain("the GPU has no encoder");
  tell("close");
  await next((said) => said.closed);
});

test("H.265 is Main with its parameter sets in front of each keyframe", async () => {
  const { next, tell } = start({}, "nvh265enc", "420", "h264,h265");
  expect((await next((said) => said.encoder)).encoder).toMatchObject({
    name: "nvh265enc",
    codec: "h265",
    fallback: false,
  });
  expect(await next((said) => said.unit)).toMatchObject({ unit: 1, keyframe: true });
  tell("close");
  await next((said) => said.closed);
  expect(calls()[3]).toBe("h265 idr=1 repeat=1 main=1 chroma=1 matrix=1 range=0 restriction=1");
});

test("AV1 is Main and comes without temporal delimiters, or the header is too old for it and that is said", async () => {
  const { next, tell } = start({}, "nvav1enc", "420", "h264,av1");
  const { encoder } = await next((said) => said.encoder);
  const unit = await next((said) => said.unit);
  tell("close");
  await next((said) => said.closed);
  if (encoder?.name === "nvav1enc") {
    // Of the stub's eight bytes two are the delimiter.
    expect(unit).toMatchObject({ unit: 1, keyframe: true, bytes: 6 });
    expect(calls()[3]).toBe("av1 idr=1 repeat=1 main=1 chroma=1 matrix=1 range=0 annexb=0");
  } else {
    expect(encoder?.why).toMatch(/nvav1enc: this was built with NVENC API 11\.\d, which has no av1/);
    expect(encoder?.fallback).toBe(true);
  }
});

test("4:4:4 is High 4:4:4 Predictive from three whole planes", async () => {
  const { next, tell } = start({}, "nvh264enc", "444", "h264,h264-444");
  expect((await next((said) => said.encoder)).encoder).toMatchObject({ name: "nvh264enc", chroma: "444" });
  await next((said) => said.unit);
  tell("close");
  await next((said) => said.closed);
  expect(calls()[3]).toBe("h264 idr=1 repeat=1 profile=high444 chroma=3 matrix=1 range=0 restriction=1");
});

test("a GPU without 4:4:4 codes 4:2:0", async () => {
  const { next, tell } = start({ NVENC_STUB_NO_444: "1" }, "nvh264enc", "444", "h264,h264-444");
  const { encoder } = await next((said) => said.encoder);
  expect(encoder).toMatchObject({ name: "nvh264enc", chroma: "420" });
  expect(encoder?.why).toContain("nvh264enc 4:4:4: this GPU codes no H.264 4:4:4");
  tell("close");
  await next((said) => said.closed);
});

test("a GPU without H.265 is passed over for it", async () => {
  const { next, tell } = start({ NVENC_STUB_H264_ONLY: "1" }, "nvh265enc", "420", "h264,h265");
  const { encoder } = await next((said) => said.encoder);
  expect(encoder).toMatchObject({ name: "nvh264enc", fallback: true });
  expect(encoder?.why).toContain("nvh265enc: this GPU codes no H.265");
  tell("close");
  await next((said) => said.closed);
});

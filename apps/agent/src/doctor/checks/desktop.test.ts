// The checks of what a viewer uses: encoders.ts, encoder-time.ts, x-server.ts, sound-server.ts, gamepads.ts, ports.ts, turn.ts, stun.ts.

import { describe, expect, test } from "vitest";
import type { EncoderOffer } from "../../video/types.ts";
import { NO_GPUS, NVIDIA_GPU } from "../testing/gpus.ts";
import { judgeTime } from "./encoder-time.ts";
import { judgeEncoders } from "./encoders.ts";
import { judgeGamepads, judgeUinput } from "./gamepads.ts";
import { judgePort } from "./ports.ts";
import { judgeSound } from "./sound-server.ts";
import { judgeStun } from "./stun.ts";
import { judgeTurn, type TurnLook } from "./turn.ts";
import { judgeRfb, judgeX } from "./x-server.ts";

describe("encoders", () => {
  const offer = (name: string, usable: boolean, why = ""): EncoderOffer => ({
    name,
    codec: "h264",
    chroma444: false,
    usable,
    why,
  });
  const software = [offer("nvh264enc", false, "no libcuda.so.1"), offer("x264enc", true)];

  test("the processor's are right where there is no GPU, and a warning where there is", () => {
    expect(judgeEncoders(software, NO_GPUS, "auto")).toMatchObject({ verdict: "pass", means: "The processor encodes" });
    expect(judgeEncoders(software, NVIDIA_GPU, "auto")).toMatchObject({
      verdict: "warn",
      fix: "NVIDIA_DRIVER_CAPABILITIES=all (its parts video and compute)",
    });
    expect(judgeEncoders([offer("nvh264enc", true), ...software], NVIDIA_GPU, "auto").verdict).toBe("pass");
  });

  test("one that was asked for and can't be had is told; none at all is a failure", () => {
    expect(judgeEncoders(software, NO_GPUS, "nvh264enc")).toMatchObject({ verdict: "warn" });
    expect(judgeEncoders([offer("x264enc", false, "no")], NO_GPUS, "auto").verdict).toBe("fail");
  });

  test("a picture must take no longer than its place in a second", () => {
    expect(judgeTime({ encoder: "x264enc", ms: 7.5 }, undefined, 60)).toMatchObject({
      verdict: "pass",
      means: "This is what software looks like; a picture may take 16.7 ms at 60 a second",
      figures: { encodeMs: 7.5, softwareEncodeMs: 7.5 },
    });
    expect(judgeTime({ encoder: "x264enc", ms: 20 }, undefined, 60).verdict).toBe("warn");
    expect(judgeTime({ encoder: "x264enc", ms: 20 }, undefined, 30).verdict).toBe("pass");
    expect(judgeTime({ encoder: "nvh264enc", ms: 1.5 }, { encoder: "x264enc", ms: 7.5 }, 60)).toMatchObject({
      seen: "nvh264enc 1.5 ms; software (x264enc) 7.5 ms",
      figures: { encodeMs: 1.5, softwareEncodeMs: 7.5 },
    });
    expect(judgeTime({ why: "no encoder can be had" }, undefined, 60).verdict).toBe("fail");
  });
});

describe("the X server", () => {
  const all = ["XTEST", "DAMAGE", "MIT-SHM", "XFIXES", "RANDR", "XInputExtension"];
  const judge = (extensions: readonly string[]) => judgeX(":7", true, { widthPx: 1920, heightPx: 1080, extensions });

  test("passes with all extensions, fails without one that is needed, warns of another", () => {
    expect(judge(all)).toMatchObject({ verdict: "pass", seen: ":7, 1920x1080, with all extensions" });
    expect(judge(all.filter((name) => name !== "XTEST"))).toMatchObject({
      verdict: "fail",
      means: "no keys and no pointer reach the desktop",
    });
    expect(judge(all.filter((name) => name !== "RANDR")).verdict).toBe("warn");
  });

  test("that does not answer fails where it was named, and is passed over where nobody named one", () => {
    expect(judgeX(":7", true, { why: "ENOENT" }).verdict).toBe("fail");
    expect(judgeX(":0", false, { why: "ENOENT" }).verdict).toBe("skip");
  });

  test("greets on its RFB socket", () => {
    expect(judgeRfb("/run/rfb.sock", "RFB 003.008\n").verdict).toBe("pass");
    expect(judgeRfb("/run/rfb.sock", "ENOENT").verdict).toBe("fail");
    expect(judgeRfb("/run/rfb.sock", "SSH-2.0-Open").verdict).toBe("fail");
    expect(judgeRfb(undefined, "").verdict).toBe("skip");
  });
});

test("sound: off, unnamed, broken and ready", () => {
  expect(judgeSound({ state: "off" }).verdict).toBe("skip");
  expect(judgeSound({ state: "unnamed" }).verdict).toBe("skip");
  expect(judgeSound({ state: "no-module", why: "libpulse.so.0" }).verdict).toBe("fail");
  expect(judgeSound({ state: "lost", why: "Connection refused" }).verdict).toBe("fail");
  expect(judgeSound({ state: "ready", server: "unix:/run/sound", sink: "desktop" }).verdict).toBe("pass");
});

test("gamepads: by the kernel, by the interposer, not at all", () => {
  expect(judgeUinput(undefined, "auto", "docker").verdict).toBe("pass");
  expect(judgeUinput("/dev/uinput can't be opened (ENOENT)", "auto", "docker").verdict).toBe("skip");
  expect(judgeUinput("/dev/uinput can't be opened (ENOENT)", "uinput", "docker")).toMatchObject({
    verdict: "fail",
    fix: expect.stringMatching(/^docker run --device \/dev\/uinput/) as string,
  });
  const tried = [{ word: "64", why: undefined } as const];
  expect(judgeGamepads({ mode: "auto", uinput: true, tried: [] }).verdict).toBe("pass");
  expect(judgeGamepads({ mode: "auto", uinput: false, tried })).toMatchObject({
    verdict: "pass",
    seen: "By the interposer, which works in 64-bit programs",
  });
  expect(judgeGamepads({ mode: "auto", uinput: false, tried: [] }).verdict).toBe("fail");
  expect(
    judgeGamepads({ mode: "auto", uinput: false, tried: [{ word: "64", why: "cannot be preloaded" }] }).verdict,
  ).toBe("fail");
  expect(judgeGamepads({ mode: "off", uinput: false, tried: [] }).verdict).toBe("skip");
});

test("a port: free, an agent's, somebody else's", () => {
  const options = { host: "0.0.0.0", port: 8080, container: true };
  expect(judgePort("UDP", { state: "free" }, options)).toMatchObject({
    verdict: "pass",
    means: "The agent can have it; from outside it is there when it is published: -p 8080:8080/udp",
  });
  expect(judgePort("TCP", { state: "ours" }, { ...options, container: false })).toMatchObject({
    verdict: "pass",
    means: "It is in use as it should be",
  });
  expect(judgePort("TCP", { state: "refused", code: "EADDRINUSE" }, options)).toMatchObject({
    verdict: "fail",
    seen: "TCP 0.0.0.0:8080 can't be bound (EADDRINUSE)",
    fix: "EGLANTINE_PORT=… (one that is free, above 1023)",
  });
});

describe("TURN", () => {
  const relayed = { kind: "relayed", relayed: "203.0.113.5:50000", mapped: "198.51.100.7:40000" } as const;
  const refused = (code: number, text: string) => ({ kind: "refused", code, text }) as const;
  const silent = { kind: "unreachable", why: "no answer over UDP" } as const;
  const look: TurnLook = { host: "turn.example.org", port: 3478, told: "udp", outcomes: [], shared: true };
  const over = (
    udp: TurnLook["outcomes"][number]["outcome"],
    tcp: TurnLook["outcomes"][number]["outcome"] = silent,
  ) => [{ transport: "udp", outcome: udp } as const, { transport: "tcp", outcome: tcp } as const];

  test("a relay passes", () => {
    expect(judgeTurn({ ...look, outcomes: over(relayed) })).toMatchObject({
      verdict: "pass",
      seen: "turn.example.org:3478 over UDP: relays at 203.0.113.5:50000",
    });
  });

  test("wrong credentials name the options that are wrong", () => {
    const outcomes = over(refused(401, "Unauthorized"));
    expect(judgeTurn({ ...look, outcomes })).toMatchObject({
      verdict: "fail",
      seen: "turn.example.org:3478 over UDP: refused (401 Unauthorized)",
      fix: expect.stringMatching(/^TURN_SHARED_SECRET .* clocks/) as string,
    });
    expect(judgeTurn({ ...look, shared: false, outcomes }).fix).toMatch(/^TURN_USERNAME and TURN_PASSWORD/);
    expect(judgeTurn({ ...look, outcomes: over(refused(486, "Quota")) }).fix).toMatch(/user-quota/);
  });

  test("a transport that works is named in place of one that does not", () => {
    expect(judgeTurn({ ...look, outcomes: over(silent, relayed) })).toMatchObject({
      verdict: "fail",
      fix: "TURN_PROTOCOL=tcp, which works from here",
    });
    expect(judgeTurn({ ...look, outcomes: over(silent) }).fix).toMatch(/UDP port 3478 must be open/);
  });

  test("a certificate that browsers refuse fails though it relays", () => {
    const outcome = { ...relayed, certificate: "DEPTH_ZERO_SELF_SIGNED_CERT" };
    expect(judgeTurn({ ...look, told: "tls", outcomes: [{ transport: "tls", outcome }] })).toMatchObject({
      verdict: "fail",
    });
  });

  test("STUN servers: one that answers is enough", () => {
    const answers = [
      { url: "stun:a:1", why: "no answer over UDP" },
      { url: "stun:b:2", mapped: "198.51.100.7:4" },
    ];
    expect(judgeStun(answers, false)).toMatchObject({ verdict: "pass", seen: "stun:b:2 sees 198.51.100.7:4" });
    expect(judgeStun(answers.slice(0, 1), false).verdict).toBe("warn");
    expect(judgeStun([], false).verdict).toBe("skip");
  });
});

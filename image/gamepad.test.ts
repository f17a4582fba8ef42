// Gamepads without privileges, from the agent's side of the interposer (apps/agent/src/linux/interposer.ts) to programs that know nothing of
// it: SDL2, libudev, jstest, evtest, and the kernel's own calls in 32 and 64 bits. With a viewer: test/e2e/gamepads.test.ts.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PAD_AT_REST, padRecords, type PadState } from "../apps/agent/src/input/gamepad.ts";
import type { Force, PadBackend, PadDevice } from "../apps/agent/src/input/pad-types.ts";
import { createInterposer } from "../apps/agent/src/linux/interposer.ts";
import { CAN_32, gamepadProgram, interposer, startWithGamepads } from "../test/harness/gamepad-programs.ts";
import type { Process } from "../test/harness/processes.ts";
import { until } from "../test/harness/until.ts";

let folder: string;
let backend: PadBackend;
let forces: Force[];
const open: { close(): void | Promise<void> }[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "eglantine-pads-"));
  backend = createInterposer(folder, "a test");
  forces = [];
});
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
  rmSync(folder, { recursive: true });
});

/** A pad whose state a test sets. */
class Pad {
  readonly #device: PadDevice;
  #state = PAD_AT_REST;

  constructor(place: number) {
    this.#device = backend.plug(place, (_, force) => forces.push(force));
  }

  set(state: Partial<PadState>): void {
    const next = { ...PAD_AT_REST, ...state };
    this.#device.write(padRecords(this.#state, next));
    this.#state = next;
  }

  close(): void {
    this.#device.close();
  }
}

function plug(place = 0): Pad {
  const pad = new Pad(place);
  open.push(pad);
  return pad;
}

function start(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Process {
  const program = startWithGamepads(folder, argv, env);
  open.push(program);
  return program;
}

/** Waits until the program has said a line like this, and returns all that it has said. */
async function said(program: Process, match: RegExp): Promise<readonly string[]> {
  await until(`${program.name} says ${match}; it said\n${program.log()}`, () => {
    if (program.allLines().some((line) => match.test(line))) return true;
    if (program.isOver) throw new Error(`${program.name} has ended without ${match}:\n${program.log()}`);
    return false;
  });
  return program.allLines();
}

const button = (number: number): Partial<PadState> => ({ buttons: 1 << number });

describe.each(CAN_32 ? [64 as const, 32 as const] : [64 as const])("a %i-bit program", (bits) => {
  test("finds the pad in /dev/input and /sys, and hears from it what the kernel would say", async () => {
    plug().set({ buttons: 1, leftX: -7 });
    const lines = await said(start([gamepadProgram("evdev-pads", bits), "look"]), /^done/);
    expect(lines).toEqual([
      "entry event0",
      "entry js0",
      "glob /dev/input/js0",
      "stat character 13:64",
      "access 0",
      "sys /sys/devices/virtual/input/input0/event0",
      "openat character",
      bits === 64 ? "key 7cdb000000000000 0 0 0 0" : "key 7cdb0000 0 0 0 0 0 0 0 0 0",
      "name 24 Microsoft X-Box 360 pad",
      "id 045e:028e",
      "short name 4",
      "bits 96",
      "button 1",
      "axis -7 in -32768..32767",
      "no axis -1",
      "held 1",
      "effects 16",
      "js 8 axes 11 buttons, axis 6 is 16",
      "js name 24",
      "other ioctl -1 1",
      "nothing there -1 1",
      "done",
    ]);
  });

  test("reads events as they come, through a copy of its descriptor and epoll, until the pad is unplugged", async () => {
    const pad = plug(3);
    const program = start([gamepadProgram("evdev-pads", bits), "watch", "3"]);
    await said(program, /^opened 1/);
    pad.set(button(0));
    await said(program, /^event 1 304 1/);
    pad.set({ ...button(13), rightTrigger: 200 });
    await said(program, /^event 3 17 1/);
    pad.close();
    expect(await said(program, /^done/)).toEqual([
      "opened 1",
      "event 1 304 1",
      "event 1 304 0",
      "event 3 5 200",
      "event 3 17 1",
      "gone ENODEV",
      "done",
    ]);
  });

  test("plays force feedback, and is refused what a pad can't do", async () => {
    plug();
    const program = start([gamepadProgram("evdev-pads", bits), "force"]);
    const lines = await said(program, /^erase again/);
    expect(lines).toEqual([
      "upload 0 as 0",
      "periodic 0 as 1",
      "spring -1 EINVAL",
      "refused 6 of 20 more",
      "absurd -1 EINVAL",
      `play ${bits === 64 ? 24 : 16} of ${bits === 64 ? 24 : 16}`,
      "erase 0",
      "erase again -1 EINVAL",
    ]);
    await until("the erasing has come", () => forces.some(({ kind }) => kind === "erase"));
    expect(forces).toContainEqual({ kind: "upload", id: 0, strong: 0xc000, weak: 0x4000 });
    expect(forces).toContainEqual({ kind: "replay", id: 0, lengthMs: 400, delayMs: 0 });
    expect(forces).toContainEqual({ kind: "upload", id: 1, strong: 0xfffe, weak: 0xfffe });
    expect(forces).toContainEqual({ kind: "play", id: 0, times: 1 });
    program.write("\n");
    await until("the program's end has come", () => forces.at(-1)?.kind === "gone");
  });

  test("outlives a pad that is unplugged while it writes to it", async () => {
    const pad = plug();
    const program = start([gamepadProgram("evdev-pads", bits), "write"]);
    await said(program, /^opened 1/);
    program.write("\n");
    await said(program, /^written/);
    pad.close();
    await until("the write is refused", async () => {
      program.write("\n");
      return program.allLines().includes("write ENODEV");
    });
  });

  test("that reads nothing for long is told that it has missed something, and how things stand", async () => {
    const pad = plug();
    const program = start([gamepadProgram("evdev-pads", bits), "idle"]);
    await said(program, /^opened 1/);
    // Until the agent has more for it than it keeps, a few times over.
    for (let step = 1; step <= 20_000; step++) {
      pad.set({ leftX: step });
      if (step % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    program.write("\n");
    const line = (await said(program, /^read/)).find((one) => one.startsWith("read")) ?? "";
    expect(line).toMatch(/ dropped 1 /);
    expect(line).toMatch(/ now 20000 /);
    expect(line).toMatch(/ js initial 2 last 20028/);
    expect(Number(line.split(" ")[1])).toBeLessThan(1e6);
  });
});

test("what changes while a program opens the pad is told to it, and without a change nothing is", async () => {
  const pad = plug();
  pad.set(button(1));
  const quiet = start(["evtest", "/dev/input/event0"]);
  await said(quiet, /^Testing/);
  // Its state as it was before the button went down.
  const socket = connect(join(folder, "input/event0"));
  open.push({ close: () => void socket.destroy() });
  let heard = Buffer.alloc(0);
  socket.on("data", (data) => (heard = Buffer.concat([heard, data])));
  socket.write(Buffer.from("EGP1\u0008\0\0\0\0", "latin1"));
  await until("it hears all of the pad", () => heard.length === 24 * 20);
  expect(heard.includes(Buffer.from([1, 0, 0x31, 1, 1, 0, 0, 0]))).toBe(true);
  pad.set({});
  await said(quiet, /BTN_EAST\), value 0/);
  await said(quiet, /SYN_REPORT/);
  expect(quiet.allLines().filter((line) => line.startsWith("Event:"))).toHaveLength(2);
});

describe("SDL2", () => {
  test.each([
    ["by udev", {}],
    ["by /dev/input alone", { SDL_JOYSTICK_DISABLE_UDEV: "1" }],
  ])("finds pads %s, and those that are plugged in and out later", async (_, env) => {
    const first = plug();
    const sdl = start([gamepadProgram("sdl-pads")], env);
    await said(sdl, /^added \/dev\/input\/event0 .* 6 axes 11 buttons 1 hats rumble yes 045e:028e/);
    const later = plug(5);
    await said(sdl, /^added \/dev\/input\/event5 /);
    first.close();
    await said(sdl, /^removed/);
    later.set(button(3));
    await said(sdl, /^pad button y 1/);
  });

  test("sees buttons, sticks, triggers and the hat, as a joystick and as a game controller", async () => {
    const pad = plug();
    const sdl = start([gamepadProgram("sdl-pads")]);
    await said(sdl, /^added/);
    const steps: [Partial<PadState>, RegExp, RegExp][] = [
      [button(0), /^button 0 1$/, /^pad button a 1$/],
      [button(5), /^button 5 1$/, /^pad button rightshoulder 1$/],
      [button(16), /^button 8 1$/, /^pad button guide 1$/],
      [button(11), /^button 10 1$/, /^pad button rightstick 1$/],
      [{ leftX: -32_768 }, /^axis 0 -32768$/, /^pad axis leftx -32768$/],
      [{ rightY: 32_767 }, /^axis 4 32767$/, /^pad axis righty 32767$/],
      [{ leftTrigger: 255 }, /^axis 2 32767$/, /^pad axis lefttrigger 32767$/],
      [{ buttons: (1 << 12) | (1 << 15) }, /^hat 0 3$/, /^pad button dpright 1$/],
    ];
    for (const [state, joystick, controller] of steps) {
      pad.set(state);
      await said(sdl, joystick);
      await said(sdl, controller);
    }
  });

  test("rumbles, stops by itself, and no longer than it lives", async () => {
    plug();
    const sdl = start([gamepadProgram("sdl-pads")]);
    await said(sdl, /^added/);
    sdl.write("rumble 65535 1000 200\n");
    await said(sdl, /^rumble 0$/);
    await until("the motors are told to run", () =>
      forces.some((force) => force.kind === "upload" && force.strong === 0xffff && force.weak === 1000),
    );
    await until("and to stop", () => {
      const last = forces.findLast(({ kind }) => kind === "upload");
      return last?.kind === "upload" && last.strong === 0;
    });
    process.kill(sdl.pid, "SIGKILL");
    await until("its end has come", () => forces.at(-1)?.kind === "gone");
  });

  test("an agent that comes again finds its pads' folder in disorder, and SDL finds the pads", async () => {
    plug();
    const sdl = start([gamepadProgram("sdl-pads")]);
    await said(sdl, /^added/);
    // What a killed agent leaves is what is there now.
    backend = createInterposer(folder, "a test");
    await said(sdl, /^removed/);
    plug(1).set(button(1));
    await said(sdl, /^added \/dev\/input\/event1/);
    await said(sdl, /^button 1 1$/);
  });
});

test("libudev lists pads, and tells of those that come and go", async () => {
  plug();
  const udev = start([gamepadProgram("udev-pads")]);
  const pad = "initialized 1 name Microsoft X-Box 360 pad vendor 045e by number";
  expect(await said(udev, /^ready/)).toEqual([
    `device /dev/input/event0 ${pad} event0`,
    `device /dev/input/js0 ${pad} js0`,
    "ready",
  ]);
  const second = plug(7);
  await said(udev, /^add \/dev\/input\/js7/);
  second.close();
  expect((await said(udev, /^remove \/dev\/input\/js7/)).slice(3)).toEqual([
    "add /dev/input/event7",
    "add /dev/input/js7",
    "remove /dev/input/event7",
    "remove /dev/input/js7",
  ]);
});

test("jstest sees a pad", async () => {
  const pad = plug();
  pad.set({ leftY: 32_767 });
  const jstest = start(["stdbuf", "-oL", "jstest", "--event", "/dev/input/js0"]);
  const lines = await said(jstest, /type 130, .* number 7,/);
  expect(lines).toContain("Joystick (Microsoft X-Box 360 pad) has 8 axes (X, Y, Z, Rx, Ry, Rz, Hat0X, Hat0Y)");
  expect(lines.some((line) => /type 130, .* number 1, value 32767/.test(line))).toBe(true);
  pad.set(button(9));
  await said(jstest, /Event: type 1, time \d+, number 7, value 1/);
  pad.set({ leftX: -32_768 });
  await said(jstest, /Event: type 2, time \d+, number 0, value -32767/);
});

test("evtest sees a pad", async () => {
  const pad = plug(2);
  const evtest = start(["evtest", "/dev/input/event2"]);
  const lines = await said(evtest, /^Testing/);
  for (const expected of [
    'Input device name: "Microsoft X-Box 360 pad"',
    "    Event code 304 (BTN_SOUTH)",
    "    Event code 17 (ABS_HAT0Y)",
    "    Event code 80 (FF_RUMBLE)",
  ]) {
    expect(lines).toContain(expected);
  }
  pad.set({ ...button(14), leftTrigger: 99 });
  await said(evtest, /code 2 \(ABS_Z\), value 99/);
  await said(evtest, /code 16 \(ABS_HAT0X\), value -1/);
  await said(evtest, /SYN_REPORT/);
});

describe("hostile programs", () => {
  /** An effect that rubbish below does not name. */
  const LAST = 4711;
  /** A connection that says just these bytes; resolves when the agent has closed it, or when it has listened for long. */
  async function talk(bytes: Uint8Array): Promise<"closed" | "open"> {
    const socket = connect(join(folder, "input/event0"));
    open.push({ close: () => void socket.destroy() });
    socket.on("error", () => undefined);
    let closed = false;
    socket.once("close", () => (closed = true));
    socket.write(bytes);
    socket.resume();
    await until(
      "the agent has dealt with it",
      () => closed || forces.some((force) => force.kind === "play" && force.id === LAST),
    );
    return closed ? "closed" : "open";
  }

  test("one that says something else than hello is cut off, and the pad goes on", async () => {
    const pad = plug();
    for (const bytes of ["GET / HTTP/1.1\r\n\r\n", "EGP1\u0007\0\0\0\0", "\0\0\0\0\0\0\0\0\0"]) {
      expect(await talk(Buffer.from(bytes, "latin1"))).toBe("closed");
    }
    const evtest = start(["evtest", "/dev/input/event0"]);
    await said(evtest, /^Testing/);
    pad.set(button(0));
    await said(evtest, /BTN_SOUTH\), value 1/);
  });

  test("one that writes rubbish behind its hello is heard where it makes sense, and hurts nobody", async () => {
    plug();
    const rubbish = Buffer.alloc(24 * 5000);
    for (let at = 0; at < rubbish.length; at++) rubbish[at] = (at * 7919) >> 3;
    const play = Buffer.alloc(24);
    play.writeUInt16LE(0x15, 16);
    play.writeUInt16LE(LAST, 18);
    play.writeInt32LE(-5, 20);
    // The last half event is never finished.
    const all = Buffer.concat([Buffer.from("EGP1\u0008\0\0\0\0", "latin1"), rubbish, play, Buffer.alloc(11, 0xff)]);
    expect(await talk(all)).toBe("open");
    expect(forces.at(-1)).toEqual({ kind: "play", id: LAST, times: 0 });
  });

  test("one that opens a pad more often than anybody needs is refused at sixty-four", async () => {
    plug();
    const sockets = Array.from({ length: 70 }, () => {
      const socket = connect(join(folder, "input/event0"));
      socket.on("error", () => undefined);
      open.push({ close: () => void socket.destroy() });
      return socket.resume();
    });
    await until("six are closed", () => sockets.filter(({ destroyed }) => destroyed).length === 6);
  });
});

test("a pad that was unplugged is found nowhere, and programs without the library see nothing of one that is there", () => {
  const found = () =>
    ["node", "input", "pad", "sys64/class/input", "sys32/class/input"].flatMap((part) =>
      readdirSync(join(folder, part)),
    );
  const seen = () => readdirSync("/dev").includes("input") && readdirSync("/dev/input");
  const before = seen();
  const pad = plug();
  expect(found()).toHaveLength(11);
  expect(seen()).toEqual(before);
  pad.close();
  pad.close();
  expect(found()).toEqual([]);
});

test("a program without gamepads runs as it did before, also where the folder is missing", () => {
  const env = { ...process.env, LD_PRELOAD: interposer() };
  const list = (more: Record<string, string>) =>
    execFileSync("ls", ["-A", "/dev", "/sys/class"], { env: { ...env, ...more }, encoding: "utf8" });
  const plain = execFileSync("ls", ["-A", "/dev", "/sys/class"], { encoding: "utf8" });
  expect(list({})).toBe(plain);
  expect(list({ EGLANTINE_GAMEPAD_DIR: "/nonexistent" })).toBe(plain);
});

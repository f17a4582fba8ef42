// The supervised session with a small desktop: who may run it, what it opens and writes, what a crash takes along, how it ends.

import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { OPTIONS } from "../apps/agent/src/config/options.ts";
import { commandLine, isAlive } from "../test/harness/processes.ts";
import { startXvnc } from "../test/harness/processes-xvnc.ts";
import { type ServiceName, type Session, type SessionOptions, startSession } from "../test/harness/session.ts";
import { until } from "../test/harness/until.ts";

const SERVICES = ["xvnc", "dbus", "sound", "desktop", "agent"] as const;
const ROOTFS = fileURLToPath(new URL("rootfs", import.meta.url));
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.log("skipped: sessions under another user id (only root can start them)");

const open: Session[] = [];
async function start(options: SessionOptions): Promise<Session> {
  const session = await startSession(options);
  open.push(session);
  return session;
}
afterEach(async () => {
  for (const session of open.splice(0)) await session.close();
});

function pidsOf(session: Session): Record<ServiceName, number | undefined> {
  return Object.fromEntries(SERVICES.map((name) => [name, session.servicePid(name)])) as Record<
    ServiceName,
    number | undefined
  >;
}

/** Kills the service's process and waits until another one is in its place. */
async function crash(session: Session, service: ServiceName): Promise<void> {
  const before = session.servicePid(service);
  // 0 would be this process's own group.
  if (before === undefined) throw new Error(`${service} is down`);
  process.kill(before, "SIGKILL");
  await until(`${service} again`, () => ![undefined, before].includes(session.servicePid(service)));
}

/** Process ids once every service is up, X server and bus ready. */
async function settled(session: Session): Promise<Record<ServiceName, number | undefined>> {
  await until("all services up", () => SERVICES.every((name) => session.servicePid(name) !== undefined));
  execFileSync("s6-svwait", [
    "-U",
    "-a",
    "-t",
    "10000",
    join(session.runDir, "scan/xvnc"),
    join(session.runDir, "scan/dbus"),
  ]);
  return pidsOf(session);
}

/** "" for a file that is not there (yet). */
const textOf = (file: string): string => (existsSync(file) ? readFileSync(file, "utf8") : "");

describe("a crash", () => {
  let session: Session;
  beforeAll(async () => {
    session = await startSession({ desktop: "setsid -f sleep 1000; exec xterm -e sleep 2000" });
  });
  afterAll(() => session.close());

  test("of the agent restarts the agent alone and leaves the programs running", async () => {
    const before = await settled(session);
    await crash(session, "agent");
    expect({ ...(await settled(session)), agent: 0 }).toEqual({ ...before, agent: 0 });
  });

  test("of the bus restarts the bus alone", async () => {
    const before = await settled(session);
    await crash(session, "dbus");
    expect({ ...(await settled(session)), dbus: 0 }).toEqual({ ...before, dbus: 0 });
  });

  test("of the sound server restarts the sound server alone, at the same place", async () => {
    const before = await settled(session);
    await crash(session, "sound");
    await until("sound again", () => spawnSync("pactl", ["info"], { env: session.programEnv }).status === 0);
    expect({ ...(await settled(session)), sound: 0 }).toEqual({ ...before, sound: 0 });
  });

  test("of the desktop restarts the desktop, with a new bus, and ends what it left behind", async () => {
    const before = await settled(session);
    const left = session.pids().filter((pid) => commandLine(pid).join(" ") === "sleep 1000");
    expect(left).toHaveLength(1);
    await crash(session, "desktop");
    await until("the old program gone", () => !isAlive(left[0] ?? 0));
    const after = await settled(session);
    expect([after.xvnc, after.agent]).toEqual([before.xvnc, before.agent]);
  });

  test("of the X server restarts it on the same display, and the desktop with it", async () => {
    const before = await settled(session);
    const display = session.display;
    await crash(session, "xvnc");
    await until("desktop again", () => ![undefined, before.desktop].includes(session.servicePid("desktop")));
    await until("display usable", () => spawnSync("xdpyinfo", { env: session.programEnv }).status === 0);
    expect(session.display).toBe(display);
  });
});

test("a desktop that keeps ending is started ever more slowly, and the log says so", async () => {
  const session = await start({ desktop: "false", awaitAgent: false });
  await until("slowed down", () => /desktop keeps ending: waiting 2 s/.test(session.log("desktop")), {
    limitMs: 30_000,
  });
});

function listeningOnTcp(pid: number): unknown[] {
  const sockets = new Set(readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`)));
  expect([...sockets].some((name) => name.startsWith("socket:"))).toBe(true);
  return ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, "utf8")
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === "0A" && sockets.has(`socket:[${fields[9]}]`)),
  );
}

describe("the sound server", () => {
  const pactl = (session: Session, ...args: string[]) =>
    execFileSync("pactl", args, { env: session.programEnv, encoding: "utf8" });

  test("is there when the desktop starts, on a socket of this user alone, and the agent finds it", async () => {
    const session = await start({ desktop: "sh -c 'pactl info > $HOME/sound 2>&1; exec sleep 1000'" });
    await until("the desktop has asked", () => textOf(join(session.home, "sound")) !== "");
    const info = readFileSync(join(session.home, "sound"), "utf8");
    expect(info).toMatch(/Default Sink: desktop\n/);
    expect(info).toMatch(/Default Source: virtual_mic\n/);
    expect(info).toContain(`Server String: unix:${session.runDir}/sound/native`);
    expect(listeningOnTcp(session.servicePid("sound") ?? 0)).toEqual([]);
    expect(statSync(join(session.runDir, "sound")).mode & 0o777).toBe(0o700);
    expect(session.log("agent")).not.toContain("no sound");
  });

  test("has the channels that were asked for", async () => {
    const session = await start({ desktop: "sleep 1000", env: { EGLANTINE_AUDIO_CHANNELS: "8" } });
    await settled(session);
    expect(pactl(session, "list", "short", "sinks")).toMatch(/desktop\s.*\s8ch 48000Hz/);
  });

  test("is not started where none is wanted, and programs are not sent to another one", async () => {
    const session = await start({
      desktop: "sh -c 'env > $HOME/environment; exec sleep 1000'",
      env: { EGLANTINE_AUDIO: "off", PULSE_SERVER: "unix:/nowhere" },
    });
    await until("environment written", () => textOf(join(session.home, "environment")) !== "");
    expect(readFileSync(join(session.home, "environment"), "utf8")).not.toContain("PULSE_SERVER");
    expect(existsSync(join(session.runDir, "scan/sound"))).toBe(false);
  });
});

describe("the X server", () => {
  let session: Session;
  beforeAll(async () => {
    session = await startSession({
      desktop: "sh -c 'env > $HOME/environment; exec sleep 1000'",
      env: { SIZEW: "800", DISPLAY_SIZEH: "600", SIZEH: "", DPI: "120", EGLANTINE_KEYBOARD_LAYOUT: "de(nodeadkeys)" },
    });
  });
  afterAll(() => session.close());

  test("listens on no TCP port", () => {
    expect(listeningOnTcp(session.servicePid("xvnc") ?? 0)).toEqual([]);
  });

  test("admits nobody without the cookie", () => {
    expect(spawnSync("xdpyinfo", { env: { ...session.programEnv, XAUTHORITY: "/nonexistent" } }).status).not.toBe(0);
    expect(spawnSync("xdpyinfo", { env: session.programEnv }).status).toBe(0);
  });

  test("has the size, the depth and the keyboard layout that were asked for", async () => {
    const info = execFileSync("xdpyinfo", { env: session.programEnv, encoding: "utf8" });
    expect(info).toMatch(/dimensions: +800x600 pixels/);
    expect(info).toMatch(/depth of root window: +24 planes/);
    expect(execFileSync("xrdb", ["-query"], { env: session.programEnv, encoding: "utf8" })).toMatch(/Xft\.dpi:\s+120/);
    const keyboard = execFileSync("setxkbmap", ["-query"], { env: session.programEnv, encoding: "utf8" });
    expect(keyboard).toMatch(/layout: +de\nvariant: +nodeadkeys/);
  });

  test("and the programs do not learn the agent's secrets", async () => {
    const file = join(session.home, "environment");
    await until("environment written", () => textOf(file) !== "");
    expect(readFileSync(file, "utf8")).not.toContain(session.password);
  });
});

test("no secret of the options' table, nor where its file is, gets into a program or a service but the agent", async () => {
  const secrets = Object.values(OPTIONS).flatMap((option) => ("secret" in option ? [...option.env] : []));
  expect(secrets).toContain("PASSWD");
  const names = secrets.flatMap((name) => [name, `${name}_FILE`]);
  const session = await start({
    desktop: "sh -c 'setsid sleep 1000 & exec sleep 2000'",
    // The agent refuses so many at once, and is not asked here.
    awaitAgent: false,
    env: Object.fromEntries(names.map((name) => [name, `of ${name}`])),
  });
  const pids = await settled(session);
  const programs = session.pids().filter((pid) => commandLine(pid)[0] === "sleep");
  expect(programs).toHaveLength(2);
  for (const pid of [pids.xvnc, pids.dbus, pids.sound, pids.desktop, ...programs]) {
    const told = textOf(`/proc/${pid}/environ`).split("\0");
    expect(told).toContain(`EGLANTINE_RUN_DIR=${session.runDir}`);
    expect(told.filter((variable) => names.includes(variable.split("=")[0] ?? ""))).toEqual([]);
  }
});

describe("the interposer of gamepads", () => {
  const environmentFrom = async (env: Record<string, string>) => {
    const session = await start({
      desktop: "sh -c 'env > $HOME/part && mv $HOME/part $HOME/environment; exec sleep 1000'",
      env,
    });
    await until("environment written", () => existsSync(join(session.home, "environment")));
    return { session, environment: textOf(join(session.home, "environment")) };
  };

  test("is loaded into programs where it is used, and not into the agent", async () => {
    const { session, environment } = await environmentFrom({
      EGLANTINE_GAMEPAD: "interposer",
      LD_PRELOAD: "libm.so.6",
    });
    const library = `${session.runDir}/interposer/$LIB/libeglantine-gamepad.so`;
    expect(environment).toContain(`LD_PRELOAD=${library}:libm.so.6\n`);
    expect(environment).toContain(`EGLANTINE_GAMEPAD_DIR=${session.runDir}/gamepad\n`);
    expect(textOf(`/proc/${session.servicePid("agent")}/maps`)).not.toContain("libeglantine-gamepad");
    const loaded = execFileSync("cat", ["/proc/self/maps"], {
      env: { ...process.env, LD_PRELOAD: library },
      encoding: "utf8",
    });
    expect(loaded).toContain("libeglantine-gamepad.so");
  });

  test.each(["off", "uinput"])("is not loaded with EGLANTINE_GAMEPAD=%s", async (mode) => {
    expect((await environmentFrom({ EGLANTINE_GAMEPAD: mode })).environment).not.toContain("libeglantine-gamepad");
  });
});

test("SIGTERM lets programs save, ends those that will not, and leaves no process behind", async () => {
  const session = await start({
    desktop: `sh -c 'setsid sh -c "trap : TERM; while :; do sleep 0.2; done" & trap "sleep 0.3; echo saved > $HOME/saved; exit" TERM; : > $HOME/ready; while :; do sleep 0.1; done'`,
    env: { EGLANTINE_STOP_SECONDS: "4" },
  });
  await until("desktop ready", () => existsSync(join(session.home, "ready")));
  const pids = session.pids();
  expect(pids.length).toBeGreaterThan(10);
  const startedMs = performance.now();
  await session.stop();
  expect(performance.now() - startedMs).toBeLessThan(10_000);
  expect(readFileSync(join(session.home, "saved"), "utf8")).toBe("saved\n");
  expect(session.pids()).toEqual([]);
  expect(session.log("desktop")).not.toBe("");
});

test.each(["2.5", "8s", "-1", "08", "0", "12345"])("a time to stop of %j is refused at the start", (seconds) => {
  const folder = mkdtempSync(join(tmpdir(), "egl-"));
  const done = spawnSync(join(ROOTFS, "usr/bin/eglantine-session"), ["--desktop", "sleep 1"], {
    env: { ...process.env, EGLANTINE_RUN_DIR: join(folder, "run"), EGLANTINE_STOP_SECONDS: seconds },
    encoding: "utf8",
    timeout: 5000,
  });
  rmSync(folder, { recursive: true });
  expect([done.status, done.stderr]).toEqual([
    1,
    expect.stringContaining("EGLANTINE_STOP_SECONDS must be whole seconds"),
  ]);
});

test("a program that has shed its environment and holds its log open does not keep the session from ending", async () => {
  const session = await start({ desktop: "env -i /usr/bin/setsid -f /bin/sleep 30; exec sleep 1000" });
  const startedMs = performance.now();
  await session.stop();
  expect(performance.now() - startedMs).toBeLessThan(10_000);
});

test("a display that is there already is streamed without an X server or a desktop of its own", async () => {
  const server = await startXvnc(640, 480);
  const session = await start({ display: server.display });
  expect(readdirSync(join(session.runDir, "scan")).filter((name) => !name.startsWith("."))).toEqual(["agent"]);
  expect(session.display).toBe(server.display);
  await session.close();
  expect(isAlive(server.pid)).toBe(true);
  await server.close();
});

describe("a run directory", () => {
  test("is refused while another session runs in it", async () => {
    const session = await start({ desktop: "sleep 1000", awaitAgent: false });
    const second = spawnSync(join(ROOTFS, "usr/bin/eglantine-session"), ["--desktop", "sleep 1"], {
      env: { ...process.env, EGLANTINE_RUN_DIR: session.runDir, EGLANTINE_AGENT: "/bin/true" },
      encoding: "utf8",
    });
    expect([second.status, second.stderr]).toEqual([1, expect.stringContaining("already running")]);
    expect(session.exitStatus).toBeUndefined();
  });

  test("is refused when it is a symbolic link", () => {
    const folder = mkdtempSync(join(tmpdir(), "egl-"));
    symlinkSync(folder, join(folder, "run"));
    const done = spawnSync(join(ROOTFS, "usr/bin/eglantine-session"), [], {
      env: { ...process.env, EGLANTINE_RUN_DIR: join(folder, "run") },
      encoding: "utf8",
    });
    rmSync(folder, { recursive: true });
    expect([done.status, done.stderr]).toEqual([1, expect.stringContaining("symbolic link")]);
  });
});

describe.skipIf(!isRoot)("a user id that has no entry in passwd", () => {
  const uid = 41_000 + (process.pid % 1000);
  let prefix: string;
  beforeAll(() => {
    // As installed, and readable for everyone, which the source tree need not be; sh takes the place of Node.
    prefix = mkdtempSync(join(tmpdir(), "egl-prefix-"));
    cpSync(ROOTFS, prefix, { recursive: true });
    writeFileSync(join(prefix, "agent.sh"), "echo agent runs as $(id -un); exec sleep 1000\n");
    execFileSync("chmod", ["-R", "a+rX", prefix]);
  });
  afterAll(() => rmSync(prefix, { recursive: true }));

  test("runs everything, and writes to the run directory and the home only", async () => {
    const session = await start({
      uid,
      prefix,
      agent: join(prefix, "agent.sh"),
      env: { EGLANTINE_NODE: "/bin/sh", HOME: "/" },
      desktop: "xterm -e sh -c 'id -un > $HOME/name; exec sleep 1000'",
      awaitAgent: false,
    });
    await until("a program in the terminal", () => textOf(join(session.home, "name")) !== "");
    await until("the agent", () => session.log("agent").includes("agent runs as user"));
    expect(textOf(join(session.home, "name"))).toBe("user\n");
    const places = ["/tmp", "/var", "/dev/shm", "/run", "/etc", "/home", "/root", "/opt"].filter((place) =>
      existsSync(place),
    );
    const written = spawnSync("find", [...places, "-uid", String(uid), "-not", "-path", `${session.folder}*`], {
      encoding: "utf8",
    });
    const number = session.display.slice(1);
    // Where the X protocol has its sockets and locks, and Xvnc no option to put them elsewhere.
    const known = [`/tmp/.X${number}-lock`, `/tmp/.X11-unix/X${number}`];
    expect(written.stdout.split("\n").filter((path) => path !== "" && !known.includes(path))).toEqual([]);
    await session.stop();
    expect(spawnSync("pgrep", ["-u", String(uid), "-r", "R,S,D,T", "-a"], { encoding: "utf8" }).stdout).toBe("");
    for (const path of known) expect(existsSync(path)).toBe(false);
  });
});

// A Docker engine for the image's tests: one of their own, with its data kept in .tools/docker so that the files of a run, and the next run, share
// what was built; or, by EGLANTINE_TEST_DOCKER=unix:///path, one that runs already and is left running. Used by engine.ts.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { commandLine, isAlive, Process } from "../../test/harness/processes.ts";
import { until } from "../../test/harness/until.ts";

/** The client of the same version as the daemon: another one may stand first on PATH, and refuse it. */
export const DOCKER = "/usr/bin/docker";
/** Of the engine's own data, and of the builds' logs. */
export const DATA = fileURLToPath(new URL("../../.tools/docker", import.meta.url));
/** A second daemon needs a bridge of its own; at most 15 characters. */
const BRIDGE = "eglantine-test0";
const BRIDGE_ADDRESS = "10.213.17.1/24";
const READY_WITHIN_MS = 30_000;

export interface Daemon {
  /** As DOCKER_HOST has it. */
  readonly host: string;
  close(): Promise<void>;
}

const answers = (host: string) =>
  spawnSync(DOCKER, ["-H", host, "version"], { stdio: "ignore", timeout: 10_000 }).status === 0;

/** Why no engine can be started or reached here, or one that answers. */
export async function openDaemon(): Promise<Daemon | { readonly why: string }> {
  if (!existsSync(DOCKER)) return { why: `${DOCKER} is not installed (Debian package docker.io)` };
  const running = process.env["EGLANTINE_TEST_DOCKER"];
  if (running !== undefined && running !== "") {
    if (!answers(running)) return { why: `no Docker engine answers at EGLANTINE_TEST_DOCKER=${running}` };
    return { host: running, close: async () => {} };
  }
  if (process.getuid?.() !== 0) return { why: "a Docker engine of one's own needs root" };
  for (const program of ["dockerd", "iptables", "ip"]) {
    if (spawnSync("sh", ["-c", `command -v ${program}`]).status !== 0) return { why: `${program} is not installed` };
  }
  return start();
}

async function start(): Promise<Daemon | { readonly why: string }> {
  mkdirSync(DATA, { recursive: true });
  const pidFile = join(DATA, "pid");
  await endLeftOver(pidFile);
  removeBridge();
  // A socket's path is short, and that of a checkout may not be.
  const folder = mkdtempSync(join(tmpdir(), "egl-docker-"));
  const host = `unix://${folder}/docker.sock`;
  try {
    execFileSync("ip", ["link", "add", "name", BRIDGE, "type", "bridge"], { stdio: "pipe" });
    execFileSync("ip", ["address", "add", BRIDGE_ADDRESS, "dev", BRIDGE], { stdio: "pipe" });
    execFileSync("ip", ["link", "set", BRIDGE, "up"], { stdio: "pipe" });
  } catch (error) {
    rmSync(folder, { recursive: true });
    return { why: `no network bridge can be made: ${(error as Error).message.trim()}` };
  }
  const argv = [
    "setpriv",
    "--pdeathsig",
    "TERM",
    "dockerd",
    "-H",
    host,
    "--bridge",
    BRIDGE,
    "--pidfile",
    `${folder}/pid`,
  ];
  argv.push("--data-root", join(DATA, "data"), "--exec-root", `${folder}/exec`);
  const daemon = new Process(argv);
  const close = async () => {
    // It ends what it has started, which may take longer than other programs get.
    if (!daemon.isOver) process.kill(daemon.pid, "SIGTERM");
    await until("dockerd has ended", () => daemon.isOver, { limitMs: 30_000 });
    removeBridge();
    rmSync(pidFile, { force: true });
    unmountBelow(folder);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until("dockerd answers", () => daemon.isOver || answers(host), { limitMs: READY_WITHIN_MS, everyMs: 200 });
  } catch (error) {
    await close();
    throw error;
  }
  if (daemon.isOver) {
    const why = `dockerd does not run here: ${daemon.log().split("\n").slice(-2).join(" ")}`;
    await close();
    return { why };
  }
  writeFileSync(pidFile, String(daemon.pid));
  return { host, close };
}

/** A daemon of a run that was killed still holds the data. */
async function endLeftOver(pidFile: string): Promise<void> {
  const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, "utf8")) : 0;
  if (!(pid > 0) || !commandLine(pid).includes(join(DATA, "data"))) return;
  process.kill(pid, "SIGTERM");
  await until("the last run's dockerd has ended", () => !isAlive(pid), { limitMs: 30_000 });
}

/** The network namespace of the host, which containers with --network=host were given: dockerd leaves it mounted. */
function unmountBelow(folder: string): void {
  for (const line of readFileSync("/proc/self/mounts", "utf8").split("\n")) {
    const place = line.split(" ")[1] ?? "";
    if (place.startsWith(`${folder}/`)) execFileSync("umount", [place]);
  }
}

function removeBridge(): void {
  spawnSync("ip", ["link", "delete", BRIDGE], { stdio: "ignore" });
}

// Which GPU a container can have: machines as they are, looked at by the real shell in a folder that is such a machine, and judged.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { EngineFacts } from "./engine-answers.ts";
import { judgeGpu } from "./gpu.ts";
import { lookAtMachine, type MachineFacts } from "./machine.ts";

const ENGINE: EngineFacts = {
  kind: "docker",
  version: "28.2.2",
  system: "Debian GNU/Linux 13 (trixie)",
  kernel: "6.12.0",
  architecture: "amd64",
  cpus: 8,
  memoryBytes: 32e9,
  runtimes: ["runc"],
};
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "egl-machine-"));
  file("etc/os-release", 'NAME="Debian"\nID=debian\nVERSION_CODENAME=trixie\n');
});
afterEach(() => rmSync(root, { recursive: true }));

function file(path: string, text = "", mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text, { mode });
}

function adapter(vendor: string): void {
  file(`sys/bus/pci/devices/${vendor}/class`, "0x030000\n");
  file(`sys/bus/pci/devices/${vendor}/vendor`, `0x${vendor}\n`);
}

async function machine(): Promise<MachineFacts> {
  const facts = await lookAtMachine({ kind: "socket", path: "/" }, "linux", ["ssh"], root);
  if (facts === undefined) throw new Error("the machine could not be looked at");
  return facts;
}
const verdictOf = (engine: EngineFacts, facts: MachineFacts | undefined, way: string) =>
  judgeGpu(engine, facts).find((verdict) => verdict.way === way);

it("finds nothing on a machine without a GPU: software draws, and nothing is to be mended", async () => {
  const verdicts = judgeGpu(ENGINE, await machine());
  expect(verdicts[0]).toEqual({ way: "none", state: "ready", devices: [] });
  expect(verdicts.slice(1).map(({ state }) => state)).toEqual(["absent", "absent", "absent", "absent"]);
  expect(verdicts.every(({ command }) => command === undefined)).toBe(true);
});

it("sees an NVIDIA adapter without a driver, and says how that is installed", async () => {
  adapter("10de");
  const facts = await machine();
  expect(facts).toMatchObject({ distribution: "debian", vendors: ["10de"], nvidiaDriver: false });
  expect(verdictOf(ENGINE, facts, "nvidia")).toMatchObject({
    state: "missing",
    gap: "nvidiaDriver",
    command: expect.stringContaining("apt-get install -y nvidia-driver") as string,
  });
});

it("goes on from driver to toolkit to runtime, one command each", async () => {
  adapter("10de");
  file("dev/nvidiactl");
  const toolkit = verdictOf(ENGINE, await machine(), "nvidia");
  expect(toolkit).toMatchObject({ state: "missing", gap: "nvidiaToolkit" });
  expect(toolkit?.command).toMatch(/apt-get install -y nvidia-container-toolkit && sudo nvidia-ctk runtime configure/);
  file("usr/bin/nvidia-ctk", "", 0o755);
  expect(verdictOf(ENGINE, await machine(), "nvidia")).toMatchObject({
    gap: "nvidiaRuntime",
    command: "sudo nvidia-ctk runtime configure --runtime=docker && sudo systemctl restart docker",
  });
  const whole = judgeGpu({ ...ENGINE, runtimes: ["nvidia", "runc"] }, await machine());
  expect(whole[0]).toMatchObject({ way: "nvidia", state: "ready" });
});

it.each([
  ["ubuntu", "apt-get"],
  ["fedora", "dnf"],
  ["arch", "pacman"],
  ["opensuse-leap", "zypper"],
])("knows how %s installs the toolkit", async (distribution, program) => {
  file("etc/os-release", `ID=${distribution}\n`);
  file("dev/nvidiactl");
  expect(verdictOf(ENGINE, await machine(), "nvidia")?.command).toContain(program);
});

it("says what is missing without a command where it knows none", async () => {
  file("etc/os-release", "ID=plan9\n");
  file("dev/nvidiactl");
  const verdict = verdictOf(ENGINE, await machine(), "nvidia");
  expect(verdict).toMatchObject({ state: "missing", gap: "nvidiaToolkit" });
  expect(verdict?.command).toBeUndefined();
});

it("takes CDI where there is a specification, from engines that know it", async () => {
  file("dev/nvidiactl");
  file("usr/bin/nvidia-ctk", "", 0o755);
  expect(verdictOf(ENGINE, await machine(), "cdi")).toMatchObject({
    gap: "cdiSpec",
    command: "sudo nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml",
  });
  file("etc/cdi/nvidia.yaml", 'cdiVersion: "0.5.0"\nkind: nvidia.com/gpu\n');
  expect(verdictOf(ENGINE, await machine(), "cdi")).toMatchObject({ state: "ready" });
  expect(verdictOf({ ...ENGINE, version: "20.10.24+dfsg1" }, await machine(), "cdi")).toMatchObject({
    gap: "cdiDockerOld",
  });
  const podman = { ...ENGINE, kind: "podman", version: "4.3.1" } as const;
  expect(verdictOf(podman, await machine(), "cdi")).toMatchObject({ gap: "cdiPodmanOld" });
  expect(judgeGpu({ ...podman, version: "5.4.0" }, await machine())[0]).toMatchObject({ way: "cdi", state: "ready" });
});

it("offers the devices that the engine has found by CDI", () => {
  const engine = {
    ...ENGINE,
    cdiDevices: ["nvidia.com/gpu=0", "nvidia.com/gpu=1", "nvidia.com/gpu=all", "vendor.com/nic=0"],
  };
  expect(verdictOf(engine, undefined, "cdi")).toMatchObject({ state: "ready", devices: [{ id: "0" }, { id: "1" }] });
});

it("takes /dev/dri with the group that may open it, and says which module is missing", async () => {
  adapter("1002");
  expect(verdictOf(ENGINE, await machine(), "dri")).toMatchObject({
    gap: "driModule",
    command: "sudo modprobe amdgpu",
  });
  file("dev/dri/renderD128");
  const facts = await machine();
  expect(facts).toMatchObject({ renderNodes: ["/dev/dri/renderD128"], renderGroup: process.getgid?.() });
  expect(judgeGpu(ENGINE, facts)[0]).toMatchObject({
    way: "dri",
    state: "ready",
    devices: [{ id: "/dev/dri/renderD128" }],
  });
});

it("takes Direct3D in WSL, and says how it gets there", async () => {
  file("proc/sys/kernel/osrelease", "5.15.167.4-microsoft-standard-WSL2\n");
  const engine = { ...ENGINE, kernel: "5.15.167.4-microsoft-standard-WSL2" };
  expect(verdictOf(engine, await machine(), "wsl")).toMatchObject({ gap: "wslDevice", command: "wsl.exe --update" });
  file("dev/dxg");
  file("usr/lib/wsl/lib/libd3d12.so");
  expect(judgeGpu(engine, await machine())[0]).toMatchObject({ way: "wsl", state: "ready" });
});

it("says that it cannot see a machine that it cannot look at, and leaves the choice", () => {
  const verdicts = judgeGpu(ENGINE, undefined);
  expect(verdicts.filter(({ state }) => state === "unseen").map(({ way }) => way)).toEqual(["nvidia", "cdi", "dri"]);
  expect(judgeGpu({ ...ENGINE, runtimes: ["nvidia"] }, undefined)[0]).toMatchObject({ way: "nvidia", state: "ready" });
});

it("promises nothing on Docker Desktop for macOS", () => {
  const engine = { ...ENGINE, system: "Docker Desktop", kernel: "6.10.14-linuxkit" };
  expect(judgeGpu(engine, undefined).map(({ way, state }) => `${way} ${state}`)).toEqual([
    "none ready",
    "nvidia absent",
    "cdi absent",
    "dri absent",
    "wsl absent",
  ]);
});

it("does not look at this machine for an engine on another one", async () => {
  expect(await lookAtMachine({ kind: "tcp", host: "desk", port: 2376 }, "linux", ["ssh"])).toBeUndefined();
  expect(await lookAtMachine({ kind: "socket", path: "/" }, "darwin", ["ssh"])).toBeUndefined();
});

// The container that a form stands for, and its three ways to be written; started for real and compared in `launch.system.test.ts`.

import { expect, it } from "vitest";
import { parse } from "yaml";
import { emptyForm, LAUNCH_FORM, type LaunchForm, readLaunchForm } from "../../shared/launch-form.ts";
import { composeFile } from "./compose-file.ts";
import { createOptions } from "./create-options.ts";
import { freeName, makePassword, suggestPort } from "./defaults.ts";
import { planOf } from "./plan.ts";
import { runLine, runWords } from "./run-line.ts";

const form = (own: Partial<LaunchForm> = {}): LaunchForm => ({
  ...emptyForm(),
  engine: "environment:",
  password: "correct-horse",
  ...own,
});
const docker = { engineKind: "docker" } as const;

it("takes every right away that the desktop does not need, whatever the form says", () => {
  for (const gpu of ["nvidia", "cdi", "dri", "wsl", "none"] as const) {
    const { HostConfig: host } = createOptions(planOf(form({ gpu, reach: "network" }), docker), {});
    expect(host).toMatchObject({ ReadonlyRootfs: true, CapDrop: ["ALL"], SecurityOpt: ["no-new-privileges:true"] });
    expect(Object.keys(host)).not.toContain("Privileged");
  }
});

it("is open to this computer alone, until the form says otherwise", () => {
  const ports = createOptions(planOf(form(), docker), {}).HostConfig.PortBindings;
  expect(ports).toEqual({
    "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: "8080" }],
    "8080/udp": [{ HostIp: "127.0.0.1", HostPort: "8080" }],
  });
  const open = createOptions(planOf(form({ reach: "network", publicAddress: "192.0.2.7" }), docker), {});
  expect(open.HostConfig.PortBindings["8080/tcp"]).toEqual([{ HostIp: "", HostPort: "8080" }]);
  expect(open.Env).toContain("EGLANTINE_PUBLIC_ADDRESS=192.0.2.7");
});

it("asks Docker for a device by CDI as the command line and Compose do", () => {
  const plan = planOf(form({ gpu: "cdi", gpuDevice: "1" }), docker);
  expect(createOptions(plan, {}).HostConfig.DeviceRequests).toEqual([
    { Driver: "cdi", Count: 0, DeviceIDs: ["nvidia.com/gpu=1"] },
  ]);
  expect(runLine(plan)).toContain("--device nvidia.com/gpu=1");
  const compose = parse(composeFile(plan)) as { services: { desktop: { devices: string[] } } };
  expect(compose.services.desktop.devices).toEqual(["nvidia.com/gpu=1"]);
});

it.each([
  ["environment:", ["docker"]],
  ["unix:///var/run/docker.sock", ["docker"]],
  ["context:far", ["docker", "--context", "far"]],
  ["ssh://ada@desk", ["docker", "--host", "ssh://ada@desk"]],
  ["tcp://desk:2376", ["docker", "--host", "tcp://desk:2376", "--tlsverify"]],
])("names the engine %s to the command line", (engine, words) => {
  expect(runWords(planOf(form({ engine }), docker)).slice(0, words.length + 1)).toEqual([...words, "run"]);
});

it("names Podman's program, and asks its registry as it does", () => {
  const words = runWords(
    planOf(form({ engine: "unix:///run/user/1000/podman/podman.sock", refresh: true }), { engineKind: "podman" }),
  );
  expect(words.slice(0, 2)).toEqual(["podman", "run"]);
  expect(words.join(" ")).toContain("--pull newer");
});

it("has the password in the container's environment, and in no label, line or file", () => {
  const plan = planOf(form({ password: "correct-horse" }), docker);
  const options = createOptions(plan, { "org.eglantine.launcher": "here" });
  expect(options.Env).toContain("BASIC_AUTH_PASSWORD=correct-horse");
  expect(JSON.stringify(options.Labels)).not.toContain("correct-horse");
  expect(runLine(plan) + composeFile(plan)).not.toContain("correct-horse");
  expect(runLine(plan)).toMatch(/--env BASIC_AUTH_PASSWORD /);
});

it("writes a line that sh, cmd and PowerShell read alike: quotes are double, and nothing in them is looked at", () => {
  const line = runLine(planOf(form({ gpu: "nvidia", gpuDevice: "GPU-1", timeZone: "Europe/Berlin" }), docker));
  expect(line).not.toMatch(/[$`'\\!%]/);
  for (const [, inside = ""] of line.matchAll(/"([^"]*)"/g)) expect(inside).toMatch(/^[\w./:=@+,-]+$/);
});

it.each([
  ["engine", 'unix:///x" ; touch y'],
  ["name", "--privileged"],
  ["name", "a b"],
  ["image", "-v"],
  ["image", "eglantine:full; reboot"],
  ["home", "/etc"],
  ["home", "../x"],
  ["port", 80],
  ["port", 8080.5],
  ["port", "8080"],
  ["gpu", "privileged"],
  ["gpuDevice", "0,1 --privileged"],
  ["publicAddress", "desk.example"],
  ["password", "short"],
  ["password", "two\nlines and more"],
  ["timeZone", "$(x)"],
  ["language", "de"],
  ["memoryGib", Number.NaN],
  ["cpus", -1],
  ["widthPx", 1e9],
  ["restart", "yes"],
] as const)("takes no %s like %j", (field, value) => {
  expect(readLaunchForm({ ...form(), [field]: value })).toEqual({ wrong: field });
});

it("reads a form as it was, without what does not belong to it", () => {
  const read = readLaunchForm({ ...form(), privileged: true });
  expect(read).toEqual({ form: form() });
  expect(readLaunchForm(undefined)).toEqual({ wrong: "engine" });
  for (const { doc } of Object.values(LAUNCH_FORM)) expect(doc).toMatch(/\.$/);
});

it("makes passwords that differ and that the form takes, names and ports that nobody has", async () => {
  const passwords = new Set(Array.from({ length: 50 }, makePassword));
  expect(passwords.size).toBe(50);
  for (const password of passwords) expect(readLaunchForm(form({ password }))).toEqual({ form: form({ password }) });
  expect(freeName([])).toBe("eglantine");
  expect(freeName(["eglantine", "eglantine-2"])).toBe("eglantine-3");
  expect(await suggestPort([8080, 8081], false)).toBe(8082);
});

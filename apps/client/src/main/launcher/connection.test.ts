// Addresses of engines, those too that want to be more than an address; and where engines are looked for on each system.

import { expect, it } from "vitest";
import { findConnection, parseAddress } from "./connection.ts";
import { candidates, Engines } from "./engines.ts";
import { LauncherError } from "./failure.ts";
import { sshArguments } from "./ssh-dial.ts";

it.each([
  ["unix:///var/run/docker.sock", { kind: "socket", path: "/var/run/docker.sock" }],
  ["npipe:////./pipe/docker_engine", { kind: "socket", path: "//./pipe/docker_engine" }],
  ["tcp://desk.example:2376", { kind: "tcp", host: "desk.example", port: 2376 }],
  ["tcp://[::1]:2375", { kind: "tcp", host: "[::1]", port: 2375 }],
  ["ssh://desk", { kind: "ssh", destination: "desk" }],
  ["ssh://ada@desk.example:2222", { kind: "ssh", destination: "ada@desk.example", port: 2222 }],
  [
    "ssh://ada@desk/run/user/1000/docker.sock",
    { kind: "ssh", destination: "ada@desk", socket: "/run/user/1000/docker.sock" },
  ],
] as const)("reads %s", (address, connection) => {
  expect(parseAddress(address)).toEqual(connection);
});

it.each([
  ["nothing", ""],
  ["another scheme", "https://desk:2376"],
  ["no path", "unix://docker.sock"],
  ["a pipe elsewhere", "npipe:////server/pipe/docker_engine"],
  ["no port", "tcp://desk"],
  ["a path behind a port", "tcp://desk:2376/containers/json"],
  ["a password", "ssh://ada:secret@desk"],
  ["a password for TCP", "tcp://ada:secret@desk:2376"],
  ["an option of ssh for a host", "ssh://-oProxyCommand=touch%20x"],
  ["an option of ssh for a user", "ssh://-oProxyCommand@desk"],
  ["more words", "ssh://desk/run/a b.sock"],
  ["a shell's words", "ssh://desk/$(touch x)"],
  ["a query", "ssh://desk?x=1"],
])("takes %s for no address", (_, address) => {
  expect(() => parseAddress(address)).toThrow(LauncherError);
});

it("ends the options of ssh before the destination, and asks nobody anything", () => {
  const words = sshArguments(["ssh", "-F", "file"], { destination: "desk", port: 2222 });
  expect(words.slice(0, 2)).toEqual(["-F", "file"]);
  expect(words.slice(-4)).toEqual(["-p", "2222", "--", "desk"]);
  expect(words).toContain("BatchMode=yes");
});

const surroundings = { platform: "linux", env: {}, home: "/home/ada", uid: 1000 } as const;

it("does not speak to an engine of another machine without certificates, if it was typed in", async () => {
  await expect(findConnection("tcp://desk.example:2376", surroundings)).rejects.toMatchObject({ reason: "engineTls" });
  expect(await findConnection("tcp://127.0.0.1:2375", surroundings)).toEqual({
    kind: "tcp",
    host: "127.0.0.1",
    port: 2375,
  });
});

it.each([
  [
    "linux",
    {},
    [
      "/var/run/docker.sock",
      "/run/user/1000/docker.sock",
      "/home/ada/.docker/desktop/docker.sock",
      "/run/user/1000/podman/podman.sock",
    ],
  ],
  ["linux", { XDG_RUNTIME_DIR: "/run/ada" }, ["/run/ada/docker.sock", "/run/ada/podman/podman.sock"]],
  [
    "darwin",
    { TMPDIR: "/tmp/ada" },
    ["/home/ada/.docker/run/docker.sock", "/tmp/ada/podman/podman-machine-default-api.sock"],
  ],
  ["win32", {}, ["//./pipe/docker_engine", "//./pipe/dockerDesktopLinuxEngine", "//./pipe/podman-machine-default"]],
] as const)("looks on %s where engines are", (platform, env, paths) => {
  const found = candidates({ ...surroundings, platform, env }).map(({ path }) => path);
  for (const path of paths) expect(found).toContain(path);
});

it("lists what the user added, and nothing that is not there", async () => {
  const engines = new Engines({ ...surroundings, env: { XDG_RUNTIME_DIR: "/nonexistent" }, home: "/nonexistent" });
  const found = (await engines.list(["ssh://desk"])).filter(({ origin }) => origin !== "system" && origin !== "podman");
  expect(found).toMatchObject([{ address: "ssh://desk", origin: "added", remote: true }]);
});

// What `npm start` decides before it does anything: which packages, which steps, which flags go where, which port, which client.

import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findElectron } from "./electron.mjs";
import {
  aptCommands,
  chooseNames,
  InstallError,
  installLine,
  missingPackages,
  packagesOf,
  readGroups,
} from "./packages.mjs";
import { isFree, nextFree } from "./ports.mjs";
import { digestOf, isFresh, writeStamp } from "./stamp.mjs";
import { isHttps, passwordState, readArguments } from "./start-options.mjs";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "eglantine-install-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("Debian packages", () => {
  test("every package of every group has a valid name and a reason, and stands in one group only", () => {
    const groups = readGroups();
    const all = Object.values(groups).flatMap((group) => Object.entries(group));
    for (const [name, why] of all) {
      expect(name).toMatch(/^[a-z0-9][a-z0-9+.-]+(\|[a-z0-9][a-z0-9+.-]+)*(:i386)?( \[amd64\])?$/);
      expect(why).not.toBe("");
    }
    expect(new Set(all.map(([name]) => name)).size).toBe(all.length);
    expect(Object.keys(groups)).toEqual([
      "session",
      "graphics",
      "build",
      "test",
      "headless",
      "apps",
      "games",
      "image-build",
    ]);
  });

  test("groups are joined, and one that does not exist is refused by name", () => {
    const groups = { one: { a: "x", b: "x" }, two: { b: "x", c: "x" } };
    expect(packagesOf(groups, ["one", "two"])).toEqual(["a", "b", "c"]);
    expect(() => packagesOf(groups, ["three"])).toThrow(InstallError);
  });

  test("a package of one architecture is wanted there alone", () => {
    const groups = { one: { "a [amd64]": "x", b: "x" } };
    expect(packagesOf(groups, ["one"], "amd64")).toEqual(["a", "b"]);
    expect(packagesOf(groups, ["one"], "arm64")).toEqual(["b"]);
  });

  test("only a package that is fully installed counts as there", () => {
    const dpkg = "s6 installed\ndbus unpacked\nxterm not-installed\nplasma-pa config-files\n";
    expect(missingPackages(["s6", "dbus", "xterm", "plasma-pa", "unheard-of"], dpkg)).toEqual([
      "dbus",
      "xterm",
      "plasma-pa",
      "unheard-of",
    ]);
  });

  test("of a name that differs between releases, the one that this release has is installed", () => {
    const policy =
      "qml5:\n  Installed: (none)\n  Candidate: (none)\n  Version table:\nqml6:\n  Installed: (none)\n  Candidate: 6.8\n  Version table:\n";
    expect(chooseNames(["s6", "qml5|qml6"], policy)).toEqual(["s6", "qml6"]);
    expect(chooseNames(["qml5|qml6"], "")).toEqual(["qml5"]);
    expect(missingPackages(["qml5|qml6"], "qml6 installed\n")).toEqual([]);
  });

  test("a user without rights is told one line to copy, with every missing package in it", () => {
    expect(installLine(["s6", "dbus"])).toBe(
      "sudo apt-get update && sudo apt-get install -y --no-install-recommends s6 dbus",
    );
  });

  test("apt-get asks nothing, and goes through sudo only when not root", () => {
    expect(aptCommands(["s6"], "root").install.slice(0, 3)).toEqual([
      "env",
      "DEBIAN_FRONTEND=noninteractive",
      "apt-get",
    ]);
    const { update, install } = aptCommands(["s6"], "sudo");
    expect(update.slice(0, 2)).toEqual(["sudo", "-n"]);
    expect(install.slice(-3)).toEqual(["-y", "--no-install-recommends", "s6"]);
  });
});

describe.skipIf(process.getuid?.() !== 0)("the installer run without rights", () => {
  test("says exactly what to install and exits with 1", () => {
    // A dpkg-query that knows no package and a sudo that wants a password, before the real ones on PATH.
    writeFileSync(join(folder, "dpkg-query"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    writeFileSync(join(folder, "sudo"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    chmodSync(folder, 0o755);
    const script = fileURLToPath(new URL("packages.mjs", import.meta.url));
    // Loads as root, since the tree need not be readable for others, and goes on as somebody else.
    const code = `const { installPackages, InstallError } = await import(${JSON.stringify(script)});
      process.setgroups([]); process.setgid(12345); process.setuid(12345);
      try { installPackages(["session"], console.log); }
      catch (error) { console.log(error.message); process.exit(error instanceof InstallError ? 1 : 2); }`;
    const done = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
      encoding: "utf8",
      cwd: "/",
      env: { PATH: `${folder}:/usr/bin:/bin` },
    });
    expect(done.stdout + done.stderr).toMatch(
      /sudo apt-get update && sudo apt-get install -y --no-install-recommends tigervnc-standalone-server .*fonts-noto-core/,
    );
    expect(done.status).toBe(1);
  });
});

describe("a build step", () => {
  const step = () => ({
    root: folder,
    stampFile: join(folder, ".tools/stamps/x"),
    inputs: ["src", "absent"],
    outputs: ["dist/x"],
  });
  beforeEach(() => {
    mkdirSync(join(folder, "src/deep"), { recursive: true });
    mkdirSync(join(folder, "dist"));
    writeFileSync(join(folder, "src/deep/a.ts"), "1");
    writeFileSync(join(folder, "dist/x"), "");
    writeStamp(step());
  });

  test("is skipped when nothing has changed", () => expect(isFresh(step())).toBe(true));

  test("runs again when an input has another time, another size, or is new", () => {
    utimesSync(join(folder, "src/deep/a.ts"), 1, 1);
    expect(isFresh(step())).toBe(false);
    writeStamp(step());
    writeFileSync(join(folder, "src/b.ts"), "");
    expect(isFresh(step())).toBe(false);
  });

  test("runs again when its output is gone or it never succeeded", () => {
    rmSync(join(folder, "dist/x"));
    expect(isFresh(step())).toBe(false);
    expect(isFresh({ ...step(), outputs: [], stampFile: join(folder, "none") })).toBe(false);
  });

  test("does not look at what builds leave behind", () => {
    const before = digestOf(folder, ["."]);
    mkdirSync(join(folder, "src/node_modules/m"), { recursive: true });
    writeFileSync(join(folder, "src/node_modules/m/x"), "");
    expect(digestOf(folder, ["src"])).toBe(digestOf(folder, ["src"]));
    expect(digestOf(folder, ["."])).toBe(before);
  });

  test("an input that points nowhere counts as empty", () => {
    symlinkSync(join(folder, "gone"), join(folder, "src/link"));
    expect(() => digestOf(folder, ["src"])).not.toThrow();
  });
});

describe("the command line of npm start", () => {
  test("keeps its own flags and passes the rest to the agent as they are", () => {
    const { values, switches, agentArguments } = readArguments(
      "--desktop xterm --port=9000 --no-open --encoder x264enc --video-bitrate=8000".split(" "),
    );
    expect([...values]).toEqual([
      ["desktop", "xterm"],
      ["port", "9000"],
    ]);
    expect([...switches]).toEqual(["no-open"]);
    expect(agentArguments).toEqual(["--encoder", "x264enc", "--video-bitrate=8000"]);
  });

  test("a flag without its value is refused by name", () => {
    expect(() => readArguments(["--display"])).toThrow("--display needs a value");
  });

  test("a password is made up only when one is needed and none is set", () => {
    expect(passwordState({}, [])).toBe("unset");
    expect(passwordState({ PASSWD: "x" }, [])).toBe("chosen");
    expect(passwordState({ BASIC_AUTH_PASSWORD_FILE: "/run/secrets/x" }, [])).toBe("chosen");
    expect(passwordState({ ENABLE_BASIC_AUTH: "False" }, [])).toBe("none");
    expect(passwordState({ ENABLE_BASIC_AUTH: "true" }, ["--auth", "false"])).toBe("none");
    expect(passwordState({ ENABLE_BASIC_AUTH: "", SELKIES_ENABLE_BASIC_AUTH: "false" }, [])).toBe("none");
  });

  test("the address is https when the agent speaks TLS", () => {
    expect(isHttps({}, [])).toBe(false);
    expect(isHttps({ ENABLE_HTTPS_WEB: "true" }, [])).toBe(true);
    expect(isHttps({ ENABLE_HTTPS_WEB: "true" }, ["--https=false"])).toBe(false);
  });
});

test("a port counts as free only when TCP and UDP are", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  expect(await isFree("127.0.0.1", port)).toBe(false);
  expect(await nextFree("127.0.0.1", port)).toBeGreaterThan(port);
  await new Promise((resolve) => server.close(resolve));
  expect(await isFree("127.0.0.1", port)).toBe(true);
});

describe("the client", () => {
  test("is Electron where its runtime and a screen are, and says why where not", () => {
    expect(findElectron(folder, { DISPLAY: ":0" }, undefined)).toEqual({ why: "Electron's runtime is not here" });
    writeFileSync(join(folder, "electron"), "");
    const env = { ELECTRON_OVERRIDE_DIST_PATH: folder };
    expect(findElectron(folder, env, undefined)).toEqual({ why: "there is no screen here for its window" });
    expect(findElectron(folder, { ...env, DISPLAY: ":0" }, undefined)).toEqual({ binary: join(folder, "electron") });
  });

  test("does not open on the display that it would show", () => {
    writeFileSync(join(folder, "electron"), "");
    expect(findElectron(folder, { ELECTRON_OVERRIDE_DIST_PATH: folder, DISPLAY: ":1" }, ":1")).toHaveProperty("why");
  });
});

// Makes the desktop application's packages as `pnpm package` does and looks into them, installs them, opens a link with them. Where Electron's
// runtime cannot be had it is a stand-in for that (stub-runtime.mjs); all else is what is given away.

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createPackage, extractAll } from "@electron/asar";
import { flipFuses, FuseV1Options, FuseVersion } from "@electron/fuses";
import plist from "plist";
import { NtExecutable, NtExecutableResource, Resource } from "resedit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { faultsOf, macInfo } from "./contents.mjs";
import type { System } from "./stub-runtime.mjs";
import { STUB_WORDS } from "./stub-runtime.mjs";
import { copyRefusal, runInCopy } from "./testing/copy-of-system.ts";
import { bundledLibraries } from "./third-party.mjs";

const CLIENT = fileURLToPath(new URL("..", import.meta.url));
const { version } = JSON.parse(readFileSync(join(CLIENT, "package.json"), "utf8")) as { version: string };
/** Debian's, and other people's, names for this processor. */
const [debArch, rpmArch, arch] = process.arch === "arm64" ? ["arm64", "aarch64", "arm64"] : ["amd64", "x86_64", "x64"];
const folder = mkdtempSync(join(tmpdir(), "eglantine-packages-"));
const out = join(folder, "stand-in");
const UNPACKED: Readonly<Record<System, string>> = {
  linux: arch === "arm64" ? "linux-arm64-unpacked" : "linux-unpacked",
  win: arch === "arm64" ? "win-arm64-unpacked" : "win-unpacked",
  mac: arch === "arm64" ? "mac-arm64" : "mac",
};
const deb = join(out, `eglantine_${version}_${debArch}.deb`);
const rpm = join(out, `eglantine-${version}.${rpmArch}.rpm`);
const appImage = join(out, `eglantine-${version}-${arch === "x64" ? "x86_64" : arch}.AppImage`);
const refusal = copyRefusal(folder);

/** Without a runtime, whatever this machine has, and not as a test: React would be the one for developers, with paths of this tree. */
const { ELECTRON_OVERRIDE_DIST_PATH: _runtime, NODE_ENV: _test, ...env } = process.env;
const packageFor = (...argv: readonly string[]) =>
  execFileSync(process.execPath, [join(CLIENT, "packaging/package.mjs"), ...argv], { env, stdio: "pipe" });

beforeAll(() => {
  execFileSync(join(CLIENT, "node_modules/.bin/vite"), ["build"], { cwd: CLIENT, env, stdio: "pipe" });
  execFileSync(process.execPath, ["build.mjs"], { cwd: CLIENT, env, stdio: "pipe" });
  packageFor("--out", folder);
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each<System>(["linux", "win", "mac"])("the package for %s", (system) => {
  const place = () => join(out, UNPACKED[system]);
  const resources = (root: string) => join(root, system === "mac" ? "Eglantine.app/Contents/Resources" : "resources");
  const faultsAfter = async (change: (root: string) => void | Promise<void>) => {
    const copy = mkdtempSync(join(folder, "changed-"));
    cpSync(place(), copy, { recursive: true });
    await change(copy);
    return (await faultsOf(system, copy, CLIENT)).join("\n");
  };
  /** Packs the archive anew, with this file more. */
  const withFile = (name: string, text: string) =>
    faultsAfter(async (root) => {
      const archive = join(resources(root), "app.asar");
      const unpacked = join(root, "unpacked");
      extractAll(archive, unpacked);
      writeFileSync(join(unpacked, name), text);
      await createPackage(unpacked, archive);
      rmSync(unpacked, { recursive: true });
    });

  it("holds the bundles alone, in an archive that the program knows, and a locked program", async () => {
    expect(await faultsOf(system, place(), CLIENT)).toEqual([]);
  });

  it("is refused with a source map, a module, a key, or the place where it was built", async () => {
    expect(await withFile("dist/main/main.js.map", "{}")).toContain("main.js.map does not belong there");
    expect(await withFile("index.js", "")).toContain("index.js does not belong there");
    const key = `-----BEGIN PRIVATE KEY-----\n${"A".repeat(64)}\n`;
    expect(await withFile("dist/main/other.js", key)).toContain("dist/main/other.js holds");
    expect(await withFile("dist/main/other.js", `// ${CLIENT}src`)).toContain("dist/main/other.js holds");
  });

  it("is refused with an archive that was changed afterwards", async () => {
    const faults = await faultsAfter((root) => {
      const archive = join(resources(root), "app.asar");
      const bytes = readFileSync(archive);
      const at = bytes.lastIndexOf("contextBridge");
      bytes.write("C", at, "latin1");
      writeFileSync(archive, bytes);
    });
    expect(faults).toContain("was changed");
  });

  // On Linux Electron has no place for what it should know.
  if (system !== "linux") {
    it("is refused with an archive that is another than the program knows", async () => {
      expect(await withFile("dist/main/other.js", "0")).toContain("the program takes the archive for");
    });
  }

  it("is refused with a fuse that lets others run Node in it", async () => {
    const program = { linux: "eglantine", win: "Eglantine.exe", mac: "Eglantine.app" }[system];
    const faults = await faultsAfter(async (root) => {
      await flipFuses(join(root, program), { version: FuseVersion.V1, [FuseV1Options.RunAsNode]: true });
    });
    expect(faults).toBe("fuse RunAsNode is not off");
  });

  it("carries its licence, and those of all libraries in its bundle", () => {
    const root = resources(place());
    expect(readFileSync(join(root, "LICENSE.txt"), "utf8")).toContain("Mozilla Public License Version 2.0");
    const text = readFileSync(join(root, "THIRD-PARTY.txt"), "utf8");
    const names = bundledLibraries(CLIENT).map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        "@noble/hashes",
        "@novnc/novnc",
        "electron-updater",
        "react",
        "react-dom",
        "simple-peer",
      ]),
    );
    expect(names).not.toContain("vite");
    for (const library of bundledLibraries(CLIENT)) {
      expect(text).toContain(`${library.name} ${library.version}\nLicence: ${library.licence}\n\n${library.texts[0]}`);
    }
  });

  it("names no feed for updates", () => {
    expect(existsSync(join(resources(place()), "app-update.yml"))).toBe(false);
  });
});

describe("the files", () => {
  it("are named by version and processor, and their checksums are right", () => {
    for (const path of [deb, rpm, appImage]) expect(existsSync(path), path).toBe(true);
    const sums = readFileSync(join(out, "SHA256SUMS"), "utf8").trim().split("\n");
    expect(sums.map((line) => line.replace(/^\w{64} {2}/, "")).sort()).toEqual(
      readdirSync(out)
        .filter((name) => /\.(deb|rpm|AppImage|gz|zip)$/.test(name))
        .sort(),
    );
    execFileSync("sha256sum", ["--check", "--strict", "--quiet", "SHA256SUMS"], { cwd: out });
  });

  it("have a feed for updates in them when one is named", () => {
    const fed = join(folder, "fed");
    packageFor("linux", "--target", "deb", "--feed", "https://updates.example/eglantine", "--out", fed);
    const at = join(fed, "stand-in", UNPACKED.linux, "resources/app-update.yml");
    expect(readFileSync(at, "utf8")).toMatch(/^url: https:\/\/updates\.example\/eglantine$/m);
    expect(
      readFileSync(join(fed, "stand-in", arch === "arm64" ? "latest-linux-arm64.yml" : "latest-linux.yml"), "utf8"),
    ).toContain(`version: ${version}`);
  }, 60_000);
});

/** What a desktop needs to know: keys and values. */
function desktopEntry(text: string): Record<string, string> {
  const path = join(folder, "eglantine.desktop");
  writeFileSync(path, text);
  const checked = spawnSync("desktop-file-validate", [path], { encoding: "utf8" });
  expect(`${checked.stdout}${checked.stderr}`).toBe("");
  const lines = text.split("\n").filter((line) => line.includes("="));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}

const EXPECTED_ENTRY = {
  Type: "Application",
  Name: "Eglantine",
  Icon: "eglantine",
  StartupWMClass: "eglantine",
  Categories: "Network;RemoteAccess;",
  MimeType: "x-scheme-handler/eglantine;",
};

describe("the Debian package", () => {
  const contents = () => execFileSync("dpkg-deb", ["--contents", deb], { encoding: "utf8" });

  it("has a desktop file that is valid, and icons of all sizes", () => {
    const archive = execFileSync("dpkg-deb", ["--fsys-tarfile", deb], { maxBuffer: 1 << 28 });
    const text = execFileSync("tar", ["-xO", "./usr/share/applications/eglantine.desktop"], { input: archive });
    expect(desktopEntry(String(text))).toMatchObject({ ...EXPECTED_ENTRY, Exec: "/opt/Eglantine/eglantine %U" });
    for (const size of [16, 24, 32, 48, 64, 128, 256, 512]) {
      expect(contents()).toContain(`./usr/share/icons/hicolor/${size}x${size}/apps/eglantine.png`);
    }
    expect(contents()).toContain("./usr/share/doc/eglantine/copyright");
  });

  it("says what it needs and what it is", () => {
    const field = (name: string) => execFileSync("dpkg-deb", ["--field", deb, name], { encoding: "utf8" }).trim();
    expect(field("Package")).toBe("eglantine");
    expect(field("Version")).toBe(version);
    expect(field("Architecture")).toBe(debArch);
    expect(field("Section")).toBe("net");
    expect(field("Depends")).toMatch(/libgtk-3-0.*libnss3.*xdg-utils.*libsecret-1-0/);
    expect(field("Description")).toContain("A remote desktop that feels local");
  });

  it.skipIf(refusal !== undefined)(
    `is installed, opens eglantine:// links, is renewed and removed again${refusal === undefined ? "" : ` (skipped: ${refusal})`}`,
    () => {
      const said = runInCopy(
        folder,
        `
        dpkg --force-depends --install ${deb} >&2
        echo "command: $(eglantine one | tr '\\n' ' ')"
        echo "handler: $(xdg-mime query default x-scheme-handler/eglantine)"
        echo "opened: $(DISPLAY=:none xdg-open 'eglantine://desk.example:8443/path?x=1' | tr '\\n' ' ')"
        echo "changed files: $(dpkg --verify eglantine)"
        dpkg --force-depends --install ${deb} >&2
        echo "again: $(eglantine two | tr '\\n' ' ')"
        dpkg --purge eglantine >&2
        echo "left: $(find /opt/Eglantine /usr/bin/eglantine /etc/alternatives/eglantine /etc/apparmor.d/eglantine \\
          /usr/share/applications/eglantine.desktop /usr/share/icons/hicolor/16x16/apps/eglantine.png 2>/dev/null || true)"
        echo "handler: $(xdg-mime query default x-scheme-handler/eglantine)"
        `,
      );
      expect(said.split("\n")).toEqual([
        `command: ${STUB_WORDS} argument: one `,
        "handler: eglantine.desktop",
        `opened: ${STUB_WORDS} argument: eglantine://desk.example:8443/path?x=1 `,
        "changed files: ",
        `again: ${STUB_WORDS} argument: two `,
        "left: ",
        "handler: ",
        "",
      ]);
      expect(existsSync("/opt/Eglantine/eglantine")).toBe(false);
    },
    60_000,
  );
});

describe("the rpm package", () => {
  it.skipIf(refusal !== undefined)(
    `is installed, opens eglantine:// links and is removed again${refusal === undefined ? "" : ` (skipped: ${refusal})`}`,
    () => {
      const said = runInCopy(
        folder,
        `
        rpm --initdb
        rpm --install --nodeps ${rpm} >&2
        echo "command: $(eglantine one | tr '\\n' ' ')"
        echo "opened: $(DISPLAY=:none xdg-open eglantine://desk.example/ | tr '\\n' ' ')"
        echo "changed files: $(rpm --verify --nodeps eglantine | grep -v chrome-sandbox || true)"
        echo "what: $(rpm --query --queryformat '%{NAME} %{VERSION} %{ARCH} %{LICENSE}' eglantine)"
        rpm --erase eglantine >&2
        echo "left: $(find /opt/Eglantine /usr/bin/eglantine /usr/share/applications/eglantine.desktop 2>/dev/null || true)"
        `,
      );
      expect(said.split("\n")).toEqual([
        `command: ${STUB_WORDS} argument: one `,
        `opened: ${STUB_WORDS} argument: eglantine://desk.example/ `,
        "changed files: ",
        `what: eglantine ${version} ${rpmArch} MPL-2.0`,
        "left: ",
        "",
      ]);
    },
    60_000,
  );

  it("says what it needs, by the names that rpm's distributions use", () => {
    const needs = execFileSync("rpm", ["--query", "--package", "--requires", rpm], { encoding: "utf8", stdio: "pipe" });
    for (const name of ["gtk3", "nss", "libnotify", "xdg-utils"]) expect(needs.split("\n")).toContain(name);
  });
});

describe("the AppImage", () => {
  it("starts by itself, hands links on, and has a desktop file and an icon for those who want to integrate it", () => {
    const said = execFileSync(appImage, ["eglantine://desk.example/"], { encoding: "utf8", stdio: "pipe" });
    expect(said).toMatch(
      new RegExp(`^${STUB_WORDS}\\n(argument: --no-sandbox\\n)?argument: eglantine://desk.example/\\n$`),
    );
    const parts = join(folder, "appimage");
    execFileSync("unsquashfs", ["-quiet", "-no-progress", "-offset", "4096", "-dest", parts, appImage], {
      stdio: "pipe",
    });
    const entry = desktopEntry(readFileSync(join(parts, "eglantine.desktop"), "utf8"));
    expect(entry).toMatchObject({ ...EXPECTED_ENTRY, Exec: "AppRun %U", "X-AppImage-Version": version });
    expect(readFileSync(join(parts, ".DirIcon"))).toEqual(readFileSync(join(CLIENT, "icons/linux/512x512.png")));
  });
});

describe("the application for macOS", () => {
  it("says why it wants the microphone, opens eglantine:// links, and has its own icon", () => {
    const root = join(out, UNPACKED.mac);
    expect(macInfo(root)).toMatchObject({
      CFBundleIdentifier: "io.github.eglantine.client",
      CFBundleShortVersionString: version,
      CFBundleURLTypes: [{ CFBundleURLSchemes: ["eglantine"] }],
      NSMicrophoneUsageDescription: expect.stringContaining("microphone"),
      LSApplicationCategoryType: "public.app-category.utilities",
    });
    const icon = readFileSync(join(root, "Eglantine.app/Contents/Resources/icon.icns"));
    expect(icon).toEqual(readFileSync(join(CLIENT, "icons/eglantine.icns")));
  });

  it("asks the hardened runtime for the compiler and the microphone, and for nothing else", () => {
    const entitlements = plist.parse(readFileSync(join(CLIENT, "packaging/entitlements.mac.plist"), "utf8"));
    expect(entitlements).toEqual({
      "com.apple.security.cs.allow-jit": true,
      "com.apple.security.device.audio-input": true,
    });
  });
});

describe("the application for Windows", () => {
  it("has its own icon, name and version", () => {
    const program = NtExecutable.from(readFileSync(join(out, UNPACKED.win, "Eglantine.exe")));
    const { entries } = NtExecutableResource.from(program);
    const [about] = Resource.VersionInfo.fromEntries(entries);
    const [language = { lang: 0, codepage: 0 }] = about?.getAllLanguagesForStringValues() ?? [];
    expect(about?.getStringValues(language)).toMatchObject({ ProductName: "Eglantine", FileVersion: version });
    expect(Resource.IconGroupEntry.fromEntries(entries)[0]?.icons.map(({ width }) => width % 256)).toEqual([
      16, 24, 32, 48, 64, 0,
    ]);
  });

  it("registers eglantine:// for the user when it is installed, and takes it back, by a script that compiles", () => {
    // As electron-builder's own installer has them; $INSTDIR and SHELL_CONTEXT are the compiler's.
    const script = `
      Unicode true
      Name Eglantine
      !include LogicLib.nsh
      !define APP_EXECUTABLE_FILENAME Eglantine.exe
      !define isUpdated '"0" == "1"'
      OutFile "${join(folder, "eglantine-setup.exe")}"
      !include "${join(CLIENT, "packaging/protocol.nsh")}"
      Section
        !insertmacro customInstall
        WriteUninstaller "$INSTDIR\\uninstall.exe"
      SectionEnd
      Section Uninstall
        !insertmacro customUnInstall
      SectionEnd`;
    const said = execFileSync("makensis", ["-V4", "-WX", "-"], { input: script, encoding: "utf8" });
    expect(said.match(/^WriteRegStr: .*$/gm)).toEqual([
      "WriteRegStr: SHELL_CONTEXT\\Software\\Classes\\eglantine\\=URL:Eglantine desktop",
      "WriteRegStr: SHELL_CONTEXT\\Software\\Classes\\eglantine\\URL Protocol=",
      "WriteRegStr: SHELL_CONTEXT\\Software\\Classes\\eglantine\\DefaultIcon\\=$INSTDIR\\Eglantine.exe,0",
      'WriteRegStr: SHELL_CONTEXT\\Software\\Classes\\eglantine\\shell\\open\\command\\="$INSTDIR\\Eglantine.exe" "%1"',
    ]);
    expect(said).toMatch(/^DeleteRegKey: SHELL_CONTEXT\\Software\\Classes\\eglantine$/m);
  });
});

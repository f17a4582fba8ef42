// What draws, as rootfs/usr/share/eglantine/supervisor/graphics decides it, and what eglantine-run makes of that for a program. The machines
// are made up: their /dev, /proc and /usr in a folder, the probe's answers written down. glvnd, the Vulkan loader, Zink and the session
// are real; vglrun is a stand-in that notes how it was called, since VirtualGL is in no distribution.

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { libraryThat, probe } from "../test/harness/graphics.ts";
import { startXvnc } from "../test/harness/processes-xvnc.ts";
import { startSession } from "../test/harness/session.ts";
import { until } from "../test/harness/until.ts";

const ROOTFS = fileURLToPath(new URL("rootfs", import.meta.url));
const MACHINE = `${{ x64: "x86_64", arm64: "aarch64" }[process.arch as string]}-linux-gnu`;
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.log("skipped: render nodes of another group (only root can make them)");

let folder: string;
/** The made-up machine, and what is installed on it: the real scripts, and a probe that answers what a test says. */
let root: string;
let installed: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "egl-choice-"));
  chmodSync(folder, 0o755);
  [root, installed] = [join(folder, "machine"), join(folder, "installed")];
  mkdirSync(root);
  mkdirSync(join(installed, "usr/bin"), { recursive: true });
  mkdirSync(join(installed, "usr/share"));
  symlinkSync(join(ROOTFS, "usr/share/eglantine"), join(installed, "usr/share/eglantine"));
  // A copy: it finds the rest by where it stands.
  cpSync(join(ROOTFS, "usr/bin/eglantine-run"), join(installed, "usr/bin/eglantine-run"));
  answer(device({ renderer: "llvmpipe (LLVM 15.0.6, 256 bits)" }));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Device {
  readonly vendor?: string | null;
  readonly renderer: string | null;
  readonly hardware?: boolean;
}

const device = ({ vendor = "Mesa", renderer, hardware = false }: Device) => ({
  vendor,
  renderer,
  version: "4.6",
  error: vendor === null ? "eglInitialize failed (EGL error 0x3001)" : null,
  drm: null,
  render: null,
  hardware,
});

/** What `eglantine-probe egl` says from now on, and `glx` where there is Zink. */
function answer(...devices: readonly object[]): void {
  const json = JSON.stringify({ devices: devices.map((one, index) => ({ index, ...one })), error: null });
  const glx =
    '[ "$1$GALLIUM_DRIVER" != glxzink ] || { echo \'{"vendor":"Mesa","renderer":"zink (NVIDIA H200)"}\'; exit; }';
  writeFileSync(join(installed, "usr/bin/eglantine-probe"), `#!/bin/sh\n${glx}\ncat <<'JSON'\n${json}\nJSON\n`, {
    mode: 0o755,
  });
}

const H200 = device({ vendor: "NVIDIA Corporation", renderer: "NVIDIA H200/PCIe/SSE2", hardware: true });
const RADEON = device({ vendor: "AMD", renderer: "AMD Radeon RX 6800 (radeonsi, navi21)", hardware: true });
const D3D12 = device({ vendor: "Microsoft Corporation", renderer: "D3D12 (NVIDIA GeForce RTX 4070)", hardware: true });

/** An empty file of the machine, or one with this text. */
function has(path: string, text = ""): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

function hasNvidia(version: string, kernel = version): void {
  has("/dev/nvidiactl");
  has("/dev/nvidia0");
  has(
    "/proc/driver/nvidia/version",
    `NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  ${kernel}  Release Build  (dvs-builder)\nGCC version:  gcc 12\n`,
  );
  for (const name of [
    "libEGL_nvidia.so.0",
    "libGLX_nvidia.so.0",
    "libnvidia-opencl.so.1",
    `libnvidia-eglcore.so.${version}`,
    "libnvidia-ml.so.1",
  ])
    has(`/usr/lib/${MACHINE}/${name}`);
}

interface Choice {
  readonly env: Readonly<Record<string, string>>;
  readonly said: string;
}

/** `as`: user and further groups, as setpriv takes them. */
function choose(env: Readonly<Record<string, string>> = {}, as: readonly string[] = []): Choice {
  const run = env["EGLANTINE_RUN_DIR"] ?? join(folder, "run");
  if (as.length === 0 && env["EGLANTINE_RUN_DIR"] === undefined) mkdirSync(run, { recursive: true });
  const script = 'set -eu; . "$EGLANTINE_SHARE/supervisor/graphics"; env -0';
  const done = spawnSync("setpriv", [...as, "sh", "-c", script], {
    encoding: "utf8",
    env: {
      PATH: "/usr/bin:/bin",
      EGLANTINE_SHARE: join(installed, "usr/share/eglantine"),
      EGLANTINE_TEST_ROOT: root,
      EGLANTINE_RUN_DIR: run,
      ...env,
    },
  });
  if (done.status !== 0) throw new Error(`ended with ${done.status}: ${done.stderr}`);
  const variables = done.stdout.split("\0").filter((line) => line.includes("="));
  return {
    env: Object.fromEntries(
      variables.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    ),
    said: done.stderr,
  };
}

describe("a machine", () => {
  test("without a GPU draws in software, and is told how to get one", () => {
    const { env, said } = choose({ VGL_DISPLAY: "egl" });
    expect(env["EGLANTINE_GRAPHICS"]).toBe("software");
    expect(env["VGL_DISPLAY"]).toBeUndefined();
    expect(said).toMatch(/^graphics: software: no GPU in reach; --gpus all .*--device \/dev\/dri/);
    expect(said.trim().split("\n")).toHaveLength(1);
  });

  test("with NVIDIA's libraries and no descriptions of them gets those in the run directory", () => {
    hasNvidia("550.54.14");
    answer(H200);
    const { env, said } = choose();
    expect(env).toMatchObject({
      EGLANTINE_GRAPHICS: "nvidia",
      VGL_DISPLAY: "egl0",
      LD_LIBRARY_PATH: join(root, "usr/lib", MACHINE),
    });
    expect(said).toBe("graphics: nvidia: NVIDIA H200/PCIe/SSE2, VGL_DISPLAY=egl0\n");
    const run = join(folder, "run/graphics");
    expect(env["__EGL_VENDOR_LIBRARY_DIRS"]).toBe(`${run}/egl:/etc/glvnd/egl_vendor.d:/usr/share/glvnd/egl_vendor.d`);
    expect(env["VK_ADD_DRIVER_FILES"]).toBe(`${run}/vulkan/nvidia_icd.json`);
    expect(env["OCL_ICD_VENDORS"]).toBe(`${run}/opencl`);
    const library = (file: string) =>
      (JSON.parse(readFileSync(join(run, file), "utf8")) as { ICD: { library_path: string } }).ICD.library_path;
    expect(library("egl/10_nvidia.json")).toBe("libEGL_nvidia.so.0");
    expect(library("vulkan/nvidia_icd.json")).toBe("libGLX_nvidia.so.0");
    expect(readFileSync(join(run, "opencl/nvidia.icd"), "utf8")).toBe("libnvidia-opencl.so.1\n");
    // Those of the distribution stay.
    for (const icd of existsSync("/etc/OpenCL/vendors") ? readdirSync("/etc/OpenCL/vendors") : [])
      expect(existsSync(join(run, "opencl", icd))).toBe(true);
  });

  test("where the container toolkit has brought the descriptions too is left as it is", () => {
    hasNvidia("550.54.14");
    has("/usr/share/glvnd/egl_vendor.d/10_nvidia.json");
    has("/etc/vulkan/icd.d/nvidia_icd.json");
    has("/etc/OpenCL/vendors/nvidia.icd");
    answer(H200);
    const { env } = choose();
    expect(env["EGLANTINE_GRAPHICS"]).toBe("nvidia");
    for (const name of ["__EGL_VENDOR_LIBRARY_DIRS", "VK_ADD_DRIVER_FILES", "OCL_ICD_VENDORS"])
      expect(env[name]).toBeUndefined();
  });

  test("with the device and not the libraries is told of NVIDIA_DRIVER_CAPABILITIES", () => {
    has("/dev/nvidiactl");
    const { env, said } = choose({ NVIDIA_DRIVER_CAPABILITIES: "utility" });
    expect(env["EGLANTINE_GRAPHICS"]).toBe("software");
    expect(said).toMatch(/not its OpenGL libraries: .*-e NVIDIA_DRIVER_CAPABILITIES=all \(now: utility\)/);
  });

  test("whose libraries are of another version than its kernel's driver is told both, in one line", () => {
    hasNvidia("535.104.05", "550.54.14");
    const { env, said } = choose();
    expect(env["EGLANTINE_GRAPHICS"]).toBe("software");
    expect(said.split("\n").filter((line) => /API mismatch/.test(line))).toEqual([
      expect.stringMatching(
        /the host's NVIDIA driver is 550\.54\.14, the libraries in the container are 535\.104\.05 \(in .*\)/,
      ),
    ]);
    has(`/usr/lib/${MACHINE}/libcuda.so.550.54.14`);
    expect(choose().said).not.toMatch(/API mismatch/);
  });

  test("where nothing can be written says so, and goes on", () => {
    hasNvidia("550.54.14");
    answer(H200);
    writeFileSync(join(folder, "file"), "");
    const { env, said } = choose({ EGLANTINE_RUN_DIR: join(folder, "file", "run") });
    expect(env["EGLANTINE_GRAPHICS"]).toBe("nvidia");
    expect(said).toMatch(/nothing can be written to/);
  });

  test("with a Radeon takes Mesa, and for VirtualGL the number among the devices whose driver starts", () => {
    has("/dev/dri/renderD128");
    answer(device({ vendor: null, renderer: null }), device({ renderer: "llvmpipe" }), RADEON);
    expect(choose().env).toMatchObject({ EGLANTINE_GRAPHICS: "mesa", VGL_DISPLAY: "egl1" });
    expect(choose().env["LD_LIBRARY_PATH"]).toBeUndefined();
  });

  test("whose GPU no driver knows draws in software, and says so", () => {
    has("/dev/dri/renderD128");
    const { env, said } = choose();
    expect(env["EGLANTINE_GRAPHICS"]).toBe("software");
    expect(said).toMatch(/no driver could draw on the GPU that is here \(mesa\)/);
  });

  test.runIf(isRoot)("whose render node belongs to a group of somebody else's is told the group", () => {
    const node = has("/dev/dri/renderD128");
    chownSync(node, 0, 44444);
    chmodSync(node, 0o660);
    answer(RADEON);
    const user = ["--reuid", "12345", "--regid", "12345"];
    const shut = choose({}, [...user, "--clear-groups"]);
    expect(shut.env["EGLANTINE_GRAPHICS"]).toBe("software");
    expect(shut.said).toMatch(/\ngraphics: software, until then\n$/);
    expect(shut.said).toMatch(/user 12345 may not open .* group 44444: start the container with --group-add 44444 /);
    expect(choose({}, [...user, "--groups", "44444"]).env["EGLANTINE_GRAPHICS"]).toBe("mesa");
  });

  test("with a card and no render node is told the flag", () => {
    has("/dev/dri/card0");
    expect(choose().said).toMatch(/no render node: start the container with --device \/dev\/dri/);
  });

  test("in WSL draws by Direct3D 12, without VirtualGL", () => {
    has("/dev/dxg");
    has("/usr/lib/wsl/lib/libd3d12.so");
    answer(D3D12);
    const { env } = choose({ VGL_DISPLAY: "egl" });
    expect(env).toMatchObject({
      EGLANTINE_GRAPHICS: "wsl",
      GALLIUM_DRIVER: "d3d12",
      LD_LIBRARY_PATH: join(root, "usr/lib/wsl/lib"),
    });
    expect(env["VGL_DISPLAY"]).toBeUndefined();
  });

  test("in WSL without Windows' libraries is told how to get them", () => {
    has("/dev/dxg");
    const { env, said } = choose();
    expect(env["EGLANTINE_GRAPHICS"]).toBe("software");
    expect(said).toMatch(/-v \/usr\/lib\/wsl:\/usr\/lib\/wsl:ro/);
  });
});

describe("the user's word", () => {
  beforeEach(() => {
    hasNvidia("550.54.14");
    has("/dev/dri/renderD128");
    answer(H200, RADEON);
  });

  test("EGLANTINE_GRAPHICS takes one kind of GPU, or none", () => {
    expect(choose().env).toMatchObject({ EGLANTINE_GRAPHICS: "nvidia", VGL_DISPLAY: "egl0" });
    expect(choose({ EGLANTINE_GRAPHICS: "mesa" }).env).toMatchObject({
      EGLANTINE_GRAPHICS: "mesa",
      VGL_DISPLAY: "egl1",
    });
    const none = choose({ EGLANTINE_GRAPHICS: "software", VGL_DISPLAY: "egl" }).env;
    expect(none).toMatchObject({ EGLANTINE_GRAPHICS: "software", LIBGL_ALWAYS_SOFTWARE: "1" });
    expect(none["VGL_DISPLAY"]).toBeUndefined();
    expect(choose({ EGLANTINE_GRAPHICS: "wsl" }).said).toMatch(/no GPU of the kind wsl in reach/);
    expect(choose({ EGLANTINE_GRAPHICS: "fast" }).said).toMatch(
      /must be auto, nvidia, mesa, wsl or software, not fast/,
    );
  });

  test("VGL_DISPLAY with a number or a path is kept, also without a GPU", () => {
    expect(choose({ VGL_DISPLAY: "egl1" }).env).toMatchObject({ EGLANTINE_GRAPHICS: "nvidia", VGL_DISPLAY: "egl1" });
    const { env, said } = choose({ VGL_DISPLAY: "/dev/dri/card1" });
    expect(env["VGL_DISPLAY"]).toBe("/dev/dri/card1");
    expect(said).toMatch(/not in the container: start it with --device \/dev\/dri\/card1/);
    answer(device({ renderer: "llvmpipe" }));
    expect(choose({ VGL_DISPLAY: "egl0" }).env).toMatchObject({ EGLANTINE_GRAPHICS: "software", VGL_DISPLAY: "egl0" });
  });

  test("variables that name drivers are kept", () => {
    const own = {
      __EGL_VENDOR_LIBRARY_FILENAMES: "/mine.json",
      VK_DRIVER_FILES: "/mine.json",
      OCL_ICD_VENDORS: "/mine",
    };
    const { env } = choose(own);
    expect(env).toMatchObject(own);
    expect(env["__EGL_VENDOR_LIBRARY_DIRS"]).toBeUndefined();
    expect(env["VK_ADD_DRIVER_FILES"]).toBeUndefined();
  });

  test("what was chosen once is not chosen again below", () => {
    expect(choose({ EGLANTINE_GRAPHICS: "nvidia", EGLANTINE_GRAPHICS_CHOSEN: "true" })).toMatchObject({
      said: "",
      env: { EGLANTINE_GRAPHICS: "nvidia" },
    });
  });
});

test("glvnd, the Vulkan and the OpenCL loader open the libraries by what was written for them, and keep the distribution's", () => {
  hasNvidia("550.54.14");
  answer(H200);
  const names = { egl: "libEGL_nvidia.so.0", vulkan: "libGLX_nvidia.so.0", opencl: "libnvidia-opencl.so.1" };
  // They say that they were opened, and are no drivers.
  for (const name of Object.values(names))
    libraryThat(join(root, "usr/lib", MACHINE), name, `fprintf(stderr, "opened ${name}\\n");`);
  const { env } = choose();
  for (const [what, name] of Object.entries(names)) {
    const { stdout, stderr } = spawnSync(probe(), [what], { encoding: "utf8", env });
    expect(stderr).toContain(`opened ${name}`);
    expect(stdout).toMatch(what === "opencl" ? /Portable Computing Language/ : /llvmpipe/);
    expect(stdout).toMatch(/"error":null\}$/m);
  }
});

describe("eglantine-run", () => {
  const nvidia = { EGLANTINE_GRAPHICS: "nvidia", EGLANTINE_GRAPHICS_CHOSEN: "true", VGL_DISPLAY: "egl0" };
  let bin: string;
  beforeEach(() => {
    bin = join(folder, "bin");
    mkdirSync(bin);
    for (const name of ["game", "chromium", "vkcube", "wine", "steam"])
      writeFileSync(join(bin, name), '#!/bin/sh\necho "$0 $*"\nenv\n', { mode: 0o755 });
  });

  /** As VirtualGL's own does: preloads its libraries, and says how it was called. */
  const hasVirtualgl = () =>
    writeFileSync(
      join(bin, "vglrun"),
      `#!/bin/sh\necho "vglrun $*"\n[ "$1" != +wm ] || { VGL_WM=1; export VGL_WM; shift; }\nexport VGL_ISACTIVE=1 LD_PRELOAD="libdlfaker.so:libvglfaker.so\${LD_PRELOAD:+:$LD_PRELOAD}"\nexec "$@"\n`,
      { mode: 0o755 },
    );

  function run(
    args: readonly string[],
    env: Readonly<Record<string, string>> = nvidia,
    program = join(installed, "usr/bin/eglantine-run"),
  ) {
    const done = spawnSync(program, args, {
      encoding: "utf8",
      env: { PATH: `${bin}:/usr/bin:/bin`, HOME: folder, EGLANTINE_TEST_ROOT: root, EGLANTINE_RUN_DIR: folder, ...env },
    });
    return { status: done.status, out: done.stdout, said: done.stderr };
  }
  const show = (args: readonly string[], env?: Readonly<Record<string, string>>) => run(["--show", ...args], env).out;

  test("takes VirtualGL where there is a GPU and it is installed", () => {
    hasVirtualgl();
    expect(show(["game", "-x"])).toBe("virtualgl: VGL_DISPLAY is egl0\nvglrun game -x\n");
    const { out } = run(["game", "a b"]);
    expect(out).toMatch(/^vglrun game a b\n.*\/game a b\n/);
    expect(out).toMatch(/^LD_PRELOAD=libdlfaker\.so:libvglfaker\.so$/m);
  });

  test("does not take it twice", () => {
    hasVirtualgl();
    expect(show(["game"], { ...nvidia, LD_PRELOAD: "libdlfaker.so:libvglfaker.so" })).toBe(
      "virtualgl: VGL_DISPLAY is egl0\ngame\n",
    );
  });

  test("takes Zink for NVIDIA without VirtualGL where it works, and nothing for others", () => {
    expect(show(["game"])).toMatch(/^zink: .*\nMESA_LOADER_DRIVER_OVERRIDE=zink .*game\n/);
    expect(show(["game"], { ...nvidia, EGLANTINE_GRAPHICS: "mesa" })).toBe(
      "plain: VirtualGL is not installed, and the X server has no DRI3\ngame\n",
    );
    writeFileSync(join(installed, "usr/bin/eglantine-probe"), "#!/bin/sh\necho '{}'\n");
    expect(show(["game"])).toMatch(/^plain: /);
  });

  test("starts programs of the list without the preload, with the list's reason, and keeps what else is preloaded", () => {
    hasVirtualgl();
    expect(show(["chromium"])).toMatch(
      /^plain: the GPU process ends in its sandbox \(VirtualGL issues .*\)\nchromium\n$/,
    );
    expect(show([join(bin, "vkcube")])).toMatch(/^vulkan: .*issue 271/);
    const pads = "/run/$LIB/libeglantine-gamepad.so";
    const env = { ...nvidia, VGL_ISACTIVE: "1", VGL_WM: "1", LD_PRELOAD: `libdlfaker.so:libvglfaker.so:${pads}` };
    const { out } = run(["chromium"], env);
    expect(out).toContain(`\nLD_PRELOAD=${pads}\n`);
    expect(out).not.toMatch(/^(VGL_ISACTIVE|VGL_WM)=/m);
    expect(run(["chromium"], { ...env, LD_PRELOAD: "libdlfaker.so libvglfaker.so" }).out).not.toMatch(/^LD_PRELOAD=/m);
  });

  test("takes Wine's programs for Vulkan's where the prefix has DXVK", () => {
    hasVirtualgl();
    expect(show(["wine"])).toMatch(/^virtualgl: /);
    const system = join(folder, ".wine/drive_c/windows/system32");
    mkdirSync(system, { recursive: true });
    writeFileSync(join(system, "d3d11.dll"), "MZ\0Wine builtin DLL");
    expect(show(["wine"])).toMatch(/^virtualgl: /);
    writeFileSync(join(system, "d3d11.dll"), "MZ\0DXVK: v2.4");
    expect(show(["wine"])).toMatch(/^vulkan: DXVK draws by Vulkan/);
  });

  test("adds nothing where there is no GPU, and in WSL", () => {
    hasVirtualgl();
    const without = { EGLANTINE_GRAPHICS_CHOSEN: "true" };
    expect(show(["game"], { ...without, EGLANTINE_GRAPHICS: "software" })).toBe("plain: there is no GPU\ngame\n");
    expect(show(["game"], { ...without, EGLANTINE_GRAPHICS: "wsl" })).toMatch(/^plain: Mesa draws by Direct3D 12/);
  });

  test("finds out by itself what draws, where nobody has", () => {
    hasVirtualgl();
    hasNvidia("550.54.14");
    answer(H200);
    const { out, said } = run(["--show", "game"], {});
    expect(out).toMatch(/^virtualgl: VGL_DISPLAY is egl0\n/);
    expect(said).toMatch(/^graphics: nvidia: /);
  });

  test.each([
    ["--plain", "plain: asked for\ngame\n"],
    ["--vulkan", "vulkan: asked for\ngame\n"],
    [
      "--prime",
      "prime: asked for\n__NV_PRIME_RENDER_OFFLOAD=1 __GLX_VENDOR_LIBRARY_NAME=nvidia __VK_LAYER_NV_optimus=NVIDIA_only game\n",
    ],
    ["--virtualgl", "virtualgl: asked for\nvglrun game\n"],
  ])("%s is done, whatever would have been chosen", (option, said) => {
    hasVirtualgl();
    expect(show([option, "game"])).toBe(said);
  });

  test("PRIME with Mesa is DRI_PRIME, and its value is kept", () => {
    expect(run(["--prime", "game"], { ...nvidia, EGLANTINE_GRAPHICS: "mesa" }).out).toMatch(/^DRI_PRIME=1$/m);
    expect(
      run(["--prime", "game"], { ...nvidia, EGLANTINE_GRAPHICS: "mesa", DRI_PRIME: "pci-0000_03_00_0" }).out,
    ).toMatch(/^DRI_PRIME=pci-0000_03_00_0$/m);
  });

  test("refuses what cannot be", () => {
    expect(run(["--virtualgl", "game"])).toMatchObject({
      status: 1,
      said: "eglantine-run: VirtualGL cannot be used: vglrun is not installed\n",
    });
    hasVirtualgl();
    expect(run(["--virtualgl", "game"], { ...nvidia, VGL_DISPLAY: "" }).said).toMatch(/no GPU was found/);
    expect(run(["absent"])).toMatchObject({ status: 127 });
    expect(run(["--fast", "game"])).toMatchObject({ status: 2 });
    expect(run([])).toMatchObject({ status: 2 });
  });

  test("under a listed program's name starts the next one of that name", () => {
    hasVirtualgl();
    const links = join(folder, "links");
    mkdirSync(links);
    symlinkSync(join(installed, "usr/bin/eglantine-run"), join(links, "chromium"));
    const env = { ...nvidia, LD_PRELOAD: "libdlfaker.so:libvglfaker.so", PATH: `${links}:${bin}:/usr/bin:/bin` };
    const { out } = run(["https://x"], env, join(links, "chromium"));
    expect(out).toMatch(/^.*\/bin\/chromium https:\/\/x\n/);
    expect(out).not.toMatch(/^LD_PRELOAD=/m);
  });

  test("draws by Zink on a real X server", async () => {
    const server = await startXvnc(320, 200);
    try {
      const done = spawnSync(join(ROOTFS, "usr/bin/eglantine-run"), ["--zink", probe(), "glx"], {
        encoding: "utf8",
        // Zink takes lavapipe only when told so.
        env: {
          ...process.env,
          DISPLAY: server.display,
          EGLANTINE_GRAPHICS: "mesa",
          EGLANTINE_GRAPHICS_CHOSEN: "true",
          LIBGL_ALWAYS_SOFTWARE: "1",
        },
      });
      expect(JSON.parse(done.stdout)).toMatchObject({
        renderer: expect.stringMatching(/^zink .*llvmpipe/),
        error: null,
      });
    } finally {
      await server.close();
    }
  });
});

describe("a session", () => {
  test("starts the desktop under VirtualGL where there is a device for it, and listed programs without", async () => {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    writeFileSync(
      join(bin, "vglrun"),
      '#!/bin/sh\necho "vglrun $*"\nshift\nexport LD_PRELOAD="libvglfaker.so${LD_PRELOAD:+:$LD_PRELOAD}"\nexec "$@"\n',
      { mode: 0o755 },
    );
    writeFileSync(join(bin, "chromium"), `#!/bin/sh\necho "preloaded: $LD_PRELOAD" >${folder}/chromium\n`, {
      mode: 0o755,
    });
    const session = await startSession({
      desktop: "chromium; exec xterm",
      env: { PATH: `${bin}:${process.env["PATH"]}`, VGL_DISPLAY: "egl0", EGLANTINE_GAMEPAD: "off" },
      awaitAgent: false,
    });
    try {
      const file = join(folder, "chromium");
      await until("the program has run", () => existsSync(file) && readFileSync(file, "utf8").endsWith("\n"));
      expect(readFileSync(file, "utf8")).toBe("preloaded: \n");
      expect(session.log("desktop")).toMatch(/vglrun \+wm sh -c chromium; exec xterm/);
    } finally {
      await session.close();
    }
  });

  test("without a GPU starts it plain, and says so once", async () => {
    const session = await startSession({
      desktop: "xterm",
      env: { EGLANTINE_TEST_ROOT: root, VGL_DISPLAY: "egl" },
      awaitAgent: false,
    });
    try {
      await until("the desktop runs", () => /desktop: xterm on :/.test(session.log("desktop")));
      expect(session.output.match(/graphics: software/g)).toHaveLength(1);
    } finally {
      await session.close();
    }
  });
});

// What an engine's machine has for graphics: looked at by a few lines of shell, run here or, for an engine reached by SSH, there. What cannot be
// looked at (an engine of another machine by TCP, Docker Desktop's own machine) is undefined. To `gpu.ts`, which judges.

import { spawn } from "node:child_process";
import type { Connection } from "./connection.ts";
import { type SshCommand, sshArguments } from "./ssh-dial.ts";

export interface MachineFacts {
  /** Of /etc/os-release: debian, ubuntu, fedora, arch … */
  readonly distribution: string;
  /** Vendors of the graphics adapters on PCI: 10de NVIDIA, 1002 AMD, 8086 Intel. */
  readonly vendors: readonly string[];
  readonly nvidiaDriver: boolean;
  /** NVIDIA's container toolkit: its hook or its runtime is on the machine. */
  readonly nvidiaToolkit: boolean;
  readonly nvidiaGpus: readonly { readonly id: string; readonly name: string }[];
  /** There is a CDI specification of NVIDIA's devices. */
  readonly cdiSpec: boolean;
  readonly renderNodes: readonly string[];
  /** Group of the first of them, by number. */
  readonly renderGroup?: number;
  readonly wsl: boolean;
  readonly dxg: boolean;
  readonly wslLibraries: boolean;
}

/** One `key value` a line. `$1`: what stands before all paths. */
export const LOOK = `
r=\${1:-}
if [ -r "$r/etc/os-release" ]; then echo "distribution $(sed -n 's/^ID=//p' "$r/etc/os-release" | tr -d '"')"; fi
for d in "$r"/sys/bus/pci/devices/*; do
  case $(cat "$d/class" 2>/dev/null) in 0x03*) echo "vendor $(cat "$d/vendor")" ;; esac
done
if [ -e "$r/dev/nvidiactl" ] || [ -e "$r/proc/driver/nvidia/version" ] || [ -e "$r/usr/lib/wsl/lib/libnvidia-ml.so.1" ]; then echo driver; fi
PATH=$PATH:/usr/lib/wsl/lib:/usr/bin:/usr/local/bin
for p in nvidia-container-runtime-hook nvidia-container-runtime nvidia-ctk; do
  if { [ -z "$r" ] && command -v $p >/dev/null 2>&1; } || [ -x "$r/usr/bin/$p" ]; then echo toolkit; break; fi
done
if [ -z "$r" ] && command -v nvidia-smi >/dev/null 2>&1; then
  nvidia-smi --query-gpu=uuid,name --format=csv,noheader 2>/dev/null | sed -n 's/^\\(GPU-[^,]*\\), */gpu \\1 /p'
fi
for f in "$r"/etc/cdi/* "$r"/var/run/cdi/*; do
  if [ -r "$f" ] && grep -q 'nvidia.com/gpu' "$f"; then echo cdi; break; fi
done
for n in "$r"/dev/dri/renderD*; do
  if [ -e "$n" ]; then echo "render \${n#"$r"}"; echo "group $(stat -c %g "$n")"; fi
done
case $(cat "$r/proc/sys/kernel/osrelease" 2>/dev/null) in *[Mm]icrosoft*) echo wsl ;; esac
if [ -e "$r/dev/dxg" ]; then echo dxg; fi
if [ -d "$r/usr/lib/wsl/lib" ]; then echo wsl-libraries; fi
`;

const LOOK_WITHIN_MS = 20_000;
const OUTPUT_MAX_CHARS = 100_000;

/** PURE. */
export function readLook(text: string): MachineFacts {
  const lines = text.split("\n").map((line) => line.trim());
  const all = (key: string) =>
    lines.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));
  const has = (key: string) => lines.includes(key);
  const group = Number(all("group")[0] ?? Number.NaN);
  const gpus = all("gpu").map((line) => ({ id: line.split(" ")[0] ?? "", name: line.split(" ").slice(1).join(" ") }));
  return {
    distribution: all("distribution")[0] ?? "",
    vendors: [...new Set(all("vendor").map((vendor) => vendor.replace(/^0x/, "").toLowerCase()))],
    nvidiaDriver: has("driver"),
    nvidiaToolkit: has("toolkit"),
    nvidiaGpus: gpus,
    cdiSpec: has("cdi"),
    renderNodes: all("render"),
    ...(Number.isInteger(group) && { renderGroup: group }),
    wsl: has("wsl"),
    dxg: has("dxg"),
    wslLibraries: has("wsl-libraries"),
  };
}

/** Standard output of a program that is given this script; undefined where it cannot run. */
function runScript(argv: readonly string[], script: string): Promise<string | undefined> {
  const [file = "", ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: ["pipe", "pipe", "ignore"], windowsHide: true, timeout: LOOK_WITHIN_MS });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      text = (text + part).slice(0, OUTPUT_MAX_CHARS);
    });
    child.once("error", () => resolve(undefined));
    child.once("close", (status) => resolve(status === 0 ? text : undefined));
    // One that has gone already reads nothing: its end says so.
    child.stdin.on("error", () => undefined);
    child.stdin.end(script);
  });
}

/** `root`: what stands before all paths, for a machine that is a folder. */
export async function lookAtMachine(
  connection: Connection,
  platform: string,
  ssh: SshCommand,
  root = "",
): Promise<MachineFacts | undefined> {
  const isHere = connection.kind === "socket" && platform === "linux";
  if (!isHere && connection.kind !== "ssh") return undefined;
  const own = ["sh", "-s", "--", root];
  const argv = connection.kind === "ssh" ? [ssh[0] ?? "ssh", ...sshArguments(ssh, connection), "sh", "-s"] : own;
  const text = await runScript(argv, LOOK);
  return text === undefined ? undefined : readLook(text);
}

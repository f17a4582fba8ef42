// Whether a container of this engine can have a GPU, by which way, and if not, what is missing and the command that mends it. PURE. From what the
// engine says of itself (`docker.ts`) and what its machine has (`machine.ts`); shown by the page, and the first that is ready is the form's default.

import type { GpuGap, GpuVerdict } from "../../shared/launcher.ts";
import type { GpuWay } from "../../shared/launch-form.ts";
import type { EngineFacts } from "./engine-answers.ts";
import type { MachineFacts } from "./machine.ts";

type Judge = (engine: EngineFacts, machine: MachineFacts | undefined) => GpuVerdict;

const APT = /^(debian|ubuntu|linuxmint|pop|raspbian)$/;
const DNF = /^(fedora|rhel|centos|rocky|almalinux|amzn)$/;
const KEYRING = "/usr/share/keyrings/nvidia-container-toolkit-keyring.gpg";

/** As NVIDIA's installation guide has them. */
function toolkitCommand(distribution: string): string {
  if (APT.test(distribution)) {
    return [
      `curl -fsSL https://nvidia.github.io/libnvidia-container/gpgkey | sudo gpg --dearmor -o ${KEYRING}`,
      `curl -sL https://nvidia.github.io/libnvidia-container/stable/deb/nvidia-container-toolkit.list | sed 's#deb https://#deb [signed-by=${KEYRING}] https://#g' | sudo tee /etc/apt/sources.list.d/nvidia-container-toolkit.list`,
      "sudo apt-get update",
      "sudo apt-get install -y nvidia-container-toolkit",
    ].join(" && ");
  }
  if (DNF.test(distribution)) {
    const list = "https://nvidia.github.io/libnvidia-container/stable/rpm/nvidia-container-toolkit.repo";
    return `curl -sL ${list} | sudo tee /etc/yum.repos.d/nvidia-container-toolkit.repo && sudo dnf install -y nvidia-container-toolkit`;
  }
  if (/^opensuse|^sles/.test(distribution)) {
    const list = "https://nvidia.github.io/libnvidia-container/stable/rpm/nvidia-container-toolkit.repo";
    return `sudo zypper ar ${list} && sudo zypper --gpg-auto-import-keys install -y nvidia-container-toolkit`;
  }
  if (/^(arch|manjaro|endeavouros)$/.test(distribution)) return "sudo pacman -S --needed nvidia-container-toolkit";
  return "";
}

function driverCommand(distribution: string): string {
  if (distribution === "ubuntu") return "sudo ubuntu-drivers install && sudo reboot";
  if (APT.test(distribution)) return "sudo apt-get install -y nvidia-driver && sudo reboot";
  if (distribution === "fedora") return "sudo dnf install -y akmod-nvidia && sudo reboot";
  if (/^(arch|manjaro|endeavouros)$/.test(distribution)) return "sudo pacman -S --needed nvidia-open && sudo reboot";
  return "";
}

const CONFIGURE = "sudo nvidia-ctk runtime configure --runtime=docker && sudo systemctl restart docker";
const GENERATE_CDI = "sudo nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml";
const NVIDIA = "10de";

const joined = (...commands: readonly string[]) => (commands.includes("") ? {} : { command: commands.join(" && ") });
const lacks = (way: GpuWay, gap: GpuGap, fix: { readonly command?: string } = {}): GpuVerdict => ({
  way,
  state: "missing",
  gap,
  ...fix,
  devices: [],
});
const absent = (way: GpuWay, gap: GpuGap): GpuVerdict => ({ way, state: "absent", gap, devices: [] });
const ready = (way: GpuWay, devices: GpuVerdict["devices"] = []): GpuVerdict => ({ way, state: "ready", devices });
const unseen = (way: GpuWay): GpuVerdict => ({ way, state: "unseen", devices: [] });

const hasNvidia = (machine: MachineFacts) => machine.nvidiaDriver || machine.vendors.includes(NVIDIA);
/** Docker Desktop's own machine is none of ours to look at; on macOS it has no GPU at all. */
const isDesktop = ({ system }: EngineFacts) => /docker desktop/i.test(system);
const isMac = ({ kernel }: EngineFacts) => /linuxkit|orbstack/i.test(kernel);
const isWslKernel = ({ kernel }: EngineFacts) => /microsoft/i.test(kernel);
const major = ({ version }: EngineFacts) => Number(version.split(".")[0]);

const judgeNvidia: Judge = (engine, machine) => {
  if (isDesktop(engine) && isMac(engine)) return absent("nvidia", "macNone");
  // Podman takes NVIDIA's by CDI.
  if (engine.kind === "podman") return absent("nvidia", "nvidiaNone");
  if (engine.runtimes.includes("nvidia")) {
    if (machine !== undefined && !isDesktop(engine) && !machine.nvidiaDriver) {
      return hasNvidia(machine)
        ? lacks("nvidia", "nvidiaDriver", joined(driverCommand(machine.distribution)))
        : absent("nvidia", "nvidiaNone");
    }
    return ready("nvidia", machine?.nvidiaGpus);
  }
  if (machine === undefined || isDesktop(engine)) return unseen("nvidia");
  const { distribution } = machine;
  if (!hasNvidia(machine)) return absent("nvidia", "nvidiaNone");
  if (!machine.nvidiaDriver) return lacks("nvidia", "nvidiaDriver", joined(driverCommand(distribution)));
  if (!machine.nvidiaToolkit) return lacks("nvidia", "nvidiaToolkit", joined(toolkitCommand(distribution), CONFIGURE));
  return lacks("nvidia", "nvidiaRuntime", { command: CONFIGURE });
};

const judgeCdi: Judge = (engine, machine) => {
  if (isDesktop(engine) && isMac(engine)) return absent("cdi", "macNone");
  const known = engine.cdiDevices?.filter((id) => id.startsWith("nvidia.com/gpu="));
  const devices = known?.map((id) => ({ id: id.slice("nvidia.com/gpu=".length), name: id })) ?? [];
  const isThere = devices.length > 0 || machine?.cdiSpec === true;
  if (machine === undefined && !isThere) return unseen("cdi");
  if (machine !== undefined && !isThere && !hasNvidia(machine)) return absent("cdi", "nvidiaNone");
  // Older ones take the request and forget it, or do not know it.
  if (engine.kind === "podman" && major(engine) < 5) return lacks("cdi", "cdiPodmanOld");
  if (engine.kind === "docker" && major(engine) < 25) return lacks("cdi", "cdiDockerOld");
  if (isThere)
    return ready(
      "cdi",
      devices.filter(({ id }) => id !== "all"),
    );
  const distribution = machine?.distribution ?? "";
  if (machine?.nvidiaDriver === false) return lacks("cdi", "nvidiaDriver", joined(driverCommand(distribution)));
  if (machine?.nvidiaToolkit === false)
    return lacks("cdi", "nvidiaToolkit", joined(toolkitCommand(distribution), GENERATE_CDI));
  return lacks("cdi", "cdiSpec", { command: GENERATE_CDI });
};

const judgeDri: Judge = (engine, machine) => {
  if (isDesktop(engine)) return absent("dri", isMac(engine) ? "macNone" : "driNone");
  if (machine === undefined) return unseen("dri");
  if (machine.renderNodes.length > 0)
    return ready(
      "dri",
      machine.renderNodes.map((id) => ({ id, name: id })),
    );
  if (machine.vendors.includes("1002")) return lacks("dri", "driModule", { command: "sudo modprobe amdgpu" });
  if (machine.vendors.includes("8086")) return lacks("dri", "driModule", { command: "sudo modprobe i915" });
  return absent("dri", "driNone");
};

const judgeWsl: Judge = (engine, machine) => {
  if (!isWslKernel(engine) && machine?.wsl !== true) return absent("wsl", "wslNone");
  if (machine === undefined) return unseen("wsl");
  if (machine.dxg && machine.wslLibraries) return ready("wsl");
  return lacks("wsl", "wslDevice", { command: "wsl.exe --update" });
};

const ORDER = { ready: 0, missing: 1, unseen: 2, absent: 3 } as const;

/** The best first: what is ready, NVIDIA before others; `none` comes behind all that is ready. */
export function judgeGpu(engine: EngineFacts, machine: MachineFacts | undefined): readonly GpuVerdict[] {
  const judged = [judgeNvidia, judgeCdi, judgeDri, judgeWsl].map((judge) => judge(engine, machine));
  const all = [
    ...judged.filter(({ state }) => state === "ready"),
    ready("none"),
    ...judged.filter(({ state }) => state !== "ready"),
  ];
  return all.sort((a, b) => ORDER[a.state] - ORDER[b.state]);
}

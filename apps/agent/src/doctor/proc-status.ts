// What the kernel says of this process in /proc/self/status: capabilities, seccomp, no_new_privs. Pure. Read by `place.ts`, judged by
// `checks/confinement.ts` and `checks/capabilities.ts`.

/** linux/capability.h, by number. */
const CAPABILITIES = [
  "CHOWN",
  "DAC_OVERRIDE",
  "DAC_READ_SEARCH",
  "FOWNER",
  "FSETID",
  "KILL",
  "SETGID",
  "SETUID",
  "SETPCAP",
  "LINUX_IMMUTABLE",
  "NET_BIND_SERVICE",
  "NET_BROADCAST",
  "NET_ADMIN",
  "NET_RAW",
  "IPC_LOCK",
  "IPC_OWNER",
  "SYS_MODULE",
  "SYS_RAWIO",
  "SYS_CHROOT",
  "SYS_PTRACE",
  "SYS_PACCT",
  "SYS_ADMIN",
  "SYS_BOOT",
  "SYS_NICE",
  "SYS_RESOURCE",
  "SYS_TIME",
  "SYS_TTY_CONFIG",
  "MKNOD",
  "LEASE",
  "AUDIT_WRITE",
  "AUDIT_CONTROL",
  "SETFCAP",
  "MAC_OVERRIDE",
  "MAC_ADMIN",
  "SYSLOG",
  "WAKE_ALARM",
  "BLOCK_SUSPEND",
  "AUDIT_READ",
  "PERFMON",
  "BPF",
  "CHECKPOINT_RESTORE",
] as const;

export type Seccomp = "off" | "strict" | "filter";

export interface ProcessStatus {
  /** That this process has now. */
  readonly effective: readonly string[];
  /** That it, or a setuid program that it starts, could ever have. */
  readonly bounding: readonly string[];
  readonly noNewPrivs: boolean;
  readonly seccomp: Seccomp;
}

/** The names of a mask's bits; one that has no name here is CAP_ and its number. */
export function capabilitiesOf(maskHex: string): readonly string[] {
  const mask = BigInt(`0x${maskHex}`);
  return Array.from({ length: 64 }, (_, bit) => bit)
    .filter((bit) => ((mask >> BigInt(bit)) & 1n) === 1n)
    .map((bit) => CAPABILITIES[bit] ?? `CAP_${bit}`);
}

/** Throws when this is no such file. */
export function readProcessStatus(text: string): ProcessStatus {
  const fields = new Map(text.split("\n").map((line) => splitOnce(line, ":")));
  const field = (name: string): string => {
    const value = fields.get(name);
    if (value === undefined) throw new Error(`/proc/self/status says nothing of ${name}`);
    return value;
  };
  const seccomp = { "0": "off", "1": "strict", "2": "filter" }[field("Seccomp")];
  if (seccomp === undefined) throw new Error(`/proc/self/status has an unknown Seccomp: ${field("Seccomp")}`);
  return {
    effective: capabilitiesOf(field("CapEff")),
    bounding: capabilitiesOf(field("CapBnd")),
    noNewPrivs: field("NoNewPrivs") === "1",
    seccomp: seccomp as Seccomp,
  };
}

function splitOnce(line: string, at: string): [string, string] {
  const index = line.indexOf(at);
  return index < 0 ? [line, ""] : [line.slice(0, index), line.slice(index + 1).trim()];
}

// Why `ssh` has ended, told from what it wrote: its exit code is 255 for everything. PURE. From `tunnel.ts`; each reason has its words in the area
// `ssh`, and each is the user's to know.

export const SSH_REASONS = [
  "address",
  "no-ssh",
  "host-unknown",
  "unreachable",
  "host-key-changed",
  "host-key-strict",
  "host-key-declined",
  "denied",
  "too-many-keys",
  "key-permissions",
  "config",
  "agent-forbidden",
  "agent-refused",
  "agent-silent",
  "forward",
  "cancelled",
  "ended",
] as const;

export type SshReason = (typeof SSH_REASONS)[number];

export interface SshFailure {
  readonly reason: SshReason;
  readonly parameters: Readonly<Record<string, string>>;
}

interface Sign {
  readonly pattern: RegExp;
  readonly reason: SshReason;
  /** For the pattern's groups, in order. */
  readonly names?: readonly string[];
}

/** In the order in which they count: what ssh says last is often only what follows. */
const SIGNS: readonly Sign[] = [
  { pattern: /REMOTE HOST IDENTIFICATION HAS CHANGED/, reason: "host-key-changed" },
  { pattern: /No (\S+) host key is known for (\S+) and you have requested strict checking/, reason: "host-key-strict" },
  { pattern: /Host key verification failed/, reason: "host-key-declined" },
  {
    pattern: /Bad configuration option: (.*)|terminating, \d+ bad configuration|Bad owner or permissions on (.*)/,
    reason: "config",
    names: ["detail", "detail"],
  },
  { pattern: /Could not resolve hostname ([^:]*)/, reason: "host-unknown" },
  { pattern: /open failed: administratively prohibited/, reason: "agent-forbidden" },
  { pattern: /open failed: (?:connect failed|unknown channel type)/, reason: "agent-refused" },
  { pattern: /Too many authentication failures/, reason: "too-many-keys" },
  { pattern: /Permissions .* for '(.*)' are too open/, reason: "key-permissions", names: ["key"] },
  { pattern: /Permission denied \(([^)]*)\)/, reason: "denied", names: ["methods"] },
  { pattern: /Could not request local forwarding|cannot listen to port|unix_listener: /, reason: "forward" },
  {
    pattern:
      /connect to host .*: (.*)|Connection timed out|Connection closed by|kex_exchange_identification: (.*)|Connection reset/,
    reason: "unreachable",
    names: ["detail", "detail"],
  },
];

const DETAIL_CHARS_MAX = 300;

/** `written`: its standard error so far. Undefined when there is no sign of a failure in it. */
export function failureIn(written: string): SshFailure | undefined {
  for (const { pattern, reason, names = [] } of SIGNS) {
    const found = pattern.exec(written);
    if (found === null) continue;
    const parameters: Record<string, string> = {};
    for (const [index, name] of names.entries()) {
      const value = found[index + 1];
      parameters[name] ??= "";
      if (value !== undefined) parameters[name] = printable(value);
    }
    return { reason, parameters: reason === "host-key-changed" ? changedKey(written) : parameters };
  }
  return undefined;
}

/** Of an end of which nothing more is known. */
export function unknownEnd(written: string): SshFailure {
  return { reason: "ended", parameters: { detail: printable(written.trim().split("\n").at(-1) ?? "") } };
}

/** The new key's fingerprint, and where the old one stands: the only things that ssh says of them. */
function changedKey(written: string): Readonly<Record<string, string>> {
  const fingerprint = /fingerprint for the (\S+) key sent by the remote host is\s+(\S+?)\.?\s/.exec(written);
  const known = /Offending (?:\S+ )?key in (.*)/.exec(written)?.[1] ?? "";
  return { fingerprint: printable(fingerprint?.[2] ?? ""), keyType: fingerprint?.[1] ?? "", known: printable(known) };
}

function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, "").trim().slice(0, DETAIL_CHARS_MAX);
}

// What goes wrong between the launcher and an engine, as one of the reasons of `shared/launcher.ts`. PURE. An engine says what happened in words
// alone, and those of Docker, Podman, ssh and registries differ: the words that were seen stand here. Thrown by `docker.ts`, answered by `answers.ts`.

import type { LauncherFailure, LauncherReason } from "../../shared/launcher.ts";
import { messageOf } from "../../shared/message-of.ts";

/** Expected: the user is told, in the user's language. */
export class LauncherError extends Error {
  readonly reason: LauncherReason;
  readonly parameters: Readonly<Record<string, string>>;

  constructor(reason: LauncherReason, parameters: Readonly<Record<string, string>> = {}, options: ErrorOptions = {}) {
    super(`${reason} ${JSON.stringify(parameters)}`, options);
    this.name = "LauncherError";
    this.reason = reason;
    this.parameters = parameters;
  }

  get failure(): LauncherFailure {
    return { reason: this.reason, parameters: this.parameters };
  }
}

/** How `ssh` ended before the engine answered. */
export class SshDialError extends Error {
  override readonly name = "SshDialError";
  /** What it said, its last lines. */
  readonly said: string;

  constructor(said: string) {
    super(`ssh: ${said}`);
    this.said = said;
  }
}

export interface FailureContext {
  /** The engine as the user knows it. */
  readonly engine: string;
  /** Of the socket, where that is what was opened. */
  readonly socket?: string;
  readonly image?: string;
  readonly name?: string;
  readonly port?: number;
  /** What was being done: the same words mean other things while an image is fetched. */
  readonly doing?: "pull";
  /** Aborted: whatever was thrown, that is why. */
  readonly signal?: AbortSignal;
}

type Rule = readonly [RegExp, LauncherReason];

const SSH_RULES: readonly Rule[] = [
  [/^ssh: ENOENT/, "sshMissing"],
  [/host key verification failed|remote host identification has changed|no .*host key is known/i, "sshHostKey"],
  // What the engine's own CLI says there goes before what ssh says: some of the words are the same.
  [/permission denied while trying to connect|dial unix .*permission denied/i, "engineDenied"],
  [/dial unix|raw stream connection|cannot connect to the docker daemon|is the docker daemon running/i, "engineAbsent"],
  [/connect to host|could not resolve hostname/i, "sshUnreachable"],
  [/permission denied|too many authentication failures|no supported authentication/i, "sshDenied"],
  [/docker: (command )?not found|docker: no such file|command not found|unknown command/i, "sshNoDocker"],
];

const PULL_RULES: readonly Rule[] = [
  [/no matching manifest|does not match the specified platform|image operating system/i, "imageArchitecture"],
  [
    /unexpected eof|connection reset|short read|verification failed|content size|stream error|incomplete/i,
    "pullBroken",
  ],
  [
    /no such host|connection refused|i\/o timeout|deadline exceeded|network is unreachable|x509|tls:|server gave http response|request canceled/i,
    "registryUnreachable",
  ],
  [/denied|unauthorized|authentication required|credentials|forbidden/i, "imageDenied"],
  [/manifest unknown|not found|does not exist|name unknown|invalid reference/i, "imageMissing"],
];

const RULES: readonly Rule[] = [
  [/no space left on device|disk quota exceeded/i, "diskFull"],
  [/port is already allocated|address already in use|ports are not available|bind for .* failed/i, "portTaken"],
  [
    /could not select device driver|nvidia-container|unresolvable CDI|unknown or invalid runtime|error gathering device information|stat \/dev\/(dri|dxg)|failed to initialize NVML/i,
    "gpuUnavailable",
  ],
  [/is already in use by|name .* is (already )?in use|name is already in use/i, "nameTaken"],
  [/exec format error/i, "imageArchitecture"],
  [/executable file not found|no such file or directory: OCI|exec: ".*": stat/i, "imageForeign"],
  [/no such image|image not known/i, "imageMissing"],
  [/no such container|no container with name/i, "containerGone"],
];

const CODES: Readonly<Record<string, LauncherReason>> = {
  EACCES: "engineDenied",
  EPERM: "engineDenied",
  ENOENT: "engineAbsent",
  ECONNREFUSED: "engineAbsent",
  ENOTFOUND: "engineAbsent",
  EAI_AGAIN: "engineAbsent",
  EHOSTUNREACH: "engineAbsent",
  ENETUNREACH: "engineAbsent",
  ETIMEDOUT: "engineSlow",
  ECONNRESET: "engineLost",
  EPIPE: "engineLost",
  ERR_STREAM_PREMATURE_CLOSE: "engineLost",
};

const TLS = /^(CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|ERR_TLS|ERR_SSL|EPROTO|ERR_OSSL|HPE_INVALID)/;

/** The first line of many, and not all of a long one: it stands in a sentence. */
function shortened(text: string): string {
  const line = text.trim().split("\n").at(-1) ?? "";
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}

/** What an engine said of itself, without what dockerode puts around it. */
function wordsOf(error: unknown): string {
  const message = messageOf(error);
  return message.replace(/^\(HTTP code \d+\) [^-]*- /, "").trim();
}

const firstOf = (rules: readonly Rule[], words: string) => rules.find(([pattern]) => pattern.test(words))?.[1];

function reasonOf(error: unknown, words: string, doing: "pull" | undefined): LauncherReason {
  if (error instanceof SshDialError) return firstOf(SSH_RULES, words) ?? "sshUnreachable";
  const {
    code = "",
    name,
    cause,
  } = error as { readonly code?: string; readonly name?: string; readonly cause?: unknown };
  if (name === "TimeoutError" || (cause instanceof Error && cause.name === "TimeoutError")) return "engineSlow";
  if (name === "AbortError") return "cancelled";
  if (TLS.test(code)) return "engineTls";
  if (/client sent an http request to an https server/i.test(words)) return "engineTls";
  const byCode = CODES[code];
  if (byCode !== undefined) return byCode;
  if (/^(aborted|socket hang up)$/.test(words)) return "engineLost";
  return firstOf(RULES, words) ?? (doing === "pull" ? firstOf(PULL_RULES, words) : undefined) ?? "engineError";
}

/** What was thrown, as a LauncherError. */
export function launcherError(error: unknown, context: FailureContext): LauncherError {
  if (error instanceof LauncherError) return error;
  const words = wordsOf(error);
  const { engine, socket = "", image = "", name = "", port } = context;
  const reason = context.signal?.aborted === true ? "cancelled" : reasonOf(error, words, context.doing);
  const parameters = {
    engine,
    socket,
    image,
    name,
    port: port === undefined ? "" : String(port),
    why: shortened(words),
  };
  return new LauncherError(reason, parameters, { cause: error });
}

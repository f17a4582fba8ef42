// A real sshd on loopback with keys of its own, and the `ssh` of a user whose configuration leads to it: nothing of this machine's own ~/.ssh is
// read or written. For tests of the SSH route.

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SSHD = "/usr/sbin/sshd";
const SSH = "/usr/bin/ssh";
const READY_MS = 20_000;

/** For `askpassProgram` of the route. */
export const ASKPASS = [process.execPath, fileURLToPath(new URL("askpass-main.ts", import.meta.url))] as const;

export interface SshdOptions {
  /** Lines of sshd_config that go before ours. */
  readonly config?: readonly string[];
}

export class Sshd {
  readonly folder = mkdtempSync(join(tmpdir(), "eglantine-sshd-"));
  readonly #options: SshdOptions;
  #port = 0;
  #child: ChildProcess | undefined;
  #log = "";

  private constructor(options: SshdOptions) {
    this.#options = options;
  }

  /** Its host key is new; the user's key is let in, and its host key is in nobody's known_hosts. */
  static async start(options: SshdOptions = {}): Promise<Sshd> {
    const sshd = new Sshd(options);
    // Root's sshd wants it, and the package makes it at boot alone.
    if (userInfo().uid === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
    sshd.makeHostKey();
    sshd.makeKey("id", "");
    writeFileSync(sshd.#path("authorized_keys"), readFileSync(sshd.#path("id.pub")));
    await sshd.restart();
    return sshd;
  }

  get user(): string {
    return userInfo().username;
  }

  get port(): number {
    return this.#port;
  }

  get log(): string {
    return this.#log;
  }

  /** The one before is forgotten. */
  makeHostKey(): void {
    rmSync(this.#path("host"), { force: true });
    this.makeKey("host", "");
  }

  /** Of a public key in the folder, as ssh shows it. */
  fingerprint(name: string): string {
    return execFileSync("ssh-keygen", ["-lf", this.#path(`${name}.pub`)], { encoding: "utf8" }).split(" ")[1] ?? "";
  }

  makeKey(name: string, passphrase: string): void {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-C", name, "-f", this.#path(name)]);
  }

  allowKey(name: string): void {
    writeFileSync(this.#path("authorized_keys"), readFileSync(this.#path(`${name}.pub`)));
  }

  /** The host key becomes known under these names of the configuration. */
  trust(...names: readonly string[]): void {
    const key = readFileSync(this.#path("host.pub"), "utf8").trim().split(" ").slice(0, 2).join(" ");
    writeFileSync(this.#path("known_hosts"), names.map((name) => `${name} ${key}\n`).join(""));
  }

  get knownHosts(): string {
    return readFileSync(this.#path("known_hosts"), "utf8");
  }

  /** A program like `ssh`, for a user with this configuration; `desk` is this server. */
  userSsh(lines: readonly string[] = []): string {
    const script = this.#path("ssh");
    const config = [
      ...lines,
      "Host desk",
      "  HostName 127.0.0.1",
      "  HostKeyAlias desk",
      `  Port ${this.#port}`,
      `  User ${this.user}`,
      `  IdentityFile ${this.#path("id")}`,
      "Host *",
      "  IdentitiesOnly yes",
      `  UserKnownHostsFile ${this.#path("known_hosts")}`,
      "  GlobalKnownHostsFile /dev/null",
    ];
    writeFileSync(this.#path("config"), `${config.join("\n")}\n`);
    writeFileSync(script, `#!/bin/sh\nexec ${SSH} -F '${this.#path("config")}' "$@"\n`, { mode: 0o700 });
    return script;
  }

  /** On the port that it had, if it had one. */
  async restart(): Promise<void> {
    await this.stop();
    for (;;) {
      if (this.#port === 0) this.#port = await freePort();
      if (await this.#listens()) return;
      this.#port = 0;
    }
  }

  /** With all connections that it has. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.pid === undefined || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once("close", resolve));
    // Each connection has processes of its own, in groups of their own.
    for (const pid of descendants(child.pid)) {
      try {
        process.kill(pid, "SIGKILL");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      }
    }
    await gone;
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #path(name: string): string {
    return join(this.folder, name);
  }

  /** False when the port was taken. */
  async #listens(): Promise<boolean> {
    const config = [
      ...(this.#options.config ?? []),
      "ListenAddress 127.0.0.1",
      `Port ${this.#port}`,
      `HostKey ${this.#path("host")}`,
      `AuthorizedKeysFile ${this.#path("authorized_keys")}`,
      "PidFile none",
      "UsePAM no",
      "PermitRootLogin yes",
      "StrictModes no",
      "LogLevel VERBOSE",
    ];
    writeFileSync(this.#path("sshd_config"), `${config.join("\n")}\n`);
    const child = spawn(SSHD, ["-D", "-e", "-f", this.#path("sshd_config")], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#child = child;
    this.#log = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#log += text;
    });
    const ended = new Promise<"ended">((resolve) => child.once("close", () => resolve("ended")));
    const endMs = performance.now() + READY_MS;
    while (performance.now() < endMs) {
      const state = await Promise.race([ended, answers(this.#port)]);
      if (state === "ended") {
        if (!this.#log.includes("Address already in use")) throw new Error(`sshd: ${this.#log}`);
        return false;
      }
      if (state) return true;
    }
    throw new Error(`sshd does not answer: ${this.#log}`);
  }
}

/** Its first line has come: it serves. False after a moment, when it does not yet. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("data", () => {
      socket.destroy();
      resolve(true);
    });
    const again = (): void => void setTimeout(() => resolve(false), 25);
    socket.once("error", again);
    socket.once("end", again);
  });
}

/** This process and all below it, which may end while we look. */
function descendants(root: number): readonly number[] {
  const pairs = execFileSync("ps", ["-eo", "ppid=,pid="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const found = [root];
  for (const parent of found)
    for (const [ppid, pid] of pairs) if (ppid === parent && pid !== undefined) found.push(pid);
  return found;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

// Reaches an engine on another machine as the Docker CLI does: the system's `ssh` runs `docker system dial-stdio` there, and what goes in and comes
// out of that is the connection. Keys, agent, jump hosts and host keys are as the user's own SSH settings say. Used by `docker.ts`.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { Agent } from "node:http";
import { Duplex } from "node:stream";
import { SshDialError } from "./failure.ts";

export interface SshTarget {
  /** `host` or `user@host`. */
  readonly destination: string;
  readonly port?: number;
  /** Of the engine there; without one, the CLI's own choice there. */
  readonly socket?: string;
}

/** `ssh` and what stands before the destination in any case. */
export type SshCommand = readonly string[];

const SAID_MAX_CHARS = 4000;
const CONNECT_WITHIN_SECONDS = 15;

/** PURE. Nobody is asked anything: there is no terminal to ask at. */
export function sshArguments(command: SshCommand, { destination, port }: SshTarget): readonly string[] {
  const options = ["-T", "-o", "BatchMode=yes", "-o", `ConnectTimeout=${CONNECT_WITHIN_SECONDS}`];
  return [...command.slice(1), ...options, ...(port === undefined ? [] : ["-p", String(port)]), "--", destination];
}

/** What `ssh` writes and reads. Its end is the connection's, and only then is known whether it went well. */
class SshStream extends Duplex {
  readonly #child: ChildProcessWithoutNullStreams;

  constructor(argv: SshCommand) {
    super();
    const [file = "", ...args] = argv;
    this.#child = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"], windowsHide: true });
    const { stdin, stdout, stderr } = this.#child;
    let said = "";
    stderr.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-SAID_MAX_CHARS);
    });
    stdout.on("data", (bytes: Buffer) => {
      if (!this.push(bytes)) stdout.pause();
    });
    // One that has gone reads nothing more: why it went is told by its end.
    stdin.on("error", () => undefined);
    this.#child.once("error", (error: NodeJS.ErrnoException) =>
      this.destroy(new SshDialError(error.code ?? error.message)),
    );
    this.#child.once("close", (status) => {
      if (status === 0) this.push(null);
      else this.destroy(new SshDialError(said.trim() === "" ? `it ended with ${status}` : said.trim()));
    });
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.#child.stdin.write(bytes)) done();
    else if (this.#child.stdin.destroyed) done();
    else this.#child.stdin.once("drain", done);
  }

  override _final(done: () => void): void {
    this.#child.stdin.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#child.kill();
    done(error);
  }
}

function dial(command: SshCommand, target: SshTarget): Duplex {
  const docker = target.socket === undefined ? ["docker"] : ["docker", "--host", `unix://${target.socket}`];
  return new SshStream([command[0] ?? "ssh", ...sshArguments(command, target), ...docker, "system", "dial-stdio"]);
}

/** Each request is a connection, and a process, of its own: calls are few. */
export class SshAgent extends Agent {
  readonly #command: SshCommand;
  readonly #target: SshTarget;

  constructor(command: SshCommand, target: SshTarget) {
    super({ keepAlive: false });
    this.#command = command;
    this.#target = target;
  }

  override createConnection(): Duplex {
    return dial(this.#command, this.#target);
  }
}

// One container of a test: what runs in it, what it says, how it ends. Made by engine.ts.

import { answerOf } from "../../test/harness/health.ts";
import { until } from "../../test/harness/until.ts";
import type { Engine } from "./engine.ts";

/** Programs of the session find X server, bus, sound and printer by these; a `docker exec` has them not. */
const DESKTOP = `run=\${EGLANTINE_RUN_DIR:-/tmp/eglantine-$(id -u)}
export DISPLAY="$(cat "$run/display")" XAUTHORITY="$run/Xauthority" DBUS_SESSION_BUS_ADDRESS="unix:path=$run/bus"
export XDG_RUNTIME_DIR="$run/runtime" PULSE_SERVER="unix:$run/sound/native" CUPS_SERVER="$run/printing/socket"
exec "$@"`;

export class Container {
  readonly id: string;
  /** Published on 127.0.0.1; 0: none. */
  readonly port: number;
  /** When `docker run` was called, by performance.now(). */
  readonly startedMs: number;
  readonly #engine: Engine;

  constructor(engine: Engine, id: string, port: number, startedMs: number) {
    this.#engine = engine;
    this.id = id;
    this.port = port;
    this.startedMs = startedMs;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** Standard output and error so far. */
  async logs(): Promise<string> {
    const { stdout, stderr } = await this.#engine.try("logs", this.id);
    return stdout + stderr;
  }

  async inspect<Result>(template: string): Promise<Result> {
    return JSON.parse(await this.#engine.docker("inspect", "--format", `{{json ${template}}}`, this.id)) as Result;
  }

  isRunning(): Promise<boolean> {
    return this.inspect<boolean>(".State.Running");
  }

  /** Resolves when a viewer may connect; rejects with the log when that takes too long or the container ends. */
  async untilReady(limitMs = 60_000): Promise<void> {
    await this.#until("a viewer may connect", limitMs, async () => (await answerOf(`${this.url}health`)) === 200);
  }

  /** Resolves when the image's own HEALTHCHECK says so. */
  async untilHealthy(limitMs = 60_000): Promise<void> {
    await this.#until("healthy", limitMs, async () => (await this.inspect(".State.Health.Status")) === "healthy");
  }

  async #until(what: string, limitMs: number, holds: () => Promise<boolean>): Promise<void> {
    try {
      await until(
        what,
        async () => {
          if (await holds()) return true;
          if (!(await this.isRunning())) throw new Error(`${what}: the container has ended`);
          return false;
        },
        { limitMs, everyMs: 100 },
      );
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${(await this.logs()).slice(-4000)}`, { cause: error });
    }
  }

  /** Runs a program in it to its end, whatever its exit status. */
  tryExec(argv: readonly string[], flags: readonly string[] = []) {
    return this.#engine.try("exec", ...flags, this.id, ...argv);
  }

  /** Standard output of a program run in it. Rejects with what it complained about. */
  exec(...argv: readonly string[]): Promise<string> {
    return this.#engine.docker("exec", this.id, ...argv);
  }

  /** The same, on the desktop: it finds X server, session bus, sound and printer. */
  onDesktop(...argv: readonly string[]): Promise<string> {
    return this.exec("sh", "-c", DESKTOP, "sh", ...argv);
  }

  tryOnDesktop(...argv: readonly string[]) {
    return this.tryExec(["sh", "-c", DESKTOP, "sh", ...argv]);
  }

  /** `docker stop`: SIGTERM, and SIGKILL after the grace period. Resolves to the exit code. */
  async stop(graceSeconds = 10): Promise<number> {
    await this.#engine.docker("stop", "--time", String(graceSeconds), this.id);
    return this.inspect<number>(".State.ExitCode");
  }

  /** May be called again. */
  async close(): Promise<void> {
    await this.#engine.try("rm", "--force", "--volumes", this.id);
  }
}

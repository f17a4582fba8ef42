// Compiles, starts and drives pattern.c, the X client that draws what is measured. Its stamps and dumps go to bench/
// and latency/.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Process } from "./processes.ts";
import { fromBgrx, type Picture } from "./pixels.ts";

const SOURCE = fileURLToPath(new URL("pattern.c", import.meta.url));
export const OUTPUT = fileURLToPath(new URL("../output/", import.meta.url));

export type PatternMode = "blank" | "flip" | "patch" | "busy" | "quarter" | "move" | "storm" | "still";

/** Microseconds of CLOCK_MONOTONIC. */
export interface KeyStamp {
  readonly receivedUs: number;
  /** The drawing has been handed to the X server. */
  readonly drawnUs: number;
}

export interface FrameStamp {
  readonly counter: number;
  readonly drawnUs: number;
  /** The X server has drawn it; 0 when that was not seen. */
  readonly doneUs: number;
}

export interface Stamps {
  readonly keys: readonly KeyStamp[];
  readonly frames: readonly FrameStamp[];
}

function compile(): string {
  const program = join(OUTPUT, "pattern");
  mkdirSync(OUTPUT, { recursive: true });
  if (!existsSync(program) || statSync(program).mtimeMs < statSync(SOURCE).mtimeMs) {
    execFileSync("cc", ["-O2", "-Wall", "-Wextra", "-o", program, SOURCE, "-lxcb", "-lm"], { stdio: "inherit" });
  }
  return program;
}

export class Pattern {
  readonly pid: number;
  readonly #process: Process;

  private constructor(process: Process) {
    this.#process = process;
    this.pid = process.pid;
  }

  /** A window over the whole display that holds the keyboard. */
  static async start(display: string): Promise<Pattern> {
    const process = new Process([compile(), display]);
    try {
      await process.line(/^ready /);
    } catch (error) {
      await process.close();
      throw error;
    }
    return new Pattern(process);
  }

  async #ask(command: string, answer: RegExp): Promise<string> {
    const line = this.#process.line(answer);
    this.#process.write(`${command}\n`);
    return line;
  }

  /** Resolves to the moment when the X server had drawn it, microseconds. */
  async show(mode: PatternMode): Promise<number> {
    const line = await this.#ask(`mode ${mode}`, /^mode /);
    return Number(line.split(" ")[2]);
  }

  /** Waits so long between a key and its drawing: how the harness shows that it sees a delay. */
  async setDelayMs(delayMs: number): Promise<void> {
    await this.#ask(`delay ${delayMs}`, /^delay /);
  }

  /** Moves the moments at which a moving picture is drawn: two clocks of 60 Hz keep their phase for minutes. */
  async shiftUs(shiftUs: number): Promise<void> {
    await this.#ask(`shift ${Math.round(shiftUs)}`, /^shift /);
  }

  /** What happened since the last call or the last mode. */
  async stamps(): Promise<Stamps> {
    const lines: string[] = [];
    const stop = this.#process.tap((line) => lines.push(line));
    try {
      await this.#ask("stamps", /^end$/);
    } finally {
      stop();
    }
    const fields = lines.map((line) => line.split(" "));
    return {
      keys: fields
        .filter(([kind]) => kind === "k")
        .map(([, received, drawn]) => ({ receivedUs: Number(received), drawnUs: Number(drawn) })),
      frames: fields
        .filter(([kind]) => kind === "f")
        .map(([, counter, drawn, done]) => ({
          counter: Number(counter),
          drawnUs: Number(drawn),
          doneUs: Number(done),
        })),
    };
  }

  /** What the screen really shows. */
  async dump(): Promise<Picture> {
    const path = join(OUTPUT, `screen-${this.pid}.bgrx`);
    const [, width, height] = (await this.#ask(`dump ${path}`, /^dump /)).split(" ");
    const picture = fromBgrx(readFileSync(path), Number(width), Number(height));
    rmSync(path);
    return picture;
  }

  close(): Promise<void> {
    return this.#process.close();
  }
}

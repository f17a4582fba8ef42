// A real xterm on an X display whose text a test reads back from a file: what the program in the terminal received,
// not what the agent believes it sent.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./until.ts";

export interface TerminalOptions {
  readonly display: string;
  /** "bytes": every byte as it comes, nothing interpreted but Enter. "shell": bash in the folder `folder`. */
  readonly mode: "bytes" | "shell";
  /** What pastes the clipboard, as an X translation, e.g. "Ctrl<Key>v"; xterm's own without it. */
  readonly pasteKey?: string;
}

export class Terminal {
  /** The shell's working folder, removed by `close()`. */
  readonly folder: string;
  readonly #child: ChildProcess;
  #closed = false;

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    this.folder = folder;
  }

  /** Fills a 1000 x 700 screen from its upper left corner. Resolves when the program in it reads. */
  static async start({ display, mode, pasteKey }: TerminalOptions): Promise<Terminal> {
    const folder = mkdtempSync(join(tmpdir(), "eglantine-terminal-"));
    writeFileSync(join(folder, "rc"), "PS1=\n: > ready\n");
    const program =
      mode === "bytes" ? "stty raw -echo; stty icrnl; : > ready; exec cat > text" : "exec bash --noprofile --rcfile rc";
    const child = spawn(
      "xterm",
      [
        "-display",
        display,
        "-geometry",
        "110x40+0+0",
        "-fa",
        "DejaVu Sans Mono",
        "-fs",
        "11",
        ...(pasteKey === undefined
          ? []
          : ["-xrm", `*VT100.translations: #override ${pasteKey}: insert-selection(CLIPBOARD)`]),
        "-e",
        "bash",
        "-c",
        program,
      ],
      { cwd: folder, stdio: "ignore", env: { ...process.env, LC_ALL: "C.UTF-8" } },
    );
    const terminal = new Terminal(child, folder);
    await until(`a terminal on ${display}`, () => existsSync(join(folder, "ready")) || child.exitCode !== null);
    if (child.exitCode !== null) throw new Error(`xterm on ${display} ended with ${child.exitCode}`);
    return terminal;
  }

  /** In "bytes": everything typed so far. In "shell": the contents of a file of the folder, "" when there is none. */
  text(file = "text"): string {
    const path = join(this.folder, file);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  /** Whether the program has made this file in the folder. */
  has(file: string): boolean {
    return existsSync(join(this.folder, file));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, "exit");
      this.#child.kill("SIGKILL");
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

// A program that draws on a real X display at a test's command: native/test/painter.c.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { painterProgram } from "./programs.ts";

export class Painter {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;

  constructor(display: string) {
    this.#child = spawn(painterProgram(), [display]);
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** One command of painter.c; resolves, when the server has done it, to that moment in µs of CLOCK_MONOTONIC. */
  async paint(command: string): Promise<number> {
    this.#child.stdin.write(`${command}\n`);
    const answer = await this.#answers.next();
    if (answer.done) throw new Error(`the painter ended at "${command}"`);
    return Number(answer.value.split(" ")[1]);
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill();
    await exited;
  }
}

// Programs that the benchmarks and the end-to-end tests start: their output lines, their end, their CPU time.
// Used by processes-xvnc.ts, pattern.ts, agent.ts and yardstick.ts; the figures go to bench/.

import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Opens descriptor 3 for the child; its lines are read like those of stdout. */
  readonly descriptor3?: boolean;
}

interface Waiter {
  readonly match: (line: string) => boolean;
  readonly resolve: (line: string) => void;
  readonly reject: (error: Error) => void;
}

/** Lines kept for `allLines()`. */
const KEPT_LINES = 50_000;
/** Lines of `log()`, which goes into error messages. */
const SHOWN_LINES = 60;

/** Ended with us, whatever ends us. */
const living = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of living) child.kill("SIGKILL");
});

/** One child process. `close()` ends it: SIGTERM, and SIGKILL when it has not gone after two seconds. */
export class Process {
  readonly name: string;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #waiters = new Set<Waiter>();
  readonly #taps = new Set<(line: string) => void>();
  readonly #lines: string[] = [];
  #droppedLines = 0;
  #gone = false;

  constructor(argv: readonly string[], options: ProcessOptions = {}) {
    const [file, ...args] = argv;
    if (file === undefined) throw new Error("no program given");
    this.name = file;
    this.#child = spawn(file, args, {
      stdio: ["pipe", "pipe", "pipe", options.descriptor3 === true ? "pipe" : "ignore"],
      env: { ...process.env, ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    this.pid = this.#child.pid ?? 0;
    living.add(this.#child);
    this.#exited = new Promise((resolve) => {
      const end = (why: string) => {
        this.#gone = true;
        living.delete(this.#child);
        for (const waiter of this.#waiters) waiter.reject(new Error(`${file} ${why}:\n${this.log()}`));
        this.#waiters.clear();
        resolve();
      };
      this.#child.once("error", (error) => end(`did not start (${error.message})`));
      this.#child.once("exit", (code, signal) => end(`ended (${signal ?? code})`));
    });
    this.#child.stdin?.on("error", (error) => this.#onLine(`stdin: ${error.message}`));
    for (const stream of this.#child.stdio.slice(1)) {
      if (stream === null || stream === undefined || !("read" in stream)) continue;
      createInterface({ input: stream }).on("line", (line) => this.#onLine(line));
    }
  }

  #onLine(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > KEPT_LINES) {
      this.#lines.shift();
      this.#droppedLines++;
    }
    for (const tap of this.#taps) tap(line);
    for (const waiter of this.#waiters) {
      if (!waiter.match(line)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(line);
    }
  }

  /** The next line that matches. Rejects when the process ends first or `timeoutMs` is over. */
  line(match: RegExp, timeoutMs = 15_000): Promise<string> {
    if (this.#gone) return Promise.reject(new Error(`${this.name} has ended:\n${this.log()}`));
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        match: (line) => match.test(line),
        resolve: (line) => {
          clearTimeout(timer);
          resolve(line);
        },
        reject: (error) => {
          clearTimeout(timer);
          this.#waiters.delete(waiter);
          reject(error);
        },
      };
      const timer = setTimeout(
        () => waiter.reject(new Error(`${this.name}: no line like ${match} within ${timeoutMs} ms:\n${this.log()}`)),
        timeoutMs,
      );
      this.#waiters.add(waiter);
    });
  }

  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** True when it has ended, or never started. */
  get isOver(): boolean {
    return this.#gone;
  }

  /** The last lines of all its outputs. */
  log(): string {
    return this.#lines.slice(-SHOWN_LINES).join("\n");
  }

  /** Every line of all its outputs so far. Throws when there were more than are kept. */
  allLines(): readonly string[] {
    if (this.#droppedLines > 0) throw new Error(`${this.name}: the first ${this.#droppedLines} lines were not kept`);
    return this.#lines;
  }

  /** Every line from now on; the returned function ends it. */
  tap(listener: (line: string) => void): () => void {
    this.#taps.add(listener);
    return () => this.#taps.delete(listener);
  }

  async close(): Promise<void> {
    if (!this.#gone) this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 2000);
    await this.#exited;
    clearTimeout(timer);
  }
}

/** USER_HZ of Linux: the unit of /proc/PID/stat. */
const TICKS_PER_SECOND = 100;

/** A file of /proc/PID, or "" when the process has gone (ENOENT before, ESRCH while it is read). */
function textOf(pid: number, file: "stat" | "cmdline"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return "";
    throw error;
  }
}

/** The fields of /proc/PID/stat behind the name (field 3 is index 0), or undefined when the process has gone. */
function statFields(pid: number): string[] | undefined {
  const stat = textOf(pid, "stat");
  return stat === "" ? undefined : stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** True while the process runs: one that has gone does not, nor does a zombie, which only waits for its parent. */
export function isAlive(pid: number): boolean {
  const state = statFields(pid)?.[0];
  return state !== undefined && !["Z", "X"].includes(state);
}

/** Program and arguments; none of a process that has gone, and none of a zombie. */
export function commandLine(pid: number): string[] {
  return textOf(pid, "cmdline").split("\0").slice(0, -1);
}

/** Sends the signal to those of the processes that are still there. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

/** CPU time of these processes so far, all their threads, user and system, ms (resolution 10 ms). */
export function cpuMs(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const fields = statFields(pid);
    if (fields !== undefined) ticks += Number(fields[11]) + Number(fields[12]);
  }
  return (ticks * 1000) / TICKS_PER_SECOND;
}

/** These processes and all their descendants. */
export function processTree(roots: readonly number[]): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const fields = statFields(Number(entry));
    if (fields === undefined) continue;
    const parent = Number(fields[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const tree: number[] = [];
  const queue = [...roots];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    tree.push(pid);
    queue.push(...(children.get(pid) ?? []));
  }
  return tree;
}

/** Microseconds of CLOCK_MONOTONIC, the clock of pattern.c and of Chromium's `performance`. */
export function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

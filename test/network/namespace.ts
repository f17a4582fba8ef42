// A network of one's own for the agent: a namespace joined to this one by a veth pair, whose rate, queue and loss the kernel
// keeps (tbf, nftables). Delay, jitter and bursts are relay.ts's, since not every kernel has netem. Used by shaped-desk.ts.

import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { isAlive } from "../harness/processes.ts";

let made = 0;
/** Taken away with us, whatever ends us. */
const living = new Set<Namespace>();
process.on("exit", () => {
  for (const namespace of living) namespace.close();
});

/** Those of processes that were killed. */
function sweep(): void {
  for (const [, name = "", pid = ""] of run(["ip", "netns", "list"]).matchAll(/^(eglantine-(\d+)-\d+)/gm)) {
    if (!isAlive(Number(pid))) run(["ip", "netns", "delete", name]);
  }
}

/** Of the private 10.213.0.0/16, one that nobody here uses. */
function freeNet(): string {
  const taken = run(["ip", "-4", "address", "show"]);
  for (let third = 1; third < 255; third += 1) {
    const net = `10.213.${(process.pid + third) % 255}`;
    if (!taken.includes(`${net}.`)) return net;
  }
  throw new Error("no free network of 10.213.0.0/16 for a namespace");
}

function run(argv: readonly string[], input?: string): string {
  const [file = "", ...args] = argv;
  const done = spawnSync(file, args, { encoding: "utf8", ...(input === undefined ? {} : { input }) });
  if (done.status !== 0) throw new Error(`${argv.join(" ")}: ${done.error?.message ?? done.stderr}`);
  return done.stdout;
}

/** Why this machine makes no namespaces, or undefined when it does. */
export function namespaceRefusal(): string | undefined {
  const name = `eglantine-probe-${process.pid}`;
  try {
    run(["ip", "netns", "add", name]);
    run(["ip", "netns", "delete", name]);
    run(["nft", "--version"]);
    return undefined;
  } catch (error) {
    return `no network namespaces here: ${String(error)}`;
  }
}

export interface LinkCounters {
  readonly bytes: number;
  /** Bytes that wait in the queue now. */
  readonly backlogBytes: number;
  /** Packets that found the queue full. */
  readonly droppedPackets: number;
}

/** Packets of 1500 bytes a tbf may send at once: less and it can't keep its rate by a timer of 1 ms. */
const BURST_BYTES = 3200;

export class Namespace {
  readonly name: string;
  /** Inside; the agent's. */
  readonly address: string;
  /** Outside: what reaches the agent. Others of this machine are refused. */
  readonly relayAddress: string;
  readonly #outer: string;
  readonly #inner: string;
  #shaped = false;
  #shell: ChildProcessByStdio<Writable, Readable, null> | undefined;
  #answers: AsyncIterator<string> | undefined;

  private constructor() {
    sweep();
    const id = `${process.pid}-${made++}`;
    const net = freeNet();
    this.name = `eglantine-${id}`;
    this.address = `${net}.1`;
    this.relayAddress = `${net}.3`;
    this.#outer = `ego${id}`.slice(0, 15);
    this.#inner = `egi${id}`.slice(0, 15);
    run(["ip", "netns", "add", this.name]);
    living.add(this);
    try {
      run(["ip", "link", "add", this.#outer, "type", "veth", "peer", "name", this.#inner, "netns", this.name]);
      run(["ip", "address", "add", `${net}.2/24`, "dev", this.#outer]);
      run(["ip", "address", "add", `${this.relayAddress}/24`, "dev", this.#outer]);
      run(["ip", "link", "set", this.#outer, "up"]);
      this.#inside("ip", "address", "add", `${this.address}/24`, "dev", this.#inner);
      this.#inside("ip", "link", "set", this.#inner, "up");
      this.#inside("ip", "link", "set", "lo", "up");
      // A segment of 64 KB would pass the shaper whole: packets are to be packets.
      this.#inside("ip", "link", "set", this.#inner, "gso_max_segs", "1");
      // The browser finds the agent's own address too; only what comes by the relay is under test.
      this.#filter("input", `meta l4proto udp ip saddr != ${this.relayAddress} drop`);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  static open(): Namespace {
    return new Namespace();
  }

  /** The command as it runs inside. */
  command(argv: readonly string[]): string[] {
    return ["ip", "netns", "exec", this.name, ...argv];
  }

  /** What the agent sends passes at this rate and waits at most so long; undefined: as fast as it goes. */
  shape(rateBps: number | undefined, queueMs = 200): void {
    if (rateBps === undefined) {
      if (this.#shaped) this.#inside("tc", "qdisc", "delete", "dev", this.#inner, "root");
      this.#shaped = false;
      return;
    }
    const rate = ["rate", `${Math.round(rateBps)}bit`, "burst", `${BURST_BYTES}`, "latency", `${queueMs}ms`];
    this.#inside("tc", "qdisc", this.#shaped ? "change" : "add", "dev", this.#inner, "root", "tbf", ...rate);
    this.#shaped = true;
  }

  /** Of all packets that the agent sends, this share is lost at random. */
  lose(share: number): void {
    this.#filter("output", share === 0 ? "accept" : `numgen random mod 10000 < ${Math.round(share * 10_000)} drop`);
  }

  async counters(): Promise<LinkCounters> {
    const [root] = JSON.parse(await this.#ask(`tc -s -j qdisc show dev ${this.#inner}`)) as {
      backlog?: number;
      drops?: number;
    }[];
    return {
      bytes: Number(readFileSync(`/sys/class/net/${this.#outer}/statistics/rx_bytes`, "utf8")),
      backlogBytes: root?.backlog ?? 0,
      droppedPackets: root?.drops ?? 0,
    };
  }

  close(): void {
    if (!living.delete(this)) return;
    this.#shell?.kill();
    run(["ip", "netns", "delete", this.name]);
  }

  /** The line that a command prints. One shell for all: to start a process takes time that the relay, which is in ours, has not got. */
  async #ask(command: string): Promise<string> {
    if (this.#shell === undefined || this.#answers === undefined) {
      const [file = "", ...args] = this.command(["sh"]);
      this.#shell = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
      this.#answers = createInterface({ input: this.#shell.stdout })[Symbol.asyncIterator]();
    }
    this.#shell.stdin.write(`${command}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error(`${command}: the shell has gone`);
    return value;
  }

  #inside(...argv: string[]): string {
    return run(this.command(argv));
  }

  /** One rule for all packets that come in or go out; replaces the one before. */
  #filter(hook: "input" | "output", rule: string): void {
    const table = `table inet eglantine_${hook}`;
    const chain = `${table} {\n chain packets {\n type filter hook ${hook} priority 0;\n ${rule}\n }\n}\n`;
    run(this.command(["nft", "-f", "-"]), `add ${table}\ndelete ${table}\n${chain}`);
  }
}

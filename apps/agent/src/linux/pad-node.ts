// One device node of a gamepad, /dev/input/eventN or jsN, as a Unix socket: each program that opens it is one connection, and reads
// from it what the kernel would write. Up come force feedback and ioctls. The other end is image/gamepad/device.h; from `interposer.ts`.

import { createServer, type Server, type Socket } from "node:net";
import { chmodSync, linkSync, rmSync } from "node:fs";
import { type AxisRange, EV, GAMEPAD, jsValue } from "../input/gamepad.ts";
import { type ForceListener, type InputRecord, PadError } from "../input/pad-types.ts";
import {
  decodeEvents,
  encodeEvents,
  encodeJsEvents,
  eventBytes,
  type JsRecord,
  type WordBytes,
} from "./input-event.ts";
import { forceOf } from "./pad-force.ts";

const HELLO = "EGP1";
const HELLO_BYTES = 9;
/** linux/input-event-codes.h */
const SYN = { REPORT: 0, DROPPED: 3 } as const;
/** Stands for an ioctl, see device.h. */
const CLOCK = 0x7004;
const CLOCK_REALTIME = 0;
/** Programs that have one node open. */
const PROGRAMS_MAX = 64;

export interface PadNodeOptions {
  readonly kind: "event" | "js";
  /** Where the socket is bound, and where it appears once it listens. */
  readonly boundPath: string;
  readonly path: string;
  /** How the pad stands now, all of it. */
  readonly state: () => readonly InputRecord[];
  /** How often that has changed. */
  readonly changes: () => number;
  readonly onForce: ForceListener;
}

let owners = 0;

export class PadNode {
  readonly #options: PadNodeOptions;
  readonly #server: Server;
  readonly #programs = new Set<Program>();

  /** Throws a PadError. */
  constructor(options: PadNodeOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#accept(socket));
    // What it would say is thrown below.
    this.#server.on("error", () => undefined);
    rmSync(options.boundPath, { force: true });
    this.#server.listen(options.boundPath);
    // A Unix socket listens at once, or never will.
    if (!this.#server.listening) throw new PadError(`no socket can be bound to ${options.boundPath}`);
    try {
      // Nobody may find it before it listens. Those who watch the folder are told twice, as of a device whose rights udev sets.
      linkSync(options.boundPath, options.path);
      chmodSync(options.path, 0o600);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** What has changed. */
  write(records: readonly InputRecord[]): void {
    for (const program of this.#programs) program.write(records);
  }

  /** Idempotent. */
  close(): void {
    rmSync(this.#options.path, { force: true });
    for (const program of this.#programs) program.close();
    this.#server.close();
    rmSync(this.#options.boundPath, { force: true });
  }

  #accept(socket: Socket): void {
    if (this.#programs.size >= PROGRAMS_MAX) {
      socket.destroy();
      return;
    }
    const program = new Program(socket, (owners += 1), this.#options);
    this.#programs.add(program);
    socket.once("close", () => this.#programs.delete(program));
  }
}

/** One program that has the node open. */
class Program {
  readonly #socket: Socket;
  readonly #owner: number;
  readonly #options: PadNodeOptions;
  /** Unknown before the hello. */
  #word: WordBytes | undefined;
  #clock = CLOCK_REALTIME;
  #waiting = Buffer.alloc(0);
  #dropped = false;

  constructor(socket: Socket, owner: number, options: PadNodeOptions) {
    this.#socket = socket;
    this.#owner = owner;
    this.#options = options;
    // A program that is killed in the middle: `close` follows.
    socket.on("error", () => socket.destroy());
    socket.on("data", (data) => this.#take(data));
    socket.on("drain", () => this.#resync());
    socket.once("close", () => options.onForce(owner, { kind: "gone" }));
  }

  write(records: readonly InputRecord[]): void {
    if (this.#word === undefined || this.#dropped) return;
    // A program that reads nothing for long loses events, as from a device, instead of being told old ones later.
    if (this.#socket.writableNeedDrain) {
      this.#dropped = true;
      return;
    }
    this.#put(records);
  }

  close(): void {
    this.#socket.end();
    this.#socket.destroySoon();
  }

  #put(records: readonly InputRecord[]): void {
    const word = this.#word ?? 8;
    if (this.#options.kind === "js") this.#socket.write(encodeJsEvents(jsRecords(records), performance.now(), false));
    else this.#socket.write(encodeEvents([...records, REPORT], this.#now(), word));
  }

  /** It reads again: what it has missed is told as a whole. */
  #resync(): void {
    if (!this.#dropped) return;
    this.#dropped = false;
    if (this.#options.kind === "js") this.#sendState();
    else this.#put([{ type: EV.SYN, code: SYN.DROPPED, value: 0 }]);
  }

  #sendState(): void {
    this.#socket.write(encodeJsEvents(jsRecords(this.#options.state()), performance.now(), true));
  }

  #now(): { seconds: number; microseconds: number } {
    const atUs = this.#clock === CLOCK_REALTIME ? Date.now() * 1000 : Number(process.hrtime.bigint() / 1000n);
    return { seconds: Math.floor(atUs / 1e6), microseconds: Math.floor(atUs % 1e6) };
  }

  #take(data: Buffer): void {
    let bytes = this.#waiting.length === 0 ? data : Buffer.concat([this.#waiting, data]);
    if (this.#word === undefined) {
      if (bytes.length < HELLO_BYTES) {
        this.#waiting = Buffer.from(bytes);
        return;
      }
      const word = bytes[4];
      if (bytes.toString("latin1", 0, 4) !== HELLO || (word !== 4 && word !== 8)) {
        this.#socket.destroy();
        return;
      }
      this.#word = word;
      const { kind, state, changes } = this.#options;
      if (kind === "js") this.#sendState();
      else if (bytes.readUInt32LE(5) !== changes()) this.#put(state());
      bytes = bytes.subarray(HELLO_BYTES);
    }
    const size = eventBytes(this.#word);
    for (const record of decodeEvents(bytes, this.#word)) this.#heed(record);
    this.#waiting = Buffer.from(bytes.subarray(bytes.length - (bytes.length % size)));
  }

  #heed(record: InputRecord): void {
    if (record.type === CLOCK) {
      this.#clock = record.value;
      return;
    }
    const force = this.#options.kind === "event" ? forceOf(record) : undefined;
    if (force !== undefined) this.#options.onForce(this.#owner, force);
  }
}

const REPORT: InputRecord = { type: EV.SYN, code: SYN.REPORT, value: 0 };

const JS_BUTTONS = new Map<number, number>(GAMEPAD.keys.map((key, number) => [key, number]));
const JS_AXES = new Map<number, readonly [number, AxisRange]>(
  GAMEPAD.axes.map((range, number) => [range.code, [number, range]]),
);

function jsRecords(records: readonly InputRecord[]): JsRecord[] {
  return records.flatMap(({ type, code, value }): JsRecord[] => {
    const button = type === EV.KEY ? JS_BUTTONS.get(code) : undefined;
    if (button !== undefined) return [{ kind: "button", number: button, value }];
    const axis = type === EV.ABS ? JS_AXES.get(code) : undefined;
    return axis === undefined ? [] : [{ kind: "axis", number: axis[0], value: jsValue(axis[1], value) }];
  });
}

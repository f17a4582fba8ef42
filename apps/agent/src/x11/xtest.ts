// Puts keys, buttons and motion into the X server with XTEST: the end of the walk "key → X server".
// Called by `input/injector.ts`; requests gather in the connection's buffer and leave in one write at `flush`.

import type { KeyboardState, PointerInfo, Xkb, XTest } from "x11";
import type { InputPort, Locks } from "../input/types.ts";
import type { XConnection } from "./client.ts";
import type { Spot } from "./warps.ts";

/** XTEST FakeInput: detail of MotionNotify, whether its coordinates are a difference (XTEST protocol 2.2). */
const ABSOLUTE = 0;
const RELATIVE = 1;
/** Core protocol: Button1Mask of a key and button mask; buttons 2 to 5 follow. */
const BUTTON1_MASK = 0x100;
/** XKB protocol: the core keyboard; core protocol: LockMask. */
const CORE_KEYBOARD = 0x100;
const LOCK_MASK = 2;
/** Mod2: where the layouts of every distribution (xkeyboard-config) have Num Lock. */
const NUM_LOCK_MASK = 16;
/** XKB protocol: XkbStateNotify. */
const STATE = 4;

export class XTestPort implements InputPort {
  #connection: XConnection | undefined;
  #xtest: XTest | undefined;
  #xkb: Xkb | undefined;
  /** Modifiers that the X server has locked, by its own word; undefined: it has said nothing. */
  #locked: number | undefined;
  #put: Spot | undefined;
  #step: Spot | undefined;

  /** Where the pointer was put last; undefined where it was moved by counts since. */
  get put(): Spot | undefined {
    return this.#put;
  }

  async attach(connection: XConnection): Promise<void> {
    const xtest = await connection.extension<XTest>("xtest");
    await this.#releaseLeftovers(connection, xtest);
    const xkb = await connection.extension<Xkb>("xkb").catch(() => undefined);
    this.#xkb = xkb;
    if (xkb !== undefined) await this.#followLocks(connection, xkb);
    this.#xtest = xtest;
    this.#connection = connection;
  }

  detach(): void {
    this.#connection = undefined;
    this.#put = undefined;
    this.#step = undefined;
    this.#xtest = undefined;
    this.#xkb = undefined;
    this.#locked = undefined;
  }

  key(keycode: number, pressed: boolean): void {
    const xtest = this.#xtest;
    xtest?.FakeInput(pressed ? xtest.KeyPress : xtest.KeyRelease, keycode, 0, 0, 0, 0);
  }

  button(button: number, pressed: boolean): void {
    const xtest = this.#xtest;
    xtest?.FakeInput(pressed ? xtest.ButtonPress : xtest.ButtonRelease, button, 0, 0, 0, 0);
  }

  moveTo(xPx: number, yPx: number): void {
    this.#put = { xPx, yPx };
    const xtest = this.#xtest;
    xtest?.FakeInput(xtest.MotionNotify, ABSOLUTE, 0, this.#connection?.root ?? 0, xPx, yPx);
  }

  /**
   * The X server does not accelerate what comes by XTEST, whatever `xset m` says. SDL2 takes two equal steps in one millisecond for one that
   * it is told twice: a step of nothing goes between.
   */
  moveBy(dx: number, dy: number): void {
    const xtest = this.#xtest;
    this.#put = undefined;
    if (this.#step?.xPx === dx && this.#step.yPx === dy) xtest?.FakeInput(xtest.MotionNotify, RELATIVE, 0, 0, 0, 0);
    this.#step = { xPx: dx, yPx: dy };
    xtest?.FakeInput(xtest.MotionNotify, RELATIVE, 0, 0, dx, dy);
  }

  unlockCaps(): void {
    this.#lock(LOCK_MASK, 0);
  }

  setLocks({ caps, num }: Locks): void {
    this.#lock(LOCK_MASK | NUM_LOCK_MASK, (caps ? LOCK_MASK : 0) | (num ? NUM_LOCK_MASK : 0));
  }

  async #followLocks(connection: XConnection, xkb: Xkb): Promise<void> {
    connection.onEvent((event) => {
      if (event.name === "XkbStateNotify") this.#locked = Number(event["lockedMods"]);
    });
    xkb.SelectEvents(CORE_KEYBOARD, STATE, 0, STATE, 0, 0);
    const state = connection.ask<KeyboardState>((callback) => xkb.GetState(CORE_KEYBOARD, callback));
    this.#locked = (await state.catch(() => undefined))?.lockedMods;
  }

  /** Nothing is asked for that is so already: it would stand before every key. What changes it meanwhile is told by the server. */
  #lock(mask: number, locks: number): void {
    if (this.#locked !== undefined && (this.#locked & mask) === locks) return;
    this.#xkb?.LatchLockState(CORE_KEYBOARD, mask, locks, 0, 0, 0, 0, 0, 0);
    if (this.#locked !== undefined) this.#locked = (this.#locked & ~mask) | locks;
  }

  flush(): void {
    this.#connection?.client.pack_stream.flush();
  }

  /** An agent that was killed may have left keys and buttons down; the server keeps them so. XTEST frees its own alone. */
  async #releaseLeftovers(connection: XConnection, xtest: XTest): Promise<void> {
    const { client, root } = connection;
    const [keys, pointer] = await Promise.all([
      connection.ask<Buffer>((callback) => client.QueryKeymap(callback)),
      connection.ask<PointerInfo>((callback) => client.QueryPointer(root, callback)),
    ]);
    for (const [index, bits] of keys.entries()) {
      for (let bit = 0; bit < 8; bit += 1) {
        if ((bits & (1 << bit)) !== 0) xtest.FakeInput(xtest.KeyRelease, index * 8 + bit, 0, 0, 0, 0);
      }
    }
    for (let button = 1; button <= 5; button += 1) {
      const down = (pointer.keyMask & (BUTTON1_MASK << (button - 1))) !== 0;
      if (down) xtest.FakeInput(xtest.ButtonRelease, button, 0, 0, 0, 0);
    }
    client.pack_stream.flush();
  }
}

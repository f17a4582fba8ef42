// The size of the desktop: read, followed through RandR, and changed for a viewer. Asked by `session/session.ts`.
// A size of exactly the wanted pixels is a mode of its own on the one output that is on.

import type { Geometry, ModeInfo, OutputInfo, RandR } from "x11";
import { messageOf } from "../errors.ts";
import type { Screen } from "../input/types.ts";
import type { Log } from "../log.ts";
import type { XConnection } from "./client.ts";

/** RandR protocol 1.5. */
const SCREEN_CHANGE = 1;
const CONNECTED = 0;
const ROTATE_0 = 1;
const NO_MODE = 0;
const MM_PER_INCH = 25.4;
const MODE_PREFIX = "eglantine ";
const STARTING_HZ = 60;
/** Rates closer than this are the same: 59.94 is a television's 60. */
const RATE_SLACK_HZ = 0.5;
const CARD32_MAX = 0xffff_ffff;

export class XScreen {
  readonly #log: Log;
  readonly #rateHz: number;
  readonly #onSize: (screen: Screen) => void;
  #connection: XConnection | undefined;
  #randr: RandR | undefined;
  #screen: Screen = { widthPx: 1, heightPx: 1 };
  #wanted: Screen | undefined;
  #turn: Promise<void> | undefined;
  #dpi: number;
  /** That the X server was told last; 0: none yet. */
  #toldDpi = 0;

  constructor(options: { dpi: number; rateHz: number; log: Log; onSize: (screen: Screen) => void }) {
    this.#dpi = options.dpi;
    this.#rateHz = options.rateHz;
    this.#log = options.log;
    this.#onSize = options.onSize;
  }

  get size(): Screen {
    return this.#screen;
  }

  async attach(connection: XConnection): Promise<void> {
    const randr = await connection.extension<RandR>("randr").catch(() => undefined);
    randr?.SelectInput(connection.root, SCREEN_CHANGE);
    connection.onEvent((event) => {
      if (event.name !== "RRScreenChangeNotify") return;
      this.#take({ widthPx: Number(event["width"]), heightPx: Number(event["height"]) });
    });
    // Asked behind SelectInput, so that no change falls in between.
    await this.#ask(connection);
    this.#randr = randr;
    this.#connection = connection;
  }

  detach(): void {
    this.#connection = undefined;
    this.#randr = undefined;
    this.#toldDpi = 0;
  }

  /** What the X server says of the screen's size in millimetres follows from it; from the next change of size on, or from `tellDpi()`. */
  set dpi(dpi: number) {
    this.#dpi = dpi;
  }

  /** Says the millimetres anew where they are not what `dpi` asks for. */
  tellDpi(): void {
    if (this.#toldDpi === this.#dpi || this.#connection === undefined || this.#randr === undefined) return;
    this.#setScreenSize(this.#connection, this.#randr, this.#screen);
    this.#connection.client.pack_stream.flush();
  }

  /** The mode that the X server began with says 60 Hz, whatever the operator's rate is. */
  async tellRate(): Promise<void> {
    if (this.#rateHz !== STARTING_HZ) await this.#change(this.#screen);
  }

  /**
   * Makes the desktop this large. One change at a time, and of those asked for meanwhile only the last. Resolves when
   * the turn is over; rejects with a sentence when the X server would not.
   */
  resize(wanted: Screen): Promise<void> {
    // Video is 4:2:0: sides are even.
    this.#wanted = { widthPx: wanted.widthPx & ~1, heightPx: wanted.heightPx & ~1 };
    this.#turn ??= this.#resizeAll().finally(() => {
      this.#turn = undefined;
    });
    return this.#turn;
  }

  async #resizeAll(): Promise<void> {
    while (this.#wanted !== undefined) {
      const wanted = this.#wanted;
      this.#wanted = undefined;
      if (wanted.widthPx === this.#screen.widthPx && wanted.heightPx === this.#screen.heightPx) continue;
      try {
        await this.#change(wanted);
      } catch (error) {
        if (this.#wanted === undefined) throw error;
        this.#log.debug({ detail: messageOf(error) }, "resize failed; a newer one follows");
      }
    }
  }

  async #change(wanted: Screen): Promise<void> {
    const [connection, randr] = [this.#connection, this.#randr];
    if (connection === undefined) throw new Error("the X server is away");
    if (randr === undefined) throw new Error("the X server has no RandR extension");
    const { client, root } = connection;
    const resources = await connection.ask((callback: Parameters<RandR["GetScreenResourcesCurrent"]>[1]) =>
      randr.GetScreenResourcesCurrent(root, callback),
    );
    const { output, info } = await this.#onlyOutput(connection, randr, resources.outputs, resources.config_timestamp);
    const before = this.#screen;
    const mode = await this.#modeFor(connection, randr, wanted, resources.modeinfos, output, info);
    const configure = (modeId: number, outputs: readonly number[]) =>
      connection.ask<{ readonly status: number }>((callback) =>
        randr.SetCrtcConfig(info.crtc, 0, resources.config_timestamp, 0, 0, modeId, ROTATE_0, outputs, callback),
      );
    // Off, new size, on: the order that holds for growing and for shrinking. Nobody sees the steps while it is grabbed.
    client.GrabServer();
    try {
      const old = await connection.ask((callback: Parameters<RandR["GetCrtcInfo"]>[2]) =>
        randr.GetCrtcInfo(info.crtc, resources.config_timestamp, callback),
      );
      await configure(NO_MODE, []);
      this.#setScreenSize(connection, randr, wanted);
      const { status } = await configure(mode, [output]).catch(() => ({ status: -1 }));
      if (status !== 0) {
        this.#setScreenSize(connection, randr, before);
        await configure(old.mode, [output]);
        throw new Error(`the X server refused ${wanted.widthPx}x${wanted.heightPx}`);
      }
    } finally {
      client.UngrabServer();
      client.pack_stream.flush();
    }
    await this.#ask(connection);
    this.#dropOldModes(randr, resources.modeinfos, output, info, mode);
    client.pack_stream.flush();
  }

  async #onlyOutput(connection: XConnection, randr: RandR, outputs: readonly number[], configTimestamp: number) {
    const on: { output: number; info: OutputInfo }[] = [];
    for (const output of outputs) {
      const info = await connection.ask<OutputInfo>((callback) =>
        randr.GetOutputInfo(output, configTimestamp, callback),
      );
      if (info.connection === CONNECTED && info.crtc !== 0) on.push({ output, info });
    }
    const [only] = on;
    if (only === undefined) throw new Error("the X server has no monitor that is on");
    if (on.length > 1) throw new Error("the desktop has several monitors, which keep their sizes");
    return only;
  }

  async #modeFor(
    connection: XConnection,
    randr: RandR,
    wanted: Screen,
    modes: readonly ModeInfo[],
    output: number,
    info: OutputInfo,
  ): Promise<number> {
    const { widthPx, heightPx } = wanted;
    const fits = modes.filter(
      (mode) =>
        mode.width === widthPx && mode.height === heightPx && Math.abs(rateOf(mode) - this.#rateHz) < RATE_SLACK_HZ,
    );
    const ready = fits.find((mode) => info.modes.includes(mode.id));
    if (ready !== undefined) return ready.id;
    const known = fits.find((mode) => mode.name.startsWith(MODE_PREFIX));
    const id =
      known?.id ??
      (await connection.ask<number>((callback) =>
        randr.CreateMode(connection.root, modeOf(widthPx, heightPx, this.#rateHz), callback),
      ));
    randr.AddOutputMode(output, id);
    return id;
  }

  #setScreenSize(connection: XConnection, randr: RandR, { widthPx, heightPx }: Screen): void {
    const mm = (px: number) => Math.max(1, Math.round((px * MM_PER_INCH) / this.#dpi));
    randr.SetScreenSize(connection.root, widthPx, heightPx, mm(widthPx), mm(heightPx));
    this.#toldDpi = this.#dpi;
  }

  /** A window dragged to many sizes leaves no trail of modes behind. */
  #dropOldModes(randr: RandR, modes: readonly ModeInfo[], output: number, info: OutputInfo, inUse: number): void {
    for (const mode of modes) {
      if (!mode.name.startsWith(MODE_PREFIX) || mode.id === inUse) continue;
      if (info.modes.includes(mode.id)) randr.DeleteOutputMode(output, mode.id);
      randr.DestroyMode(mode.id);
    }
  }

  #ask(connection: XConnection): Promise<Geometry> {
    return connection.ask<Geometry>(
      (callback) => connection.client.GetGeometry(connection.root, callback),
      ({ width, height }) => this.#take({ widthPx: width, heightPx: height }),
    );
  }

  #take(screen: Screen): void {
    if (screen.widthPx === this.#screen.widthPx && screen.heightPx === this.#screen.heightPx) return;
    this.#screen = screen;
    this.#onSize(screen);
  }
}

function rateOf({ dot_clock, h_total, v_total }: ModeInfo): number {
  return dot_clock / Math.max(1, h_total * v_total);
}

/** Without blanking: a virtual output takes any timing. Its clock is 32 bits: the largest desktops at the highest rates tell a lower one. */
function modeOf(widthPx: number, heightPx: number, rateHz: number): object {
  return {
    name: `${MODE_PREFIX}${widthPx}x${heightPx} ${rateHz}`,
    width: widthPx,
    height: heightPx,
    dot_clock: Math.min(CARD32_MAX, widthPx * heightPx * rateHz),
    h_sync_start: widthPx,
    h_sync_end: widthPx,
    h_total: widthPx,
    v_sync_start: heightPx,
    v_sync_end: heightPx,
    v_total: heightPx,
  };
}

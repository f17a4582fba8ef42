// The desktop's monitors, which are RandR's outputs that are on: read, followed while somebody watches, and plugged in and out through
// `rfb-layout.ts`. Asked by `session/monitors.ts` through `desktop.ts`.

import type { CrtcInfo, OutputInfo, Property, RandR, ScreenResources } from "x11";
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Region } from "../video/types.ts";
import type { XConnection } from "./client.ts";
import { layOut } from "./rfb-layout.ts";

/** RandR protocol 1.5. */
const CONNECTED = 0;
/** Core protocol: replaces a property; the predefined atom CARDINAL. */
const REPLACE = 0;
const XA_CARDINAL = 6;
/** On the root window, while an agent has plugged monitors in: for the next one, if that one is killed. */
const MARK = "_EGLANTINE_MONITORS";
/** TigerVNC's longest side of a desktop. */
const SIDE_MAX_PX = 16_384;

export interface Monitor {
  /** RandR's id. */
  readonly output: number;
  readonly region: Region;
}

/** `fresh`: of another X server than before. */
export type MonitorWatcher = (monitors: readonly Monitor[], fresh: boolean) => void;

export class XMonitors {
  readonly #rfbSocket: string | undefined;
  readonly #log: Log;
  readonly #watchers = new Set<MonitorWatcher>();
  #connection: XConnection | undefined;
  #randr: RandR | undefined;
  #mark = 0;
  #reading = false;
  #again = false;

  constructor(options: { rfbSocket: string | undefined; log: Log }) {
    this.#rfbSocket = options.rfbSocket;
    this.#log = options.log;
  }

  /** Why there can be one alone; undefined: there can be several. */
  get whyOne(): string | undefined {
    return this.#rfbSocket === undefined
      ? "This desktop's X server takes no further monitors: the agent knows no RFB socket of it (EGLANTINE_RFB_SOCKET)."
      : undefined;
  }

  /** Behind `XScreen`, which asks the server to tell of changes. */
  async attach(connection: XConnection): Promise<void> {
    this.#randr = await connection.extension<RandR>("randr").catch(() => undefined);
    this.#mark = await connection.atom(MARK);
    this.#connection = connection;
    connection.onEvent((event) => {
      if (event.name === "RRScreenChangeNotify" && this.#connection === connection) void this.#follow(false);
    });
    if (this.#watchers.size > 0) void this.#follow(true);
  }

  detach(): void {
    this.#connection = undefined;
    this.#randr = undefined;
    this.#reading = false;
  }

  watch(watcher: MonitorWatcher): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /**
   * Makes these the desktop's monitors, at these places; those without an output are plugged in, those that are not named are unplugged.
   * Where none is named they take those that are on, in their order. Resolves to their outputs, in the same order. Rejects with a
   * sentence; everything is as before then.
   */
  async layOut(
    wanted: readonly { readonly output: number | undefined; readonly region: Region }[],
  ): Promise<readonly number[]> {
    if (this.#rfbSocket === undefined) throw new Error(this.whyOne);
    const beyond = wanted.some(({ region: { xPx, yPx, widthPx, heightPx } }) =>
      [xPx + widthPx, yPx + heightPx].some((side) => side > SIDE_MAX_PX),
    );
    if (beyond) throw new Error(`all monitors together would be longer than ${SIDE_MAX_PX} pixels`);
    const before = await this.#read();
    const unnamed = wanted.every(({ output }) => output === undefined);
    const regions = wanted.map(({ output, region }, index) => {
      const now = unnamed ? index : before.findIndex((monitor) => monitor.output === output);
      return { region, now: now in before ? now : undefined };
    });
    await layOut(this.#rfbSocket, regions);
    this.#leaveMark(wanted.length);
    const after = await this.#read();
    return wanted.map(({ region }) => {
      const monitor = after.find((one) => one.region.xPx === region.xPx && one.region.yPx === region.yPx);
      if (monitor === undefined) throw new Error("the X server has put its monitors elsewhere");
      return monitor.output;
    });
  }

  /** The first monitor, where an agent before this one left several. */
  async left(): Promise<Monitor | undefined> {
    const connection = this.#connection;
    if (connection === undefined) return undefined;
    const mark = await connection.ask<Property>((callback) =>
      connection.client.GetProperty(0, connection.root, this.#mark, XA_CARDINAL, 0, 1, callback),
    );
    const monitors = mark.type === XA_CARDINAL ? await this.#read() : [];
    return monitors.length > 1 ? monitors[0] : undefined;
  }

  #leaveMark(count: number): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    const { client, root } = connection;
    if (count > 1) client.ChangeProperty(REPLACE, root, this.#mark, XA_CARDINAL, 32, [count]);
    else client.DeleteProperty(root, this.#mark);
    client.pack_stream.flush();
  }

  async #follow(fresh: boolean): Promise<void> {
    if (this.#watchers.size === 0) return;
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = true;
    try {
      do {
        this.#again = false;
        const monitors = await this.#read();
        for (const watcher of this.#watchers) watcher(monitors, fresh);
      } while (this.#again);
    } catch (error) {
      this.#log.debug({ detail: messageOf(error) }, "monitors could not be read");
    } finally {
      this.#reading = false;
    }
  }

  /** Those that are on, in the server's order, which is that of RFB's list too. */
  async #read(): Promise<readonly Monitor[]> {
    const [connection, randr] = [this.#connection, this.#randr];
    if (connection === undefined) throw new Error("the X server is away");
    if (randr === undefined) throw new Error("the X server has no RandR extension");
    const resources = await connection.ask<ScreenResources>((callback) =>
      randr.GetScreenResourcesCurrent(connection.root, callback),
    );
    const monitors = await Promise.all(
      resources.outputs.map(async (output): Promise<Monitor | undefined> => {
        const info = await connection.ask<OutputInfo>((callback) =>
          randr.GetOutputInfo(output, resources.config_timestamp, callback),
        );
        if (info.connection !== CONNECTED || info.crtc === 0) return undefined;
        const { x, y, width, height } = await connection.ask<CrtcInfo>((callback) =>
          randr.GetCrtcInfo(info.crtc, resources.config_timestamp, callback),
        );
        return { output, region: { xPx: x, yPx: y, widthPx: width, heightPx: height } };
      }),
    );
    return monitors.filter((monitor) => monitor !== undefined);
  }
}

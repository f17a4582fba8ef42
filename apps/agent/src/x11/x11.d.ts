// Types of the parts of npm `x11` that this folder uses; the package brings none.

declare module "x11" {
  import type { EventEmitter } from "node:events";

  /** Gets an error or a result. Returning true says that the error is dealt with. */
  export type Callback<T> = (error: Error | null | undefined, result: T) => boolean;

  export interface XEvent {
    readonly name?: string;
    readonly type: number;
    readonly [field: string]: unknown;
  }

  export interface Geometry {
    readonly width: number;
    readonly height: number;
  }

  export interface PointerInfo {
    readonly rootX: number;
    readonly rootY: number;
    readonly keyMask: number;
  }

  export interface PackStream {
    /** Writes what is buffered to the socket now. */
    flush(): boolean;
  }

  export interface Property {
    /** Atom; 0: there is none. */
    readonly type: number;
    readonly format: number;
    readonly bytesAfter: number;
    readonly data: Buffer;
  }

  export interface XClient extends EventEmitter {
    readonly pack_stream: PackStream;
    /** Names → atoms that are known already, and back. Of all connections together, unless they are replaced. */
    atoms: Record<string, number>;
    atom_names: Record<number, string>;
    /** Of the last request; events carry the server's. */
    readonly seq_num: number;
    require(extension: string, callback: Callback<unknown>): void;
    sync(callback: (error: Error | null) => void): void;
    GrabServer(): void;
    UngrabServer(): void;
    GetGeometry(drawable: number, callback: Callback<Geometry>): void;
    GetKeyboardMapping(first: number, count: number, callback: Callback<number[][]>): void;
    ChangeKeyboardMapping(first: number, keysymsPerKeycode: number, keysyms: readonly number[]): void;
    AllocID(): number;
    ReleaseID(id: number): void;
    DestroyWindow(id: number): void;
    QueryExtension(name: string, callback: Callback<{ readonly present: number }>): void;
    InternAtom(onlyIfExists: boolean, name: string, callback: Callback<number>): void;
    GetProperty(
      remove: 0 | 1,
      window: number,
      property: number,
      type: number,
      offsetWords: number,
      lengthWords: number,
      callback: Callback<Property>,
    ): void;
    ChangeProperty(
      mode: number,
      window: number,
      property: number,
      type: number,
      format: 8 | 16 | 32,
      data: Buffer | readonly number[],
    ): void;
    DeleteProperty(window: number, property: number): void;
    TranslateCoordinates(
      source: number,
      target: number,
      x: number,
      y: number,
      callback: Callback<{ readonly child: number }>,
    ): void;
    SetSelectionOwner(owner: number, selection: number, timeMs: number): void;
    GetSelectionOwner(selection: number, callback: Callback<number>): void;
    ConvertSelection(requestor: number, selection: number, target: number, property: number, timeMs: number): void;
    SendEvent(destination: number, propagate: 0 | 1, eventMask: number, event: Readonly<Record<string, unknown>>): void;
    CreateWindow(...args: unknown[]): void;
    MapWindow(id: number): void;
    ChangeWindowAttributes(id: number, values: Readonly<Record<string, number>>): void;
    CreatePixmap(id: number, drawable: number, depth: number, width: number, height: number): void;
    CreateGC(id: number, drawable: number, values: Readonly<Record<string, number>>): void;
    PolyFillRectangle(drawable: number, gc: number, rectangles: readonly number[]): void;
    CreateCursor(...args: readonly unknown[]): void;
    OpenFont(id: number, name: string): void;
    CreateGlyphCursor(...args: readonly unknown[]): void;
    SetInputFocus(id: number, revertTo: number): void;
    QueryPointer(id: number, callback: Callback<PointerInfo>): void;
    GrabPointer(
      window: number,
      ownerEvents: 0 | 1,
      eventMask: number,
      pointerMode: number,
      keyboardMode: number,
      confineTo: number,
      cursor: number,
      timeMs: number,
      callback: Callback<number>,
    ): void;
    GrabKeyboard(
      window: number,
      ownerEvents: 0 | 1,
      timeMs: number,
      pointerMode: number,
      keyboardMode: number,
      callback: Callback<number>,
    ): void;
    QueryKeymap(callback: Callback<Buffer>): void;
  }

  export interface Display {
    readonly client: XClient;
    readonly screen: readonly { readonly root: number; readonly pixel_width: number; readonly pixel_height: number }[];
    readonly min_keycode: number;
    readonly max_keycode: number;
  }

  export interface ClientOptions {
    readonly display: string;
    readonly stream: EventEmitter;
    readonly auth: { readonly name: string; readonly data: string };
    readonly bufferRequests?: boolean;
  }

  export interface XTest {
    FakeInput(type: number, detail: number, timeMs: number, window: number, x: number, y: number): void;
    readonly KeyPress: number;
    readonly KeyRelease: number;
    readonly ButtonPress: number;
    readonly ButtonRelease: number;
    readonly MotionNotify: number;
  }

  export interface InputDevice {
    readonly name: string;
    readonly classes: readonly { readonly type: number }[];
  }

  export interface XInput {
    XIQueryDevice(device: number, callback: Callback<readonly InputDevice[]>): void;
  }

  export interface CursorImage {
    readonly width: number;
    readonly height: number;
    readonly xhot: number;
    readonly yhot: number;
    readonly cursorSerial: number;
    /** width * height words of premultiplied ARGB, little-endian. */
    readonly cursorImage: Buffer;
  }

  export interface XFixes {
    SelectSelectionInput(window: number, selection: number, mask: number): void;
    SelectCursorInput(window: number, mask: number): void;
    GetCursorImage(callback: Callback<CursorImage>): void;
  }

  export interface ModeInfo {
    readonly id: number;
    readonly width: number;
    readonly height: number;
    readonly dot_clock: number;
    readonly h_total: number;
    readonly v_total: number;
    readonly name: string;
  }

  export interface ScreenResources {
    readonly config_timestamp: number;
    readonly crtcs: readonly number[];
    readonly outputs: readonly number[];
    readonly modeinfos: readonly ModeInfo[];
  }

  export interface OutputInfo {
    readonly crtc: number;
    readonly connection: number;
    readonly modes: readonly number[];
  }

  export interface CrtcInfo {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
    readonly mode: number;
  }

  export interface RandR {
    SelectInput(window: number, mask: number): void;
    GetScreenResourcesCurrent(window: number, callback: Callback<ScreenResources>): void;
    GetOutputInfo(output: number, timestamp: number, callback: Callback<OutputInfo>): void;
    GetCrtcInfo(crtc: number, timestamp: number, callback: Callback<CrtcInfo>): void;
    CreateMode(window: number, mode: object, callback: Callback<number>): void;
    DestroyMode(mode: number): void;
    AddOutputMode(output: number, mode: number): void;
    DeleteOutputMode(output: number, mode: number): void;
    SetScreenSize(window: number, width: number, height: number, mmWidth: number, mmHeight: number): void;
    SetCrtcConfig(
      crtc: number,
      timestamp: number,
      configTimestamp: number,
      x: number,
      y: number,
      mode: number,
      rotation: number,
      outputs: readonly number[],
      callback: Callback<{ readonly status: number }>,
    ): void;
  }

  export interface KeyNames {
    readonly firstKey: number;
    readonly keyNames?: readonly string[];
    readonly keyAliases?: readonly { readonly real: string; readonly alias: string }[];
  }

  export interface KeyboardState {
    readonly group: number;
    readonly lockedMods: number;
  }

  export interface Xkb {
    GetState(device: number, callback: Callback<KeyboardState>): void;
    LatchLockState(
      device: number,
      affectModLocks: number,
      modLocks: number,
      lockGroup: number,
      groupLock: number,
      affectModLatches: number,
      modLatches: number,
      latchGroup: number,
      groupLatch: number,
    ): void;
    GetNames(device: number, which: number, callback: Callback<KeyNames>): void;
    SelectEvents(
      device: number,
      affectWhich: number,
      clear: number,
      selectAll: number,
      affectMap: number,
      map: number,
    ): void;
  }

  const x11: { createClient(options: ClientOptions, callback: (error: unknown, display: Display) => void): XClient };
  export default x11;
}

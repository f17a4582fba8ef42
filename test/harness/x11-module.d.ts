// The part of the npm package `x11` that `x-screen.ts` uses; the package brings no types.

declare module "x11" {
  type Callback<T> = (error: Error | null | undefined, value: T) => void;

  export interface XEvent {
    readonly name: string;
    readonly keycode: number;
    readonly rootx: number;
    readonly rooty: number;
    /** The X server's clock, ms; of key and pointer events. */
    readonly time: number;
    readonly wid: number;
    readonly data: readonly number[];
    /** Core event's number. */
    readonly type: number;
    /** Atom, of a ClientMessage. */
    readonly message_type: number;
  }

  export interface XColor {
    readonly R: number;
    readonly G: number;
    readonly B: number;
  }

  export interface XClient {
    /** By name, those that are known already. */
    atoms: Record<string, number>;
    AllocID(): number;
    CreateWindow(
      id: number,
      parent: number,
      x: number,
      y: number,
      width: number,
      height: number,
      border: number,
      depth: number,
      windowClass: number,
      visual: number,
      values: Readonly<Record<string, number | boolean>>,
    ): void;
    ChangeWindowAttributes(id: number, values: Readonly<Record<string, number>>): void;
    MapWindow(id: number): void;
    DestroyWindow(id: number): void;
    RaiseWindow(id: number): void;
    ClearArea(id: number, x: number, y: number, width: number, height: number, exposures: number): void;
    CreateGC(id: number, drawable: number, values: Readonly<Record<string, number>>): void;
    ChangeGC(id: number, values: Readonly<Record<string, number>>): void;
    PolyFillRectangle(drawable: number, gc: number, rectangles: readonly number[]): void;
    PutImage(
      format: number,
      drawable: number,
      gc: number,
      width: number,
      height: number,
      x: number,
      y: number,
      leftPad: number,
      depth: number,
      data: Buffer,
    ): void;
    OpenFont(id: number, name: string): void;
    CreatePixmap(id: number, drawable: number, depth: number, width: number, height: number): void;
    CreateGlyphCursor(
      id: number,
      font: number,
      maskFont: number,
      glyph: number,
      maskGlyph: number,
      front: XColor,
      back: XColor,
    ): void;
    CreateCursor(id: number, source: number, mask: number, front: XColor, back: XColor, x: number, y: number): void;
    WarpPointer(
      source: number,
      target: number,
      sourceX: number,
      sourceY: number,
      sourceWidth: number,
      sourceHeight: number,
      x: number,
      y: number,
    ): void;
    SetInputFocus(id: number, revertTo: number): void;
    GetSelectionOwner(selection: number, callback: Callback<number>): void;
    GrabPointer(
      id: number,
      ownerEvents: number,
      eventMask: number,
      pointerMode: number,
      keyboardMode: number,
      confineTo: number,
      cursor: number,
      time: number,
      done: Callback<number>,
    ): void;
    UngrabPointer(time: number): void;
    GrabKeyboard(
      id: number,
      ownerEvents: number,
      time: number,
      pointerMode: number,
      keyboardMode: number,
      done: Callback<number>,
    ): void;
    UngrabKeyboard(time: number): void;
    ChangeProperty(
      mode: number,
      id: number,
      property: number,
      type: number,
      format: number,
      data: readonly number[],
    ): void;
    ConvertSelection(requestor: number, selection: number, target: number, property: number, timeMs: number): void;
    SendEvent(
      destination: number,
      propagate: number,
      eventMask: number,
      event: Readonly<Record<string, unknown>>,
    ): void;
    InternAtom(onlyIfExists: boolean, name: string, done: Callback<number>): void;
    GetProperty(
      remove: number,
      id: number,
      property: number,
      type: number,
      offset: number,
      length: number,
      done: Callback<{ readonly data: Buffer }>,
    ): void;
    QueryPointer(
      id: number,
      done: Callback<{ readonly rootX: number; readonly rootY: number; readonly keyMask: number }>,
    ): void;
    TranslateCoordinates(
      source: number,
      target: number,
      x: number,
      y: number,
      done: Callback<{ readonly destX: number; readonly destY: number }>,
    ): void;
    QueryKeymap(done: Callback<Buffer>): void;
    QueryTree(id: number, done: Callback<{ readonly children: readonly number[] }>): void;
    GetWindowAttributes(id: number, done: Callback<{ readonly mapState: number }>): void;
    GetGeometry(
      id: number,
      done: Callback<{ readonly xPos: number; readonly yPos: number; readonly width: number; readonly height: number }>,
    ): void;
    GetImage(
      format: number,
      drawable: number,
      x: number,
      y: number,
      width: number,
      height: number,
      planes: number,
      done: Callback<{ readonly data: Buffer }>,
    ): void;
    require(extension: "fixes", done: Callback<XFixes>): void;
    on(event: "event", listener: (event: XEvent) => void): void;
    on(event: "error" | "end", listener: (error?: Error) => void): void;
    terminate(): void;
  }

  export interface FixesCursor {
    readonly width: number;
    readonly height: number;
    readonly xhot: number;
    readonly yhot: number;
    /** B G R A of each pixel. */
    readonly cursorImage: Buffer;
  }

  export interface XFixes {
    GetCursorImage(done: Callback<FixesCursor>): void;
  }

  export interface XDisplay {
    readonly client: XClient;
    readonly screen: readonly { readonly root: number; readonly root_depth: number }[];
    readonly min_keycode: number;
  }

  export function createClient(options: { readonly display: string }, done: Callback<XDisplay>): XClient;
  export const eventMask: Readonly<Record<string, number>>;
}

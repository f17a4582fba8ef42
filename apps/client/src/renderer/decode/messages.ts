// What the page (`video/socket-picture.ts`) and the Worker that decodes the socket path's pictures (`worker.ts`) say to each
// other. Types only. A binary frame of the socket crosses as its bare ArrayBuffer, transferred.

export type ToDecoder =
  | ArrayBuffer
  /** First, and whenever another takes its place: where to draw. */
  | { readonly type: "canvas"; readonly canvas: OffscreenCanvas }
  /** Another session begins, or the picture takes another path: what is under way is dropped, and the next must be a keyframe. */
  | { readonly type: "restart" };

export type FromDecoder =
  | {
      readonly type: "shown";
      readonly frame: number;
      readonly widthPx: number;
      readonly heightPx: number;
      /** Epoch milliseconds at which its last part reached the Worker, and at which it was drawn. */
      readonly arrivedMs: number;
      readonly drawnMs: number;
      readonly totals: DecodeTotals;
    }
  /** Nothing more can be shown before a keyframe comes. Said once until then. */
  | { readonly type: "undecodable"; readonly why: string; readonly totals: DecodeTotals }
  /** This browser decodes none of it, although it said so: the path is of no use here. */
  | { readonly type: "useless"; readonly why: string };

/** Since the Worker began. */
export interface DecodeTotals {
  /** Pictures that are through: decoded, or dropped before. */
  readonly finished: number;
  readonly decoded: number;
  /** From a picture's last part in the Worker until it is decoded, ms, added up. */
  readonly decodeMs: number;
  /** As WebCodecs was asked, e.g. "avc1.64002a", and ", software" where nothing else would do. */
  readonly decoder: string;
}

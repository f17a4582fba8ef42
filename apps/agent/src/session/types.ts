// What a session has in common with those who are no part of it: what it needs of them and offers them, which `server/`, `clipboard/` and
// `files/` implement, and the names of what it passes over, which `registry.ts` counts.

import type { AgentControl } from "@eglantine/protocol/control";

/**
 * What of a viewer's is passed over instead of ending its session: RTCP that is none, feedback for what was never sent or with
 * impossible times, candidates for a peer that is none, requests for a whole picture that came too soon.
 */
export type Ignored = "malformed-rtcp" | "stray-feedback" | "stray-candidate" | "keyframe-request";

/** The way to the X server's own RFB; `server/vnc-proxy.ts`. */
export interface RfbAccess {
  /** Lets one WebSocket in, for this session and its role; `onOpen` hears when its RFB connection opens and when it is closed. */
  ticket(session: string, viewOnly: boolean, onOpen: (open: boolean) => void): string;
  /** The session is over: its tickets and its RFB connection with it. */
  endSession(session: string): void;
}

/** The doctor, for viewers that ask for it; `doctor/desk.ts`. */
export interface DoctorAccess {
  enter(send: (message: AgentControl) => void, viewOnly: boolean): DoctorSeat;
}

/** One viewer's. */
export interface DoctorSeat {
  take(wish: { readonly run: boolean; readonly measure: boolean; readonly clockMs: number }): void;
  /** Ends what it asked for. */
  leave(): void;
}

/** What the desktop's programs notify their user of; `notifications/notifications.ts`. */
export interface NotificationAccess {
  offered(viewOnly: boolean): boolean;
  enter(send: (message: AgentControl) => void, viewOnly: boolean): NotificationSeat;
}

/** One viewer's. */
export interface NotificationSeat {
  want(on: boolean): void;
  leave(): void;
}

/** Bulk bytes over HTTP; `server/transfer.ts`. */
export interface TransferAccess {
  /** Good until the session ends, for what `places` has. `spareBps`: what transfers of this session may take now, to the agent and from it. */
  ticket(session: string, places: TransferPlaces, spareBps: (way: "up" | "down") => number): string;
  endSession(session: string): void;
}

/** What stands at the addresses of one session's transfers. */
export interface TransferPlaces {
  /** `names`: the address below the transfers' own, split at its slashes and decoded. Rejects with TransferError. */
  open(names: readonly string[]): Promise<Download | Upload>;
}

/** Bytes for the viewer. */
export interface Download {
  readonly kind: "download";
  readonly type: string;
  readonly sizeBytes: number;
  /** With its quotes. Another one: other bytes. */
  readonly etag: string;
  /** The bytes from `from` up to, not with, `to`. Rejects with TransferError. */
  read(from: number, to: number): AsyncIterable<Uint8Array>;
}

/** Bytes of the viewer, which may come in pieces, one after the other. */
export interface Upload {
  readonly kind: "upload";
  /** So many have been taken. */
  readonly offsetBytes: number;
  /** Throws TransferError while another piece is under way. The returned function ends the piece. */
  begin(): () => void;
  /** Resolves when more is taken. Rejects with TransferError. */
  write(chunk: Uint8Array): Promise<void>;
  /** That was all; `sha256` of it, where the viewer told one. */
  complete(sha256?: Uint8Array): Promise<void>;
  /** Forgets what has come; absent: that can't be asked for. */
  discard?(): Promise<void>;
}

/** Expected: answered with this status and, as its body, the message, which is a sentence for the user. */
export class TransferError extends Error {
  override readonly name = "TransferError";
  readonly status: number;

  constructor(status: number, sentence: string) {
    super(sentence);
    this.status = status;
  }
}

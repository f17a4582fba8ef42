// What a session has in common with those who are no part of it: its way to RFB, which `server/` implements, and the names of what
// it passes over, which `registry.ts` counts.

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

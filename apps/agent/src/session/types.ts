// What a session needs of those who are no part of it. Implemented by `server/`.

/** The way to the X server's own RFB; `server/vnc-proxy.ts`. */
export interface RfbAccess {
  /** Lets one WebSocket in, for this session and its role; `onOpen` hears when its RFB connection opens and when it is closed. */
  ticket(session: string, viewOnly: boolean, onOpen: (open: boolean) => void): string;
  /** The session is over: its tickets and its RFB connection with it. */
  endSession(session: string): void;
}

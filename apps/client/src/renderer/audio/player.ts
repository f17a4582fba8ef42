// What both ways of playing have in common: packets of both paths in the browser's audio graph (`frame-player.ts`), and WebRTC's track in
// an audio element (`track-player.ts`). Driven by `sound.ts`.

export interface Player {
  /** 0 to 1. */
  setVolume(volume: number): void;
  /** Where it is heard, as the browser names it; "": where everything is. Rejects where that can't be had. */
  setDevice(device: string): Promise<void>;
  /** The user has just touched the page: what the browser did not allow before may be allowed now. */
  resume(): Promise<void>;
  /** Idempotent. */
  close(): void;
}

export interface PlayerSink {
  /** The browser plays nothing before the user has touched the page (true), or it does now. */
  onBlocked(blocked: boolean): void;
}

/** Not in every browser, and in TypeScript's library not on every element. */
export interface SinkSelectable {
  setSinkId?(device: string): Promise<void>;
}

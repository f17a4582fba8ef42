// The desktop's sound on this side: which player is in use, how loud it is, where it is heard, and what the agent is told of it. Built by
// `client.ts`; packets and tracks come from `connection/`; shown by `ui/`.

import type { SoundChannels } from "@eglantine/protocol/formats";
import { said, type Sentence } from "../messages/said.ts";
import type { Settings } from "../../shared/settings.ts";
import type { Preferences } from "../preferences.ts";
import { Store } from "../store.ts";
import type { SocketAudio } from "../connection/socket-channels.ts";
import type { PlayoutNumbers } from "../playout/messages.ts";
import { canPlayFrames, canTakeFrames, FramePlayer } from "./frame-player.ts";
import { TrackPlayer } from "./track-player.ts";

/** As the protocol's `audio` says it. */
export interface SoundWish {
  readonly on: boolean;
  readonly socket: boolean;
  readonly channels: SoundChannels;
}

export interface SoundState {
  /** There is something to be heard, and nothing is before the user touches the page. */
  readonly blocked: boolean;
  /** Why nothing is heard over the socket, or not where it was wanted. */
  readonly trouble?: Sentence;
}

export interface SoundParts {
  readonly preferences: Preferences;
  /** The wish has changed. */
  readonly tell: (wish: SoundWish) => void;
  /** Whether anything has come over WebRTC that the browser itself plays. */
  readonly trackHasSound: () => Promise<boolean>;
}

/** What a touch is: the browser then allows sound. */
const TOUCHES = ["pointerdown", "keydown", "touchend"] as const;
/** A silent desktop's page asks for no touch: it is looked so often whether there is something to be heard. */
const LOOK_MS = 500;

export class Sound {
  readonly state = new Store<SoundState>({ blocked: false });
  readonly #parts: SoundParts;
  readonly #track: TrackPlayer;
  readonly #frames: FramePlayer;
  readonly #ended = new AbortController();
  readonly #unwatch: () => void;
  #framesUsable = canPlayFrames();
  /** The packets of the peer in use are taken before the browser plays them. */
  #takesFrames = false;
  #trackBlocked = false;
  #lookTimer: number | undefined;
  #told: string;
  #applied: Pick<Settings, "volume" | "muted" | "speaker"> | undefined;

  constructor(parts: SoundParts) {
    this.#parts = parts;
    this.#track = new TrackPlayer({ onBlocked: (blocked) => this.#onTrackBlocked(blocked) });
    this.#frames = new FramePlayer({
      onBlocked: (blocked) => this.#change({ blocked }),
      onUseless: (why) => {
        this.#framesUsable = false;
        this.#change({ trouble: said("notices", "sound-not-played", { why }) });
        this.#review();
      },
    });
    this.#told = JSON.stringify(this.wish);
    this.#unwatch = parts.preferences.store.watch(() => this.#review());
    this.#review();
    // Before the desktop's own listeners, which keep everything to themselves.
    const options = { signal: this.#ended.signal, capture: true, passive: true };
    for (const touch of TOUCHES) window.addEventListener(touch, () => this.#touched(), options);
  }

  /** For the hello of an attempt. */
  get wish(): SoundWish {
    const { muted, soundChannels } = this.#parts.preferences.store.get();
    return { on: !muted, socket: this.#framesUsable, channels: soundChannels };
  }

  get muted(): boolean {
    return this.#parts.preferences.store.get().muted;
  }

  /** Remembered. What is muted is not sent either. */
  setMuted(muted: boolean): void {
    this.#parts.preferences.change(() => ({ muted }));
  }

  /** 0 to 1; remembered. */
  setVolume(volume: number): void {
    this.#parts.preferences.change(() => ({ volume, muted: volume === 0 }));
  }

  setSpeaker(speaker: string): void {
    this.#parts.preferences.change(() => ({ speaker }));
  }

  setChannels(soundChannels: SoundChannels): void {
    this.#parts.preferences.change(() => ({ soundChannels }));
  }

  /** Of what plays; undefined before, and where the browser itself plays it. */
  get numbers(): Store<PlayoutNumbers | undefined> {
    return this.#frames.numbers;
  }

  /** What a peer will receive, before it offers. */
  takeReceiver(receiver: RTCRtpReceiver): void {
    this.#takesFrames = this.#framesUsable && canTakeFrames();
    if (this.#takesFrames) this.#frames.receive(receiver, this.wish.channels);
  }

  /** The stream of the peer in use. */
  showStream(stream: MediaStream): void {
    if (!this.#takesFrames) this.#track.show(stream);
  }

  takeSocketSound(part: SocketAudio): void {
    this.#frames.take(part);
  }

  /** A session begins. */
  begin(): void {
    this.#frames.reset();
  }

  /** It is over. */
  stop(): void {
    this.#track.stop();
    this.#frames.reset();
    this.#onTrackBlocked(false);
  }

  /** Idempotent. */
  close(): void {
    this.#ended.abort();
    clearInterval(this.#lookTimer);
    this.#unwatch();
    this.#track.close();
    this.#frames.close();
  }

  #onTrackBlocked(blocked: boolean): void {
    this.#trackBlocked = blocked;
    clearInterval(this.#lookTimer);
    if (!blocked) this.#change({ blocked: false });
    else this.#lookTimer = window.setInterval(() => void this.#look(), LOOK_MS);
  }

  async #look(): Promise<void> {
    if (!(await this.#parts.trackHasSound()) || !this.#trackBlocked) return;
    clearInterval(this.#lookTimer);
    this.#change({ blocked: true });
  }

  #touched(): void {
    if (!this.#trackBlocked && !this.state.get().blocked) return;
    void this.#track.resume();
    void this.#frames.resume();
  }

  /** Settings were changed here, in another window, or have been loaded. */
  #review(): void {
    const { volume, muted, speaker } = this.#parts.preferences.store.get();
    const before = this.#applied;
    this.#applied = { volume, muted, speaker };
    const players = [this.#track, this.#frames];
    for (const player of players) player.setVolume(muted ? 0 : volume);
    if (speaker !== (before?.speaker ?? "")) void this.#useSpeaker(speaker);
    const told = JSON.stringify(this.wish);
    if (told === this.#told) return;
    this.#told = told;
    this.#parts.tell(this.wish);
  }

  async #useSpeaker(speaker: string): Promise<void> {
    try {
      for (const player of [this.#track, this.#frames]) await player.setDevice(speaker);
      this.#change({ trouble: undefined });
    } catch (error) {
      console.debug("speaker", error);
      this.#change({ trouble: said("notices", "speaker-gone") });
    }
  }

  #change(change: { blocked?: boolean; trouble?: Sentence | undefined }): void {
    const { trouble = this.state.get().trouble, blocked = this.state.get().blocked } = change;
    const cleared = "trouble" in change && change.trouble === undefined;
    const next = { blocked, ...(trouble === undefined || cleared ? {} : { trouble }) };
    if (JSON.stringify(next) !== JSON.stringify(this.state.get())) this.state.set(next);
  }
}

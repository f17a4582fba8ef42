// The user's microphone: off until it is turned on, and off again at the end of each session. Its sound takes the picture's way: the
// peer's audio sender, or packets over the socket (`microphone-coder.ts`). Owned by `sound.ts`; shown by `ui/`.

import { Store } from "../store.ts";
import { canCodeMicrophone, MicrophoneCoder } from "./microphone-coder.ts";

export interface MicrophoneState {
  /** `asking`: the browser asks the user, or the agent is asked. */
  readonly phase: "off" | "asking" | "on";
  /** Why it could not be turned on, or went off. */
  readonly trouble?: string;
}

export interface MicrophoneParts {
  /** Tells the agent. */
  readonly announce: (on: boolean) => void;
  readonly sendPacket: (sequence: number, data: Uint8Array<ArrayBuffer>) => void;
  /** Of the peer in use; undefined while there is none, or its answer takes no microphone. */
  readonly sender: () => RTCRtpSender | undefined;
  /** The picture's way. */
  readonly overWebRtc: () => boolean;
}

export class Microphone {
  readonly state = new Store<MicrophoneState>({ phase: "off" });
  readonly #parts: MicrophoneParts;
  #track: MediaStreamTrack | undefined;
  #sender: RTCRtpSender | undefined;
  #coder: MicrophoneCoder | undefined;
  /** Counts the user's turns: what an older one waited for does not count. */
  #turn = 0;

  constructor(parts: MicrophoneParts) {
    this.#parts = parts;
  }

  /** Why this browser gives none to this page; undefined: it may. */
  get unavailable(): string | undefined {
    if (navigator.mediaDevices?.getUserMedia !== undefined) return undefined;
    return window.isSecureContext
      ? "this browser has no microphone"
      : "browsers give a microphone to https:// pages alone";
  }

  async turnOn(): Promise<void> {
    if (this.state.get().phase !== "off") return;
    const turn = ++this.#turn;
    const unavailable = this.unavailable;
    if (unavailable !== undefined) {
      this.state.set({ phase: "off", trouble: `No microphone: ${unavailable}.` });
      return;
    }
    this.state.set({ phase: "asking" });
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
      });
      const track = stream.getAudioTracks()[0];
      if (turn !== this.#turn || track === undefined) {
        track?.stop();
        return;
      }
      this.#track = track;
      track.addEventListener("ended", () => this.#off("The microphone was unplugged, or taken away by the browser."));
      this.#parts.announce(true);
    } catch (error) {
      if (turn !== this.#turn) return;
      const denied = error instanceof DOMException && error.name === "NotAllowedError";
      const why = denied ? "the browser was told not to allow it" : String((error as Error).message || error);
      this.state.set({ phase: "off", trouble: `No microphone: ${why}.` });
    }
  }

  turnOff(): void {
    this.#off();
  }

  /** What the agent says of it: only when it has said yes anything goes out. */
  answered(microphone: "off" | "on" | "refused", why: string): void {
    if (this.#track === undefined) return;
    if (microphone === "refused") this.#off(why);
    if (microphone !== "on" || this.state.get().phase !== "asking") return;
    this.state.set({ phase: "on" });
    this.route();
  }

  /** The picture goes another way, or there is another peer. */
  route(): void {
    const track = this.state.get().phase === "on" ? this.#track : undefined;
    const sender = track !== undefined && this.#parts.overWebRtc() ? this.#parts.sender() : undefined;
    if (this.#sender !== sender) {
      // One whose peer has closed refuses, and sends nothing either.
      this.#sender?.replaceTrack(null).catch((error: unknown) => console.debug("microphone", error));
      this.#sender = sender;
      sender?.replaceTrack(track ?? null).catch((error: unknown) => console.debug("microphone", error));
    }
    const overSocket = track !== undefined && sender === undefined;
    if (!overSocket) {
      this.#coder?.close();
      this.#coder = undefined;
      return;
    }
    if (this.#coder !== undefined || track === undefined) return;
    if (!canCodeMicrophone()) {
      this.#off("Over TCP this browser can't send a microphone.");
      return;
    }
    this.#coder = new MicrophoneCoder(track, {
      onPacket: (sequence, data) => this.#parts.sendPacket(sequence, data),
      onUseless: (why) => this.#off(`Over TCP this browser can't send a microphone: ${why}`),
    });
  }

  /** The session is over: the next one begins without. */
  ended(): void {
    if (this.state.get().phase !== "off") this.#off();
  }

  #off(trouble?: string): void {
    this.#turn += 1;
    const wasTold = this.#track !== undefined;
    this.#track?.stop();
    this.#track = undefined;
    this.state.set(trouble === undefined ? { phase: "off" } : { phase: "off", trouble });
    this.route();
    if (wasTold) this.#parts.announce(false);
  }
}

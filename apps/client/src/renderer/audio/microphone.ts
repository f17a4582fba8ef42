// The user's microphone: off until it is turned on, and off again at the end of each session. Its sound takes the picture's way: the
// peer's audio sender, or packets over the socket (`microphone-coder.ts`). Owned by `sound.ts`; shown by `ui/`.

import { said, type Said, type Sentence } from "../messages/said.ts";
import { Store } from "../store.ts";
import { canCodeMicrophone, MicrophoneCoder } from "./microphone-coder.ts";

export interface MicrophoneState {
  /** `asking`: the browser asks the user, or the agent is asked. */
  readonly phase: "off" | "asking" | "on";
  /** Why it could not be turned on, or went off. */
  readonly trouble?: Sentence;
}

export interface MicrophoneParts {
  /** Tells the agent. */
  readonly announce: (on: boolean) => void;
  /** The chosen one; empty: the usual one. */
  readonly device: () => string;
  readonly sendPacket: (sequence: number, data: Uint8Array<ArrayBuffer>) => void;
  /** Of the peer in use; undefined while there is none, or its answer takes no microphone. */
  readonly sender: () => RTCRtpSender | undefined;
  /** The picture's way. */
  readonly overWebRtc: () => boolean;
}

/** How browsers say that a device of that name is not there. */
const GONE = ["OverconstrainedError", "NotFoundError"];

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
  get unavailable(): Said | undefined {
    if (navigator.mediaDevices?.getUserMedia !== undefined) return undefined;
    return said("notices", window.isSecureContext ? "microphone-none" : "microphone-https");
  }

  async turnOn(): Promise<void> {
    if (this.state.get().phase !== "off") return;
    const turn = ++this.#turn;
    const unavailable = this.unavailable;
    if (unavailable !== undefined) {
      this.state.set({ phase: "off", trouble: said("notices", "no-microphone", { why: unavailable }) });
      return;
    }
    this.state.set({ phase: "asking" });
    try {
      const { stream, instead } = await this.#listen();
      const track = stream.getAudioTracks()[0];
      if (turn !== this.#turn || track === undefined) {
        track?.stop();
        return;
      }
      this.#track = track;
      if (instead) this.state.set({ phase: "asking", trouble: said("notices", "microphone-gone") });
      track.addEventListener("ended", () => this.#off(said("notices", "microphone-unplugged")));
      this.#parts.announce(true);
    } catch (error) {
      if (turn !== this.#turn) return;
      const denied = error instanceof DOMException && error.name === "NotAllowedError";
      const why = denied ? said("notices", "microphone-denied") : String((error as Error).message || error);
      this.state.set({ phase: "off", trouble: said("notices", "no-microphone", { why }) });
    }
  }

  turnOff(): void {
    this.#off();
  }

  /** `instead`: the chosen one is not there. */
  async #listen(): Promise<{ readonly stream: MediaStream; readonly instead: boolean }> {
    const device = this.#parts.device();
    const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
    const { mediaDevices } = navigator;
    if (device === "") return { stream: await mediaDevices.getUserMedia({ audio }), instead: false };
    try {
      const stream = await mediaDevices.getUserMedia({ audio: { ...audio, deviceId: { exact: device } } });
      return { stream, instead: false };
    } catch (error) {
      if (!(error instanceof DOMException) || !GONE.includes(error.name)) throw error;
      return { stream: await mediaDevices.getUserMedia({ audio }), instead: true };
    }
  }

  /** What the agent says of it: only when it has said yes anything goes out. */
  answered(microphone: "off" | "on" | "refused", why: string): void {
    if (this.#track === undefined) return;
    if (microphone === "refused") this.#off(why);
    if (microphone !== "on" || this.state.get().phase !== "asking") return;
    this.state.set({ ...this.state.get(), phase: "on" });
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
      this.#off(said("notices", "microphone-not-tcp"));
      return;
    }
    this.#coder = new MicrophoneCoder(track, {
      onPacket: (sequence, data) => this.#parts.sendPacket(sequence, data),
      onUseless: (why) => this.#off(said("notices", "microphone-not-tcp-why", { why })),
    });
  }

  /** The session is over: the next one begins without. */
  ended(): void {
    if (this.state.get().phase !== "off") this.#off();
  }

  #off(trouble?: Sentence): void {
    this.#turn += 1;
    const wasTold = this.#track !== undefined;
    this.#track?.stop();
    this.#track = undefined;
    this.state.set(trouble === undefined ? { phase: "off" } : { phase: "off", trouble });
    this.route();
    if (wasTold) this.#parts.announce(false);
  }
}

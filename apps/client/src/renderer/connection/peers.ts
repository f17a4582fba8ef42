// The peers of one attempt, one after the other, at most one at a time: the first offers at once, without servers; the next is
// made where the agent names ICE servers and the first has found no path without them, and whenever one fails while the session
// lives on over the socket. From and to `attempt.ts`.

import type { SoundChannels } from "@eglantine/protocol/formats";
import type { Sentence } from "../messages/said.ts";
import { Peer, type PeerSink } from "./peer.ts";
import { peerRetryMs } from "./reconnect.ts";

export interface PeersSink
  extends Pick<PeerSink, "onPath" | "onSecure" | "onInputOpen" | "onInputClosed" | "onMotionDrained" | "onFeedback"> {
  onOffer(peer: number, sdp: string): void;
  onCandidate(peer: number, candidate: string, mid: string): void;
  /** This peer's stream will carry the picture: the agent has answered. */
  onStream(stream: MediaStream): void;
  /** And this one the sound. */
  onSoundStream(stream: MediaStream): void;
  /** Before each offer. */
  onSoundReceiver(receiver: RTCRtpReceiver): void;
  /** This peer is over. Another one follows by itself after `keepTrying`. */
  onFailed(detail: string): void;
}

/** A path without servers is the better one and is there within a round trip or two: waited for so long, ms. */
const SERVERS_AFTER_MS = 400;
/** ICE calls a path lost for good after half a minute; another peer finds the next one sooner. */
const INTERRUPTED_MS = 6000;
/** A peer without a path by then finds none; one without candidates, all of its servers having refused it, never says so itself. */
const PATHLESS_MS = 30_000;

export class Peers {
  readonly #sink: PeersSink;
  readonly #relay: boolean;
  readonly #soundChannels: SoundChannels;
  readonly #ended = new AbortController();
  #iceServers: RTCIceServer[] = [];
  #peer: Peer | undefined;
  #number = -1;
  #connected = false;
  #interrupted = false;
  #failures = 0;
  #keepsTrying = false;
  #trouble: Sentence | undefined;
  #retryTimer: number | undefined;
  #serversTimer: number | undefined;
  #interruptedTimer: number | undefined;
  #pathlessTimer: number | undefined;

  constructor({ relay, soundChannels }: { relay: boolean; soundChannels: SoundChannels }, sink: PeersSink) {
    this.#sink = sink;
    this.#relay = relay;
    this.#soundChannels = soundChannels;
    // Without a server there is nothing to relay by: the first peer then waits for the agent's hello.
    if (!relay) this.#begin();
    const options = { signal: this.#ended.signal };
    window.addEventListener("online", () => this.#networkChanged(), options);
    navigator.connection?.addEventListener("change", () => this.#networkChanged(), options);
  }

  get current(): Peer | undefined {
    return this.#peer;
  }

  /** What STUN and TURN servers answered to the peer in use, else to the one before: a sentence. */
  get trouble(): Sentence | undefined {
    return this.#peer?.iceTrouble ?? this.#trouble;
  }

  /** What the agent's hello names. */
  setServers(iceServers: readonly RTCIceServer[]): void {
    this.#iceServers = [...iceServers];
    if (this.#relay) this.#begin();
    else if (iceServers.length > 0) {
      this.#serversTimer = window.setTimeout(() => {
        if (!this.#connected) this.#begin();
      }, SERVERS_AFTER_MS);
    }
  }

  /** Later in the session: for the next peer. The one in use has its allocation. */
  renewServers(iceServers: readonly RTCIceServer[]): void {
    this.#iceServers = [...iceServers];
  }

  /** The session does without a peer meanwhile: one that fails is followed by another. */
  keepTrying(): void {
    this.#keepsTrying = true;
    // One that failed before this was said.
    if (this.#peer === undefined && this.#retryTimer === undefined && !this.#ended.signal.aborted) this.#retry();
  }

  answer(peer: number, sdp: string): void {
    if (peer !== this.#number || this.#peer === undefined) return;
    // Not before: a video without a picture holds up the page's load event.
    this.#sink.onStream(this.#peer.stream);
    this.#sink.onSoundStream(this.#peer.soundStream);
    this.#peer.acceptAnswer(sdp);
  }

  addCandidate(peer: number, candidate: string, mid: string): void {
    if (peer === this.#number) this.#peer?.addCandidate(candidate, mid);
  }

  /** Idempotent. */
  close(): void {
    this.#ended.abort();
    this.#drop();
  }

  #begin(): void {
    this.#drop();
    if (this.#ended.signal.aborted) return;
    this.#number += 1;
    const number = this.#number;
    const sink = this.#sink;
    this.#peer = new Peer(
      {
        onOffer: (sdp) => sink.onOffer(number, sdp),
        onCandidate: (candidate, mid) => sink.onCandidate(number, candidate, mid),
        onPath: () => {
          this.#connected = true;
          clearTimeout(this.#pathlessTimer);
          sink.onPath();
        },
        onSecure: () => {
          this.#failures = 0;
          sink.onSecure();
        },
        onInterrupted: (interrupted) => this.#interruptedNow(interrupted),
        onInputOpen: () => sink.onInputOpen(),
        // An older peer's channel closes late: the newer one's may be open by then.
        onInputClosed: () => number === this.#number && sink.onInputClosed(),
        onMotionDrained: () => sink.onMotionDrained(),
        onFeedback: (data) => sink.onFeedback(data),
        onFailed: (detail) => this.#failed(detail),
      },
      {
        iceServers: this.#iceServers,
        relayOnly: this.#relay,
        soundChannels: this.#soundChannels,
        onSoundReceiver: (receiver) => sink.onSoundReceiver(receiver),
      },
    );
    this.#pathlessTimer = window.setTimeout(() => {
      if (this.#keepsTrying) this.#failed("no path was found");
    }, PATHLESS_MS);
  }

  #drop(): void {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#serversTimer);
    clearTimeout(this.#interruptedTimer);
    clearTimeout(this.#pathlessTimer);
    this.#retryTimer = undefined;
    this.#connected = false;
    this.#interrupted = false;
    const peer = this.#peer;
    this.#peer = undefined;
    if (peer === undefined) return;
    peer.close();
    this.#sink.onInputClosed();
  }

  #failed(detail: string): void {
    this.#trouble = this.#peer?.iceTrouble;
    this.#drop();
    this.#failures += 1;
    if (this.#keepsTrying) this.#retry();
    this.#sink.onFailed(detail);
  }

  #retry(): void {
    this.#retryTimer = window.setTimeout(() => this.#begin(), peerRetryMs(Math.max(1, this.#failures)));
  }

  #interruptedNow(interrupted: boolean): void {
    this.#interrupted = interrupted;
    clearTimeout(this.#interruptedTimer);
    if (!interrupted || !this.#keepsTrying) return;
    this.#interruptedTimer = window.setTimeout(() => this.#failed("nothing came for some seconds"), INTERRUPTED_MS);
  }

  /** What failed on the old network may work on the new one. */
  #networkChanged(): void {
    if (!this.#keepsTrying || (this.#retryTimer === undefined && !this.#interrupted)) return;
    this.#failures = 0;
    this.#begin();
  }
}

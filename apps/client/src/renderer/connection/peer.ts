// The WebRTC peer, and the only file that knows simple-peer. It always offers: one video line that only receives, one of audio that
// may send a microphone too, and the data channels of `channels.ts`. Made by `peers.ts`, which carries its signals to the control channel.

import { CHANNELS } from "@eglantine/protocol/channels";
import type { SoundChannels } from "@eglantine/protocol/formats";
import SimplePeer from "simple-peer/simplepeer.min.js";
import type { Said } from "../messages/said.ts";
import { channelInit, Channels, type ChannelSink } from "./channels.ts";
import { describeIceErrors, type IceError } from "./ice-trouble.ts";
import { offerSound } from "./offer-sound.ts";

export interface PeerSink extends ChannelSink {
  onOffer(sdp: string): void;
  /** An empty candidate ends them. */
  onCandidate(candidate: string, mid: string): void;
  /** ICE found a path. */
  onPath(): void;
  /** DTLS is up. */
  onSecure(): void;
  /** ICE has lost its path (true), and may find it again by itself (false). */
  onInterrupted(interrupted: boolean): void;
  /** The peer is over. Once; not after `close()`. */
  onFailed(detail: string): void;
}

export interface PeerOptions {
  /** As the agent's `hello` names them. */
  readonly iceServers?: readonly RTCIceServer[];
  /** Only through a TURN server. */
  readonly relayOnly?: boolean;
  /** Of sound, at most. */
  readonly soundChannels?: SoundChannels;
  /** What will receive the sound: a transform can only be set before the offer is made. */
  readonly onSoundReceiver?: (receiver: RTCRtpReceiver) => void;
}

/** How many are kept: a browser repeats one for each interface. */
const ICE_ERRORS_MAX = 16;

export class Peer {
  /** Carries the desktop's picture from the start; black until it arrives. */
  readonly stream: MediaStream;
  /** Its sound. Another stream: in one with it the picture would wait. */
  readonly soundStream: MediaStream;
  readonly channels: Channels;
  readonly #peer: SimplePeer;
  readonly #connection: RTCPeerConnection;
  readonly #audio: RTCRtpTransceiver | undefined;
  readonly #iceErrors: IceError[] = [];
  #relayed = false;
  #over = false;

  constructor(
    sink: PeerSink,
    { iceServers = [], relayOnly = false, soundChannels = 2, onSoundReceiver }: PeerOptions = {},
  ) {
    const peer = new SimplePeer({
      initiator: true,
      trickle: true,
      channelName: CHANNELS.input.label,
      channelConfig: channelInit(CHANNELS.input),
      config: {
        iceServers: [...iceServers],
        iceTransportPolicy: relayOnly ? "relay" : "all",
        bundlePolicy: "max-bundle",
      },
      sdpTransform: (sdp) => offerSound(sdp, soundChannels),
    });
    this.#peer = peer;
    this.#connection = peer._pc;
    peer.addTransceiver("video", { direction: "recvonly" });
    // Nothing is sent before the user turns the microphone on, and no second offer is needed then.
    peer.addTransceiver("audio", { direction: "sendrecv" });
    this.#audio = this.#connection.getTransceivers().find(({ receiver }) => receiver.track.kind === "audio");
    if (this.#audio !== undefined) onSoundReceiver?.(this.#audio.receiver);
    this.channels = new Channels(this.#connection, peer._channel, sink);
    const tracks = this.#connection.getReceivers().map((receiver) => {
      receiver.jitterBufferTarget = 0;
      receiver.playoutDelayHint = 0;
      return receiver.track;
    });
    this.stream = new MediaStream(tracks.filter(({ kind }) => kind === "video"));
    this.soundStream = new MediaStream(tracks.filter(({ kind }) => kind === "audio"));

    peer.on("signal", (signal) => {
      if (signal.type !== "candidate") {
        sink.onOffer(signal.sdp);
        return;
      }
      const { candidate, sdpMid } = signal.candidate;
      if (candidate.includes(" typ relay")) this.#relayed = true;
      sink.onCandidate(candidate, sdpMid ?? "0");
    });
    this.#connection.addEventListener("icecandidateerror", ({ url, errorCode, errorText }) => {
      if (this.#iceErrors.length < ICE_ERRORS_MAX) this.#iceErrors.push({ url, code: errorCode, text: errorText });
    });
    this.#connection.addEventListener("iceconnectionstatechange", () => {
      const state = this.#connection.iceConnectionState;
      if (this.#over) return;
      if (state === "connected" || state === "completed") sink.onPath();
      sink.onInterrupted(state === "disconnected");
    });
    this.#connection.addEventListener("connectionstatechange", () => {
      if (this.#connection.connectionState === "connected") sink.onSecure();
    });
    const fail = (detail: string): void => {
      if (this.#over) return;
      this.#over = true;
      sink.onFailed(detail);
    };
    peer.on("error", (error) => fail(error.message));
    peer.on("close", () => fail("the peer connection closed"));
  }

  acceptAnswer(sdp: string): void {
    if (!this.#over) this.#peer.signal({ type: "answer", sdp });
  }

  addCandidate(candidate: string, mid: string): void {
    if (this.#over || candidate === "") return;
    this.#peer.signal({ type: "candidate", candidate: { candidate, sdpMid: mid } });
  }

  /** What went wrong at the STUN and TURN servers: a sentence, where something did and no TURN server could be used. */
  get iceTrouble(): Said | undefined {
    return this.#relayed ? undefined : describeIceErrors(this.#iceErrors);
  }

  /** Takes the microphone's track; undefined before the answer, or where that takes none. */
  get microphone(): RTCRtpSender | undefined {
    return this.#audio?.currentDirection === "sendrecv" ? this.#audio.sender : undefined;
  }

  /** Packets of sound that have come. */
  async soundPackets(): Promise<number> {
    for (const entry of (await this.stats()).values() as Iterable<Record<string, unknown>>) {
      if (entry["type"] === "inbound-rtp" && entry["kind"] === "audio") return Number(entry["packetsReceived"] ?? 0);
    }
    return 0;
  }

  stats(): Promise<RTCStatsReport> {
    return this.#connection.getStats();
  }

  /** When the last packet of any kind came (performance.now), or undefined where that is not told. */
  async lastPacketMs(): Promise<number | undefined> {
    let latestMs: number | undefined;
    for (const entry of (await this.stats()).values() as Iterable<Record<string, unknown>>) {
      const atMs = entry["lastPacketReceivedTimestamp"];
      if (typeof atMs === "number") latestMs = Math.max(latestMs ?? 0, atMs - performance.timeOrigin);
    }
    return latestMs;
  }

  /** Idempotent. */
  close(): void {
    this.#over = true;
    this.#peer.destroy();
  }
}

// WebRTC to one viewer: the only file that knows node-datachannel. Applies the viewer's offer (`sdp.ts`), answers (`answer.ts`) with
// one video track, one of audio and the protocol's negotiated data channels, and connects `sender.ts` to the wire. Built by `session/`.

import { CHANNELS, type ChannelDefinition, type ChannelName } from "@eglantine/protocol/channels";
import { ProtocolError } from "@eglantine/protocol/field";
import type { Format } from "@eglantine/protocol/formats";
import { LIMITS } from "@eglantine/protocol/limits";
import { Audio, type DataChannel, PeerConnection, preload, type Track, Video } from "node-datachannel";
import type { SoundPacket } from "../audio/types.ts";
import type { SoundRepair } from "../audio/viewer-sound.ts";
import type { RateLimits } from "../congestion/types.ts";
import { messageOf } from "../errors.ts";
import { dropZeroTieBreakers } from "../linux/check-filter.ts";
import { withTimerSlack } from "../linux/timer-slack.ts";
import type { Log } from "../log.ts";
import type { AccessUnit } from "../video/types.ts";
import { planAudio, planVideo, type SectionPlan } from "./answer.ts";
import { readMicrophone } from "./audio-intake.ts";
import { Copies } from "./copies.ts";
import type { PacketKind } from "./outlet.ts";
import { RtcpIntake } from "./rtcp-intake.ts";
import { type IceCandidate, type Offer, readOffer, usableCandidate } from "./sdp.ts";
import { Sender } from "./sender.ts";
import { TurnDetour } from "./turn-detour.ts";
import type { Transport, TransportCounters, TransportFailure, TransportSink } from "./types.ts";

export interface WebRtcOptions {
  /** Address to bind; "0.0.0.0" or "::" for all. */
  readonly host: string;
  /** One UDP port for all viewers. */
  readonly udpPort: number;
  /** `stun:host:port`, as libdatachannel reads them. Behind one port for all viewers it knows no TURN. */
  readonly iceServers: readonly string[];
  /** Viewers reach their TURN server over TCP or TLS: see `turn-detour.ts`. */
  readonly turnOverTcp?: boolean;
  /** Where viewers find `udpPort` when it is not an address of this machine (NAT, container). */
  readonly publicAddresses?: readonly string[];
  /** The viewer's address as its signalling connection shows it; stands in for candidates that hide theirs (mDNS). */
  readonly viewerAddress?: string | undefined;
  /** Sound goes along where the viewer offers to take it; `microphone`: its own may come back. Absent: there is none. */
  readonly audio?: { readonly microphone: boolean } | undefined;
  /** Largest IP packet. */
  readonly mtuBytes: number;
  readonly startBps: number;
  readonly minBps: number;
  readonly maxBps: number;
  readonly framesPerSecond: number;
  /** The rate is `maxBps` whatever the network does: for measurements. */
  readonly fixed?: boolean;
  /** Repair packets as a share of the media, whatever the controller wants: for measurements. */
  readonly fecFraction?: number;
  readonly log: Log;
}

const VIEWER_CHANNELS = ["input", "motion"] as const satisfies readonly ChannelName[];
/** How long the answer waits for candidates that are not known at once (STUN); later ones are signalled. */
const GATHER_MS = 50;
/** How long `close()` waits for the peer to say that it has ended. */
const CLOSE_MS = 2000;
/** Feedback kept while the channel is not open yet, and bytes queued in it before more is dropped. */
const MAX_EARLY_MESSAGES = 64;
const MAX_BUFFERED_BYTES = 4 * LIMITS.feedbackBytes;

/**
 * usrsctp's timer thread wakes every 10 ms, busy or not: with this slack ten times less often, which is 0.2 % of a core on a
 * still desktop. What it times (retransmissions of the data channels) waits for longer than that anyway.
 */
const SCTP_SLACK_MS = 90;
let threadsStarted = false;

export function createWebRtc(options: WebRtcOptions, sink: TransportSink): Transport {
  if (!threadsStarted) withTimerSlack(SCTP_SLACK_MS, preload);
  threadsStarted = true;
  return new WebRtc(options, sink);
}

class WebRtc implements Transport {
  readonly #options: WebRtcOptions;
  readonly #sink: TransportSink;
  readonly #peer: PeerConnection;
  readonly #channels = new Map<ChannelName, DataChannel>();
  readonly #closedPeer: Promise<void>;
  #resolveClosed: () => void = () => undefined;
  formats: readonly Format[] = [];
  #sender: Sender | undefined;
  #rtcp: RtcpIntake | undefined;
  #limits: RateLimits;
  #active = true;
  #track: Track | undefined;
  #audioTrack: Track | undefined;
  /** The viewer's candidates that came before the answer was applied; `undefined` afterwards. */
  #early: IceCandidate[] | undefined = [];
  /** Our own that came before the answer was handed out; `undefined` afterwards. */
  #unsignalled: IceCandidate[] | undefined = [];
  readonly #detour: TurnDetour | undefined;
  #answerSdp = "";
  #earlyFeedback: Uint8Array[] | undefined = [];
  #answered = false;
  #connected = false;
  #inputLost = false;
  #over = false;
  #closing: Promise<void> | undefined;

  constructor(options: WebRtcOptions, sink: TransportSink) {
    this.#options = options;
    this.#limits = { startBps: options.startBps, minBps: options.minBps, maxBps: options.maxBps };
    this.#sink = sink;
    this.#closedPeer = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    const everywhere = options.host === "0.0.0.0" || options.host === "::";
    this.#peer = new PeerConnection("viewer", {
      iceServers: [...options.iceServers],
      ...(everywhere ? {} : { bindAddress: options.host }),
      enableIceUdpMux: true,
      portRangeBegin: options.udpPort,
      portRangeEnd: options.udpPort,
      disableAutoNegotiation: true,
      maxMessageSize: LIMITS.feedbackBytes,
      mtu: options.mtuBytes,
    });
    if (options.turnOverTcp === true) {
      this.#detour = new TurnDetour({
        agent: { address: options.host, port: options.udpPort },
        icePassword: () => /^a=ice-pwd:(.+)$/m.exec(this.#peer.localDescription()?.sdp ?? "")?.[1]?.trim() ?? "",
        onCandidate: (mended) => {
          if (!this.#over) this.#addRemote(mended);
        },
        log: options.log,
      });
    }
    this.#peer.onStateChange((state) => {
      this.#onState(state);
    });
    this.#peer.onLocalCandidate((candidate, mid) => {
      this.#onLocalCandidate(candidate, mid);
    });
  }

  /** An offer without a codec of ours ends the transport with `no-common-codec` before it is refused here. */
  async answer(offerSdp: string): Promise<string> {
    if (this.#closing !== undefined) throw new ProtocolError("SDP: the transport is closed");
    if (this.#answered) throw new ProtocolError("SDP: a second offer");
    this.#answered = true;
    const offer = readOffer(offerSdp);
    const { video } = offer;
    if (video === undefined || video.formats.length === 0) {
      this.#fail("no-common-codec", "the offer has no video format that this agent sends");
      throw new ProtocolError("SDP: no common codec");
    }
    this.#addMedia(video, this.#options.audio === undefined ? undefined : offer.audio);
    if (offer.hasData) this.#addChannels();
    try {
      this.#peer.setRemoteDescription(offer.sdp, "offer");
      this.#peer.setLocalDescription("answer");
    } catch (error) {
      throw new ProtocolError(`SDP: ${error instanceof Error ? error.message : "refused"}`);
    }
    // The socket is there by now, and no candidate has been told yet.
    if (this.#detour !== undefined && !dropZeroTieBreakers(this.#options.udpPort)) {
      this.#options.log.warn("no socket filter is to be had: TURN over TCP or TLS may fail with Chromium");
    }
    const early = [...offer.candidates, ...(this.#early ?? [])];
    this.#early = undefined;
    for (const { candidate, mid } of early) this.#applyCandidate(candidate, mid);
    await this.#gathered();
    const sdp = this.#peer.localDescription()?.sdp;
    if (sdp === undefined) throw new ProtocolError("SDP: no answer to this offer");
    this.#signalAfter(sdp);
    return sdp;
  }

  addCandidate(candidate: string, mid: string): void {
    if (this.#closing !== undefined) return;
    if (this.#early === undefined) this.#applyCandidate(candidate, mid);
    else this.#early.push({ candidate, mid });
  }

  setActive(active: boolean): void {
    this.#active = active;
    if (this.#connected) this.#sender?.setActive(active);
  }

  stir(): void {
    this.#sender?.stir();
  }

  setLimits(limits: RateLimits): void {
    this.#limits = limits;
    this.#sender?.setLimits(limits);
  }

  send(unit: AccessUnit): number | undefined {
    return this.#connected ? this.#sender?.send(unit) : undefined;
  }

  sendSound(packet: SoundPacket): boolean {
    return this.#connected && this.#sender?.sendSound(packet) === true;
  }

  get soundRepair(): SoundRepair {
    return this.#sender?.soundRepair ?? { lossFraction: 0, redundant: false };
  }

  sendFeedback(message: Uint8Array): boolean {
    const feedback = this.#channels.get("feedback");
    if (this.#closing !== undefined || feedback === undefined) return false;
    if (this.#earlyFeedback === undefined) return this.#sendOn(feedback, message);
    if (this.#earlyFeedback.length >= MAX_EARLY_MESSAGES) return false;
    this.#earlyFeedback.push(message);
    return true;
  }

  get sentBytes(): number {
    return this.#sender?.sentBytes ?? 0;
  }

  counters(): TransportCounters {
    const counters = this.#sender?.counters();
    if (counters === undefined) return { ...NOTHING_SENT, targetBps: this.#limits.startBps };
    return counters;
  }

  get malformedFeedback(): number {
    return this.#rtcp?.malformed ?? 0;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#over = true;
    this.#sender?.close();
    this.#loseInput();
    for (const channel of this.#channels.values()) channel.close();
    this.#track?.close();
    this.#audioTrack?.close();
    this.#peer.close();
    await withTimeout(this.#closedPeer, CLOSE_MS);
    await this.#detour?.close();
  }

  #addMedia(video: NonNullable<Offer["video"]>, audio: Offer["audio"]): void {
    const { formats, fec, extensions } = video;
    const { mtuBytes, framesPerSecond, fixed, fecFraction } = this.#options;
    const sender = new Sender({
      formats,
      fecPayloadType: fec?.payloadType,
      extensions,
      audio,
      mtuBytes,
      framesPerSecond,
      fixed,
      fecFraction,
      ...this.#limits,
      write: (packet, kind) => {
        this.#write(packet, kind);
      },
      onKeyframeNeeded: () => {
        if (!this.#over) this.#sink.onKeyframeNeeded();
      },
      onAlive: (alive) => {
        if (!this.#over) this.#sink.onAlive(alive);
      },
      onTargetBps: (targetBps) => {
        if (!this.#over) this.#sink.onTargetBps(targetBps);
      },
    });
    this.formats = formats.map(({ format }) => format);
    const track = this.#peer.addTrack(describe(new Video(video.mid, "SendOnly"), planVideo(video, sender)));
    track.onOpen(() => {
      this.#onTrackOpen();
    });
    track.onClosed(() => {
      this.#connected = false;
    });
    const rtcp = new RtcpIntake(
      (datagram) => sender.onRtcp(datagram),
      (datagram) => this.#onRtp(datagram, audio),
    );
    this.#rtcp = rtcp;
    this.#sender = sender;
    this.#track = track;
    if (audio !== undefined) this.#audioTrack = this.#addAudio(audio, sender);
    const copies = new Copies(sender.ssrcs);
    for (const one of [track, this.#audioTrack]) {
      one?.onMessage((packet) => {
        if (copies.isCopy(packet)) return;
        const refusal = this.#over ? undefined : rtcp.take(packet, performance.now());
        if (refusal !== undefined) this.#fail(refusal.reason, refusal.detail);
      });
    }
  }

  #addAudio(audio: NonNullable<Offer["audio"]>, sender: Sender): Track {
    const microphone = this.#options.audio?.microphone === true && audio.microphone;
    const plan = planAudio(audio, { ssrc: sender.soundSsrc ?? 0, microphone });
    return this.#peer.addTrack(describe(new Audio(plan.mid, plan.direction), plan));
  }

  /** False: it is no microphone's. Throws ProtocolError for what is no RTP. */
  #onRtp(datagram: Uint8Array, audio: Offer["audio"]): boolean {
    const payloadType = audio?.formats[0]?.payloadType;
    const packet = payloadType === undefined ? undefined : readMicrophone(datagram, payloadType);
    if (packet !== undefined && !this.#over) this.#sink.onMicrophone(packet);
    return packet !== undefined;
  }

  #addChannels(): void {
    for (const [name, definition] of Object.entries(CHANNELS) as [ChannelName, ChannelDefinition][]) {
      const channel = this.#peer.createDataChannel(definition.label, {
        negotiated: true,
        id: definition.id,
        unordered: !definition.ordered,
        ...(definition.maxRetransmits === undefined ? {} : { maxRetransmits: definition.maxRetransmits }),
      });
      this.#channels.set(name, channel);
    }
    for (const name of VIEWER_CHANNELS) {
      this.#channels.get(name)?.onMessage((message) => {
        this.#onMessage(name, message);
      });
    }
    this.#channels.get("input")?.onClosed(() => {
      this.#loseInput();
    });
    this.#channels.get("feedback")?.onOpen(() => {
      const early = this.#earlyFeedback ?? [];
      this.#earlyFeedback = undefined;
      for (const message of early) this.sendFeedback(message);
    });
  }

  #onMessage(channel: "input" | "motion", message: string | Buffer | ArrayBuffer): void {
    if (this.#over) return;
    if (typeof message === "string") {
      this.#fail("protocol-error", `text on the ${channel} channel`);
      return;
    }
    const data = message instanceof ArrayBuffer ? new Uint8Array(message) : message;
    if (data.byteLength > LIMITS.inputBytes) this.#fail("protocol-error", `${data.byteLength} bytes on ${channel}`);
    else this.#sink.onMessage(channel, data);
  }

  /** The library's thread may have closed the track before its callback comes here. */
  #write(packet: Buffer, kind: PacketKind): void {
    if (!this.#connected || this.#over) return;
    try {
      (kind === "sound" ? this.#audioTrack : this.#track)?.sendMessageBinary(packet);
    } catch (error) {
      this.#fail("media-failed", messageOf(error));
    }
  }

  /** Drops what the channel can't take now, or the viewer never: its offer says how long a message may be. */
  #sendOn(channel: DataChannel, message: Uint8Array): boolean {
    try {
      if (!channel.isOpen() || channel.bufferedAmount() >= MAX_BUFFERED_BYTES) return false;
      if (message.length > channel.maxMessageSize()) return false;
      // What it returns tells only whether the message waits in its own queue.
      channel.sendMessageBinary(message);
      return true;
    } catch (error) {
      this.#options.log.debug({ detail: messageOf(error) }, "feedback could not be sent");
      return false;
    }
  }

  #onTrackOpen(): void {
    if (this.#over || this.#connected) return;
    this.#connected = true;
    const pair = this.#peer.getSelectedCandidatePair();
    this.#options.log.debug({ local: pair?.local.candidate, remote: pair?.remote.candidate }, "media connected");
    if (!this.#active) this.#sender?.setActive(false);
    this.#sink.onConnected();
  }

  #onState(state: string): void {
    if (state === "closed") {
      this.#resolveClosed();
      this.#loseInput();
    }
    if (state === "failed") this.#fail("media-failed", "no path to the viewer, or it broke");
    else if (state === "closed") this.#fail("media-failed", "the viewer ended the connection");
  }

  #onLocalCandidate(candidate: string, mid: string): void {
    if (this.#over) return;
    const local = { candidate: candidate.startsWith("a=") ? candidate.slice(2) : candidate, mid };
    if (this.#unsignalled === undefined) this.#signal(local);
    else this.#unsignalled.push(local);
  }

  /** Candidates that the answer does not carry follow it, once whoever waits for the answer has sent it. */
  #signalAfter(answerSdp: string): void {
    this.#answerSdp = answerSdp;
    setImmediate(() => {
      const waiting = this.#unsignalled ?? [];
      this.#unsignalled = undefined;
      const { publicAddresses = [], udpPort } = this.#options;
      const mid = /^a=mid:(.+)$/m.exec(answerSdp)?.[1]?.trim() ?? "";
      for (const [index, address] of publicAddresses.entries()) {
        this.#signal({ candidate: publicCandidate(index, address, udpPort), mid });
      }
      for (const local of waiting) this.#signal(local);
    });
  }

  #signal(local: IceCandidate): void {
    if (!this.#over && !this.#answerSdp.includes(local.candidate)) this.#sink.onCandidate(local.candidate, local.mid);
  }

  /** Host candidates are known at once and ride in the answer, which saves the viewer a round trip. */
  async #gathered(): Promise<void> {
    if (this.#peer.gatheringState() === "complete") return;
    const complete = new Promise<void>((resolve) => {
      this.#peer.onGatheringStateChange((state) => {
        if (state === "complete") resolve();
      });
    });
    await withTimeout(complete, GATHER_MS);
  }

  #applyCandidate(candidate: string, mid: string): void {
    const usable = usableCandidate(candidate, this.#options.viewerAddress);
    if (usable === undefined || this.#detour?.take({ candidate: usable, mid }) === true) return;
    this.#addRemote({ candidate: usable, mid });
  }

  #addRemote({ candidate, mid }: IceCandidate): void {
    try {
      this.#peer.addRemoteCandidate(candidate, mid);
    } catch (error) {
      // The viewer has hung up, and the library's word of it is on its way here.
      if (this.#peer.state() === "closed") return;
      throw new ProtocolError(`ICE: ${error instanceof Error ? error.message : "refused"}`);
    }
  }

  #loseInput(): void {
    if (this.#inputLost) return;
    this.#inputLost = true;
    this.#sink.onInputLost();
  }

  #fail(reason: TransportFailure, detail: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#sender?.close();
    this.#sink.onFailed(reason, detail);
  }
}

const NOTHING_SENT = {
  sentPackets: 0,
  sentBytes: 0,
  retransmittedPackets: 0,
  lostPackets: 0,
  ignoredFeedback: 0,
  roundTripMs: 0,
  queueMs: 0,
  lossFraction: 0,
  fecFraction: 0,
  sendMs: 0,
};

/** What the plan says, in the library's terms. */
function describe<Media extends Audio | Video>(media: Media, plan: SectionPlan): Media {
  for (const { payloadType, name, parameters } of plan.codecs) {
    if (media instanceof Video) media.addVideoCodec(payloadType, name, parameters);
    else media.addAudioCodec(payloadType, name, parameters);
  }
  for (const { payloadType, of } of plan.rtx) media.addRTXCodec(payloadType, of, 90_000);
  for (const ssrc of plan.ssrcs) media.addSSRC(ssrc, "eglantine", plan.stream, plan.track);
  for (const line of plan.lines) media.parseSdpLine(`a=${line}`);
  return media;
}

/**
 * A host candidate for an address that this machine does not have itself: a NAT or a container's host forwards it. Priority:
 * RFC 8445, section 5.1.2.1: of a host candidate, below this machine's own addresses; the first one named is the first choice.
 */
function publicCandidate(index: number, address: string, port: number): string {
  const priority = 126 * 2 ** 24 + (4094 - index) * 2 ** 8 + 255;
  return `candidate:public${index} 1 UDP ${priority} ${address} ${port} typ host`;
}

async function withTimeout(promise: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([promise, timeout]);
  clearTimeout(timer);
}

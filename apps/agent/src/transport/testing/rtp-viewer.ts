// A viewer that sends whatever bytes it likes on the media path: a control connection, and a real peer (ICE, DTLS, SRTP) of
// libdatachannel behind it. It decodes nothing; it reads of each packet what feedback names. For tests of what the agent takes.

import { once } from "node:events";
import { Audio, PeerConnection, type Track, Video } from "node-datachannel";
import { ControlClient } from "../../testing/agent-process.ts";

const PAYLOAD_TYPE = 108;
export const OPUS_PAYLOAD_TYPE = 111;
const TRANSPORT_SEQUENCE_ID = 4;
const TRANSPORT_SEQUENCE = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
/** Nal unit types of H.264 (RFC 6184): an IDR slice, and a fragment of a unit. */
const IDR = 5;
const FU_A = 28;

export class RtpViewer extends ControlClient {
  readonly #peer: PeerConnection;
  readonly #track: Track;
  readonly #audio: Track | undefined;
  /** Candidates of both sides that wait for the answer; `undefined` once it is applied. */
  #early: { own: object[]; theirs: { candidate: string; mid: string }[] } | undefined = { own: [], theirs: [] };
  #idrTimestamps = new Set<number>();
  #ssrc: number | undefined;
  /** Of all packets. */
  packets = 0;
  /** The last one's, as the agent counts them over all its streams. */
  transportSequence: number | undefined;

  /** `audio`: it hears, and may speak. */
  constructor(url: string, { audio = false } = {}) {
    super(url);
    this.#peer = new PeerConnection("viewer", {
      iceServers: [],
      bindAddress: "127.0.0.1",
      disableAutoNegotiation: true,
    });
    // It says that it sends too, or the library would send nothing, RTCP neither.
    const video = new Video("0", "SendRecv");
    video.addH264Codec(PAYLOAD_TYPE, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f");
    video.parseSdpLine(`a=extmap:${TRANSPORT_SEQUENCE_ID} ${TRANSPORT_SEQUENCE}`);
    video.parseSdpLine(`a=rtcp-fb:${PAYLOAD_TYPE} transport-cc`);
    video.addSSRC(1, "viewer");
    this.#track = this.#peer.addTrack(video);
    this.#track.onMessage((packet) => this.#take(packet));
    if (audio) {
      const sound = new Audio("1", "SendRecv");
      sound.addAudioCodec(OPUS_PAYLOAD_TYPE, "opus", "minptime=10;useinbandfec=1");
      sound.addSSRC(2, "viewer");
      this.#audio = this.#peer.addTrack(sound);
    }
    this.#peer.onLocalCandidate((candidate, mid) => {
      const own = { type: "candidate", peer: 0, candidate: candidate.replace(/^a=/, ""), mid };
      if (this.#early === undefined) this.send(own);
      else this.#early.own.push(own);
    });
    this.socket.on("message", (_data, isBinary) => {
      if (!isBinary) this.#signal();
    });
  }

  /** Says hello and offers; resolves with the first picture's first packet. */
  async connect(): Promise<this> {
    await this.opened();
    this.hello(this.#audio === undefined ? {} : { audio: { on: true, socket: false, channels: 2 } });
    this.#peer.setLocalDescription("offer");
    this.send({ type: "offer", peer: 0, sdp: withoutCandidates(this.#peer.localDescription()?.sdp ?? "") });
    await this.until(() => this.packets > 0);
    return this;
  }

  /** Of the agent's media stream. */
  get ssrc(): number {
    if (this.#ssrc === undefined) throw new Error("no packet has come");
    return this.#ssrc;
  }

  /** Whole pictures so far. */
  get idrPictures(): number {
    return this.#idrTimestamps.size;
  }

  /** One datagram, encrypted as it is. False: the library did not take it. */
  throwRtcp(datagram: Uint8Array): boolean {
    return this.#track.isOpen() && this.#track.sendMessageBinary(Buffer.from(datagram));
  }

  /** A datagram in the audio section, encrypted as it is. False: the library did not take it. */
  throwSound(datagram: Uint8Array): boolean {
    return this.#audio?.isOpen() === true && this.#audio.sendMessageBinary(Buffer.from(datagram));
  }

  /** Waits for what packets bring. */
  async until(holds: () => boolean, withinMs = 20_000): Promise<void> {
    const endMs = performance.now() + withinMs;
    while (!holds()) {
      const over = this.socket.readyState === this.socket.CLOSED;
      if (over || performance.now() > endMs) {
        const state = { peer: this.#peer.state(), ice: this.#peer.iceState(), last: this.messages.slice(-3) };
        throw new Error(
          `${over ? "closed" : `${withinMs} ms passed`} before ${String(holds)}: ${JSON.stringify(state)}`,
        );
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  override async close(): Promise<number> {
    this.#peer.close();
    if (this.socket.readyState === this.socket.CONNECTING) await once(this.socket, "open");
    return super.close();
  }

  #signal(): void {
    const message = this.messages.at(-1);
    if (message?.type === "answer") {
      // A path that is there while the library still takes the answer would be refused for want of its fingerprint.
      this.#peer.setRemoteDescription(withoutCandidates(message.sdp), "answer");
      const { own, theirs } = this.#early ?? { own: [], theirs: [] };
      this.#early = undefined;
      for (const [candidate] of message.sdp.matchAll(/candidate:.+/g)) this.#peer.addRemoteCandidate(candidate, "0");
      for (const { candidate, mid } of theirs) this.#peer.addRemoteCandidate(candidate, mid);
      for (const candidate of own) this.send(candidate);
    }
    if (message?.type !== "candidate" || message.candidate === "") return;
    if (this.#early === undefined) this.#peer.addRemoteCandidate(message.candidate, message.mid);
    else this.#early.theirs.push(message);
  }

  #take(packet: Buffer): void {
    const type = packet[1] ?? 0;
    if ((type & 0x7f) !== PAYLOAD_TYPE || (type >= 192 && type <= 223)) return;
    this.packets += 1;
    this.#ssrc = packet.readUInt32BE(8);
    if (((packet[0] ?? 0) & 0x10) === 0) return;
    // One-byte header extensions (RFC 8285): ours is among them.
    const end = 16 + 4 * packet.readUInt16BE(14);
    for (let at = 16; at < end; at += 1) {
      const head = packet[at] ?? 0;
      if (head === 0) continue;
      if (head >> 4 === TRANSPORT_SEQUENCE_ID) this.transportSequence = packet.readUInt16BE(at + 1);
      at += (head & 15) + 1;
    }
    const unit = (packet[end] ?? 0) & 31;
    const inner = unit === FU_A ? (packet[end + 1] ?? 0) & 31 : unit;
    if (inner === IDR) this.#idrTimestamps.add(packet.readUInt32BE(4));
  }
}

const withoutCandidates = (sdp: string) => sdp.replace(/^a=(?:candidate:.*|end-of-candidates)\r\n/gm, "");

// One viewer: owns its ways out (`paths.ts`), its picture (`video/pipeline.ts`), its sound (`audio/viewer-sound.ts`) and its hands
// (`input-intake.ts`), and ties them together. Made by `registry.ts` when a viewer is let in; what its messages mean is in `dispatch.ts`.

import type { AgentControl } from "@eglantine/protocol/control";
import { ProtocolError } from "@eglantine/protocol/field";
import { LIMITS } from "@eglantine/protocol/limits";
import type { Path } from "@eglantine/protocol/formats";
import type { Reason } from "@eglantine/protocol/reasons";
import { type SoundPolicy, type SoundWish, ViewerSound } from "../audio/viewer-sound.ts";
import type { Clipboard } from "../clipboard/clipboard.ts";
import { NO_CLIPBOARD } from "../clipboard/policy.ts";
import type { ClipboardSeat } from "../clipboard/seat.ts";
import type { Closable } from "../close.ts";
import { messageOf } from "../errors.ts";
import type { Files } from "../files/files.ts";
import { NO_FILES } from "../files/policy.ts";
import { spotOnDesktop } from "../input/at-origin.ts";
import type { Gamepads } from "../input/gamepads.ts";
import type { Log } from "../log.ts";
import { SpareRate } from "../congestion/spare-rate.ts";
import { type SocketLine, SocketTransport } from "../transport/socket.ts";
import { SocketSound } from "../transport/socket-sound.ts";
import type { Transport, TransportSink } from "../transport/types.ts";
import type { AccessUnit, EncoderChoice, EncoderOffer, VideoPipeline, VideoSink } from "../video/types.ts";
import { DeferredPipeline } from "../video/deferred.ts";
import type { Desktop } from "../x11/desktop.ts";
import type { ViewerScreen } from "./arrange.ts";
import type { CpuShare } from "./cpu-budget.ts";
import { Dispatch } from "./dispatch.ts";
import { ViewerDisplay } from "./display.ts";
import { Drops } from "./drops.ts";
import { Hands } from "./hands.ts";
import { InputIntake } from "./input-intake.ts";
import { Keyframes } from "./keyframes.ts";
import { Measure } from "./measure.ts";
import { firstFormats, type MediaFormats, Paths, SOCKET_SOURCE } from "./paths.ts";
import { RateError } from "./rate.ts";
import { Steering, type VideoDefaults } from "./steering.ts";
import type { WindowPlace } from "./windows.ts";
import {
  type DoctorAccess,
  type Download,
  type Ignored,
  type NotificationAccess,
  TransferError,
  type Upload,
} from "./types.ts";

/** The viewer's control connection, as far as a session needs it. */
export interface ControlLine extends SocketLine {
  send(message: AgentControl): void;
  /** Says bye with this reason and closes the connection. */
  end(reason: Reason, detail?: string): void;
}

export interface SessionOptions {
  readonly hello: Extract<AgentControl, { type: "hello" }>;
  readonly line: ControlLine;
  readonly desktop: Desktop;
  /** Which window of its viewer it is, and what of the desktop that shows. */
  readonly place: WindowPlace;
  /** Absent: the viewer knows none. */
  readonly gamepads?: Gamepads;
  readonly openVideo: (sink: VideoSink) => VideoPipeline;
  /** A WebRTC peer. */
  readonly openTransport: (sink: TransportSink) => Transport;
  readonly clipboard: Clipboard;
  /** The viewer has hands, and knows `grabs`, `pen` and feedback `pointerAt`. */
  readonly tellsHands: boolean;
  readonly files: Files;
  /** Absent: there is none for this window. */
  readonly doctor?: DoctorAccess;
  /** Absent: there are none for this window. */
  readonly notifications?: NotificationAccess;
  /** A ticket to the RFB path; absent where there is none. */
  readonly vncTicket?: (onOpen: (open: boolean) => void) => string;
  readonly offerEncoders: () => Promise<readonly EncoderOffer[]>;
  readonly videoDefaults: VideoDefaults;
  /** Congestion control is off. */
  readonly fixedRate: boolean;
  /** What the viewer decodes. */
  readonly media: MediaFormats;
  readonly sound: SoundPolicy;
  /** How the viewer wants it; undefined: it knows of none. */
  readonly audio: SoundWish | undefined;
  /** The viewer has RFB to fall back on. */
  readonly rfb: boolean;
  readonly cpu: CpuShare;
  readonly nowMs: () => number;
  readonly log: Log;
  /** Once, when the session has begun to end. */
  readonly onEnded: (session: Session, reason: Reason, detail: string | undefined) => void;
}

/** A viewer that was let in and has no media by then gives its place back. */
const CONNECT_MS = 30_000;
const STATS_MS = 1000;
/** Left to transfers on a full link. */
const LEAST_SPARE_BPS = 500e3;
const LATE_CLIPBOARD = "Your clipboard reached the desktop late: what was pasted may be older. Paste once more.";
/** From the first picture on its way until the encoders are probed, which takes the processor from it. */
const OFFERS_MS = 1000;
export class Session implements Closable {
  readonly #options: SessionOptions;
  readonly #log: Log;
  readonly #hands: Hands;
  readonly #dispatch: Dispatch;
  readonly #measure: Measure;
  readonly #video: VideoPipeline;
  readonly #unwatchSeat: () => void;
  readonly #keyframes: Keyframes;
  readonly #intake: InputIntake;
  readonly #clipboard: ClipboardSeat;
  readonly #drops: Drops;
  readonly #doctor: ReturnType<DoctorAccess["enter"]> | undefined;
  readonly #notifications: ReturnType<NotificationAccess["enter"]> | undefined;
  readonly #spare: { readonly down: SpareRate; readonly up: SpareRate };
  #leastRoundTripMs = Number.POSITIVE_INFINITY;
  readonly #paths: Paths;
  readonly #sound: ViewerSound;
  readonly #steering: Steering;
  readonly #display: ViewerDisplay;
  #connected = false;
  #connectTimer: NodeJS.Timeout | undefined;
  #statsTimer: NodeJS.Timeout | undefined;
  #offersTimer: NodeJS.Timeout | undefined;
  /** Its picture comes over RFB. */
  #rfbOpen = false;
  /** Why no picture may be taken: its path is full, or its data cap used up. */
  readonly #paused = { path: false, cap: false };
  #over = false;
  #closed: Promise<unknown> = Promise.resolve();

  constructor(options: SessionOptions) {
    const { line, desktop } = options;
    this.#options = options;
    this.#log = options.log;
    this.#measure = new Measure(options.nowMs());
    line.send(options.hello);
    this.#display = new ViewerDisplay({
      desktop,
      seat: options.place.seat,
      further: options.place.further,
      resize: options.hello.resize,
      send: (message) => this.#send(message),
      log: this.#log,
    });
    this.#video = this.#startVideo();
    this.#unwatchSeat = options.place.seat.watch(() => this.#video.setRegion(options.place.seat.region));
    this.#keyframes = new Keyframes(() => this.#video.requestKeyframe(), options.nowMs);
    this.#hands = new Hands({
      desktop,
      gamepads: options.gamepads,
      viewOnly: options.hello.viewOnly,
      tells: options.tellsHands,
      region: () => options.place.seat.region,
      send: (message) => this.#send(message),
      sendFeedback: (message) => !this.#over && this.#paths.sendFeedback(message),
      log: this.#log,
    });
    this.#intake = new InputIntake({
      input: this.#hands.input,
      pads: this.#hands.pads,
      sendFeedback: (source, message) => this.#paths.answer(source, message),
      nowMs: options.nowMs,
      guard: (act) => this.#guard(act),
      onLateClipboard: () => this.#send({ type: "notice", level: "warning", text: LATE_CLIPBOARD }),
    });
    this.#clipboard = options.clipboard.enter(
      { send: (message) => this.#send(message), onApplied: (serial) => this.#intake.clipboardApplied(serial) },
      options.hello.clipboard ?? NO_CLIPBOARD,
      { policy: options.hello.files ?? NO_FILES, stages: options.files.stages },
    );
    this.#drops = new Drops({
      desktop,
      files: options.files,
      policy: options.hello.files ?? NO_FILES,
      send: (message) => this.#send(message),
    });
    this.#doctor = options.doctor?.enter((message) => this.#send(message), options.hello.viewOnly);
    this.#notifications = options.notifications?.enter((message) => this.#send(message), options.hello.viewOnly);
    this.#hands.begin();
    this.#spare = { down: new SpareRate(options.nowMs), up: new SpareRate(options.nowMs) };
    this.#paths = this.#openPaths();
    this.#sound = new ViewerSound({
      policy: options.sound,
      viewOnly: options.hello.viewOnly,
      wish: options.audio,
      send: (message) => this.#send(message),
      deliver: (packet, wish) => this.#paths.sendSound(packet, wish),
      repair: () => this.#paths.soundRepair,
      nowMs: options.nowMs,
    });
    this.#steering = new Steering({
      video: this.#video,
      defaults: options.videoDefaults,
      formats: firstFormats(options.media, options.hello.paths),
      cpu: options.cpu,
      nowMs: options.nowMs,
      log: this.#log,
      send: (message) => this.#send(message),
      onLimits: (limits) => this.#paths.setLimits(limits),
      onHeld: (held) => this.#pause({ cap: held }),
      onSteered: (scale, framesPerSecond) => this.#measure.limit(scale, framesPerSecond),
      sentBytes: () => this.#paths.sentBytes,
    });
    this.#dispatch = new Dispatch({
      intake: this.#intake,
      actions: {
        offer: ({ peer, sdp }) => this.#answer(peer, sdp),
        candidate: ({ peer, candidate, mid }) => this.#paths.addCandidate(peer, candidate, mid),
        display: ({ widthPx, heightPx, scale }) => void this.#display.resize({ widthPx, heightPx }, scale),
        screen: ({ left, top, width, height }) => void this.#moveTo({ left, top, width, height }),
        monitor: () => this.#send({ type: "monitor", ...options.place.ticket() }),
        keyframe: () => this.#keyframes.ask(),
        path: ({ want }) => this.#want(want),
        pathLost: ({ path, why }) => this.#paths.lost(path ?? "webrtc", why),
        clipboard: (offer) => this.#clipboard.offer(offer),
        clipboardRefused: (refusal) => this.#clipboard.refused(refusal),
        dropAim: (aim) => this.#drops.aim({ ...aim, ...spotOnDesktop(aim, options.place.seat.region) }),
        dropFiles: (dropped) => void this.#drops.give(dropped),
        doctor: (wish) => this.#doctor?.take(wish),
        notifications: ({ on }) => this.#notifications?.want(on),
        ping: ({ id }) => this.#send({ type: "pong", id }),
        vnc: () => this.#sendTicket(),
        video: (wish) => this.#steering.wish(wish),
        audio: (wish) => this.#guard(() => this.#sound.wish(wish)),
        microphone: ({ on }) => this.#guard(() => this.#sound.turnMicrophone(on)),
        microphonePacket: (packet) => this.#sound.takeMicrophone(SOCKET_SOURCE, packet),
        stats: (stats) => this.#log.debug({ stats }, "viewer's numbers"),
        bye: ({ reason, detail }) => this.end(reason, detail),
        ack: (ack) => this.#paths.acked(ack),
      },
      nowMs: options.nowMs,
    });
    if (!this.#paths.standing) this.#awaitMedia();
    this.#paths.start();
  }

  /** One text frame of the control connection. */
  onControl(frame: string): void {
    this.#guard(() => this.#dispatch.control(frame));
  }

  /** One binary frame of the control connection. */
  onBinary(frame: Uint8Array): void {
    this.#guard(() => this.#dispatch.socket(frame));
  }

  /** What stands at an address of this session's transfers. Rejects with TransferError. */
  async openTransfer([kind, ...names]: readonly string[]): Promise<Download | Upload> {
    const { files, hello } = this.#options;
    if (kind === "clipboard") return this.#clipboard.open(names);
    if (kind === "files") return files.open(hello.files ?? NO_FILES, names, (id) => this.#clipboard.copied(id));
    throw new TransferError(404, "There is nothing here.");
  }

  /** What transfers may take now. Down it is what the picture leaves; up, what keeps the hands' messages from waiting. */
  spareBps(way: "up" | "down"): number {
    const { queueMs = 0, roundTripMs = 0, targetBps = 0 } = this.#paths.counters() ?? {};
    if (way === "down") return this.#spare.down.bps(queueMs, Math.max(LEAST_SPARE_BPS, targetBps / 8));
    if (roundTripMs > 0) this.#leastRoundTripMs = Math.min(this.#leastRoundTripMs, roundTripMs);
    return this.#spare.up.bps(Math.max(0, roundTripMs - this.#leastRoundTripMs), LEAST_SPARE_BPS);
  }

  /** The control connection is gone: there is nobody to say bye to. */
  onLineLost(): void {
    this.end("connection-lost");
  }

  /** Says why, gives everything back. The first reason counts. */
  end(reason: Reason, detail?: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.line.end(reason, detail);
    clearTimeout(this.#connectTimer);
    clearInterval(this.#statsTimer);
    clearTimeout(this.#offersTimer);
    this.#steering.close();
    this.#keyframes.close();
    this.#sound.close();
    this.#dispatch.close();
    this.#intake.close();
    this.#hands.leave();
    this.#doctor?.leave();
    this.#notifications?.leave();
    this.#clipboard.leave();
    this.#display.close();
    this.#unwatchSeat();
    this.#closed = Promise.all([this.#paths.close(), this.#video.close()]);
    this.#options.onEnded(this, reason, detail);
  }

  /** How much of what the viewer said was passed over, since it came. */
  get ignored(): Readonly<Record<Ignored, number>> {
    const { strayFeedback, malformedFeedback } = this.#paths.ignored;
    return {
      "malformed-rtcp": malformedFeedback,
      "stray-feedback": strayFeedback,
      "stray-candidate": this.#dispatch.strayCandidates,
      "keyframe-request": this.#keyframes.held,
    };
  }

  async close(): Promise<void> {
    this.end("agent-closing");
    await this.#closed;
  }

  /** Hostile messages end this session, and this one alone; anything else is a bug and stays one. */
  #guard(act: () => void): void {
    if (this.#over) return;
    try {
      act();
    } catch (error) {
      this.#refuse(error);
    }
  }

  #refuse(error: unknown): void {
    if (error instanceof ProtocolError) this.end("protocol-error", error.message.slice(0, LIMITS.textChars));
    else if (error instanceof RateError) this.end("rate-limited", error.message);
    else throw error;
  }

  #send(message: AgentControl): void {
    if (!this.#over) this.#options.line.send(message);
  }

  #openPaths(): Paths {
    const { openTransport, videoDefaults, fixedRate, hello, media, line, nowMs } = this.#options;
    return new Paths({
      media,
      paths: hello.paths,
      openWebRtc: openTransport,
      openSocket: (sink) => new SocketTransport({ ...videoDefaults, fixed: fixedRate, line, sink, nowMs }),
      socketSound: hello.paths.some((path) => path !== "webrtc") ? new SocketSound(line) : undefined,
      nowMs,
      sink: {
        send: (message) => this.#send(message),
        onConnected: () => this.#onConnected(),
        onPath: (_path, formats) => {
          clearTimeout(this.#connectTimer);
          this.#steering.formats(formats);
          this.#hands.pathChanged();
        },
        onPaused: (paused) => this.#pause({ path: paused }),
        onKeyframeNeeded: () => this.#keyframes.ask(),
        onTargetBps: (targetBps) => this.#steering.target(targetBps),
        onMessage: (source, channel, data) => this.#guard(() => this.#dispatch.input(source, channel, data)),
        onMicrophone: (source, packet) => this.#guard(() => this.#sound.takeMicrophone(source, packet)),
        onInputLost: (source, more) => this.#intake.lost(source, more),
        onInputBack: (source) => this.#intake.back(source),
        onFailed: (reason, detail) => {
          // Where there is RFB the viewer goes on with that, or makes another peer.
          if (reason === "media-failed" && this.#options.rfb) {
            if (!this.#rfbOpen) this.#awaitMedia();
          } else this.end(reason, detail);
        },
      },
    });
  }

  /**
   * The encoder starts beside ICE, so that it is warm when the path stands; not at all where noVNC comes first, and not before its monitor
   * is there where it is to have one of its own.
   */
  #startVideo(): VideoPipeline {
    const { hello, place } = this.#options;
    if (place.plugged === undefined) {
      return hello.paths[0] === "vnc" ? new DeferredPipeline(() => this.#openVideo()) : this.#openVideo();
    }
    const video = new DeferredPipeline(() => this.#openVideo(), true);
    place.plugged.then(
      () => video.release(),
      (error: unknown) => this.end("monitor-refused", messageOf(error).slice(0, LIMITS.textChars)),
    );
    return video;
  }

  #openVideo(): VideoPipeline {
    const video = this.#options.openVideo({
      onAccessUnit: (unit) => this.#onAccessUnit(unit),
      onSize: (widthPx, heightPx) => {
        this.#steering.size(widthPx, heightPx);
        this.#display.picture(widthPx, heightPx);
      },
      onEncoder: (choice) => this.#onEncoder(choice),
      onCard: (reason) => this.#onCard(reason),
      onFailed: (reason) => this.end("media-failed", reason.slice(0, LIMITS.textChars)),
    });
    video.setRegion(this.#options.place.seat.region);
    return video;
  }

  /** Its window went to another screen of the viewer's. */
  async #moveTo(screen: ViewerScreen): Promise<void> {
    try {
      await this.#options.place.seat.moveTo(screen);
    } catch (error) {
      const text = `The monitors stay as they lie: ${messageOf(error)}.`.slice(0, LIMITS.textChars);
      this.#send({ type: "notice", level: "warning", text });
    }
  }

  #pause(why: { readonly path?: boolean; readonly cap?: boolean }): void {
    Object.assign(this.#paused, why);
    this.#video.setPaused(this.#paused.path || this.#paused.cap);
  }

  /** A viewer without media for too long gives its place back. */
  #awaitMedia(): void {
    clearTimeout(this.#connectTimer);
    this.#connectTimer = setTimeout(() => this.end("media-failed", "no media within 30 s"), CONNECT_MS);
  }

  #answer(peer: number, sdp: string): void {
    this.#paths.offer(peer, sdp).then(
      (answer) => answer !== undefined && this.#send({ type: "answer", peer, sdp: answer }),
      (error: unknown) => {
        if (!this.#over) this.#refuse(error);
      },
    );
    if (!this.#paths.standing && !this.#rfbOpen) this.#awaitMedia();
  }

  #want(path: "auto" | Path): void {
    if (this.#over) return;
    this.#paths.want(path);
    if (path === "vnc") clearTimeout(this.#connectTimer);
    else if (!this.#paths.standing) this.#awaitMedia();
  }

  /** The RFB connection is there, or it has ended. */
  #onRfb(open: boolean): void {
    if (this.#over) return;
    this.#rfbOpen = open;
    if (open) clearTimeout(this.#connectTimer);
    else if (!this.#paths.media) this.#awaitMedia();
  }

  #onConnected(): void {
    clearTimeout(this.#connectTimer);
    this.#log.info("viewer connected");
    this.#connected = true;
    this.#hands.showCursor();
    this.#tellStats();
  }

  /** Each second while something moves, and once more: a still desktop wakes nobody. */
  #tellStats(): void {
    if (!this.#connected || this.#statsTimer !== undefined) return;
    const now = this.#paths.counters();
    if (now !== undefined) this.#measure.resume(now, this.#options.nowMs());
    this.#statsTimer = setInterval(() => {
      const counters = this.#paths.counters();
      const stats = counters === undefined ? undefined : this.#measure.take(counters, this.#options.nowMs());
      if (stats !== undefined) {
        this.#send(stats);
        return;
      }
      clearInterval(this.#statsTimer);
      this.#statsTimer = undefined;
    }, STATS_MS);
  }

  #onAccessUnit(unit: AccessUnit): void {
    if (this.#over) return;
    this.#tellStats();
    this.#measure.add(unit);
    if (unit.keyframe && unit.first) this.#keyframes.coded();
    this.#steering.unit(unit);
    const sent = this.#paths.send(unit);
    if (sent && unit.last) this.#offersTimer ??= setTimeout(() => void this.#sendOffers(), OFFERS_MS);
  }

  #onEncoder(choice: EncoderChoice): void {
    const { name, codec, chroma, why, fallback } = choice;
    this.#steering.encoder(choice);
    this.#send({ type: "encoder", name, codec, chroma, why: why.slice(0, LIMITS.textChars), fallback });
  }

  /** Not before the picture is there: the first asking opens every encoder for a moment. */
  async #sendOffers(): Promise<void> {
    try {
      const offers = await this.#options.offerEncoders();
      const encoders = offers.map((offer) => ({ ...offer, why: offer.why.slice(0, LIMITS.textChars) }));
      this.#send({ type: "encoders", encoders });
    } catch (error) {
      this.#log.error({ detail: messageOf(error) }, "encoders could not be asked for");
    }
  }

  #onCard(reason: string | undefined): void {
    const text = (reason ?? "The desktop can be seen again.").slice(0, LIMITS.textChars);
    this.#send({ type: "notice", level: reason === undefined ? "info" : "warning", text });
  }

  #sendTicket(): void {
    const { hello, vncTicket } = this.#options;
    if (vncTicket === undefined) {
      this.#send({ type: "notice", level: "warning", text: "This desktop offers no noVNC." });
      return;
    }
    // One that is never used keeps no place.
    if (!this.#paths.media && !this.#rfbOpen) this.#awaitMedia();
    this.#send({ type: "vnc", ticket: vncTicket((open) => this.#onRfb(open)), viewOnly: hello.viewOnly });
  }
}

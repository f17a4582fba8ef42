// Who is connected: lets viewers in by the number of places, counts why they went, and ends them
// all at the end. Asked by `server/websocket.ts`; makes `session.ts`.

import { randomUUID } from "node:crypto";
import type { AgentControl, ViewerControl } from "@eglantine/protocol/control";
import type { Format, Path } from "@eglantine/protocol/formats";
import type { Reason } from "@eglantine/protocol/reasons";
import {
  CLIPBOARD_SINCE_MINOR,
  GAMEPADS_SINCE_MINOR,
  GRABS_SINCE_MINOR,
  ICE_SERVERS_SINCE_MINOR,
  PROTOCOL_VERSION,
} from "@eglantine/protocol/version";
import type { Clipboard } from "../clipboard/clipboard.ts";
import type { SoundPolicy } from "../audio/viewer-sound.ts";
import type { Closable } from "../close.ts";
import type { Files } from "../files/files.ts";
import type { Gamepads } from "../input/gamepads.ts";
import type { Log } from "../log.ts";
import { Tally } from "../tally.ts";
import type { Transport, TransportSink } from "../transport/types.ts";
import type { EncoderOffer, VideoPipeline, VideoSink } from "../video/types.ts";
import type { Desktop } from "../x11/desktop.ts";
import { CpuBudget } from "./cpu-budget.ts";
import { firstFormats, type MediaFormats } from "./paths.ts";
import { type ControlLine, Session } from "./session.ts";
import type { Ignored, RfbAccess, TransferAccess } from "./types.ts";
import type { VideoDefaults } from "./steering.ts";

export type ViewerHello = Extract<ViewerControl, { type: "hello" }>;

export interface TransportViewer {
  /** Where its control connection comes from. */
  readonly address: string;
  readonly viewOnly: boolean;
}

export interface RegistryOptions {
  readonly desktop: Desktop;
  readonly clipboard: Clipboard;
  readonly files: Files;
  readonly transfers: TransferAccess;
  readonly gamepads: Gamepads;
  /** `formats`: what the viewer decodes on its first path. */
  readonly openVideo: (sink: VideoSink, formats: readonly Format[], log: Log) => VideoPipeline;
  readonly openTransport: (sink: TransportSink, viewer: TransportViewer, log: Log) => Transport;
  readonly offerEncoders: () => Promise<readonly EncoderOffer[]>;
  readonly videoDefaults: VideoDefaults;
  /** Congestion control is off. */
  readonly fixedRate?: boolean;
  /** Processor cores that this machine or container has. */
  readonly cores: number;
  readonly maxViewers: number;
  readonly resize: boolean;
  /** Ways that the picture may take, the first choice first. */
  readonly paths: readonly Path[];
  readonly sound: SoundPolicy;
  /** Absent: there is no RFB here. */
  readonly rfb?: RfbAccess;
  /** Name and version, as in "eglantine-agent 1.2.3". */
  readonly agent: string;
  /** Asked anew for each session: credentials end. */
  readonly iceServers: (session: string) => Extract<AgentControl, { type: "hello" }>["iceServers"];
  /** How long those hold; absent: for ever. */
  readonly iceServersHoldMs?: number;
  readonly nowMs: () => number;
  readonly log: Log;
}

export class Registry implements Closable {
  readonly #options: RegistryOptions;
  readonly #sessions = new Set<Session>();
  readonly #ending = new Set<Promise<void>>();
  readonly #ends = new Tally<Reason>();
  readonly #ignored = new Tally<Ignored>();
  readonly #cpu: CpuBudget;
  #closed = false;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#cpu = new CpuBudget(options.cores);
  }

  get viewers(): number {
    return this.#sessions.size;
  }

  get full(): boolean {
    return this.#closed || this.#sessions.size >= this.#options.maxViewers;
  }

  /** How many sessions ended, by reason, since start. */
  get ends(): Tally<Reason> {
    return this.#ends;
  }

  /** How much of what viewers said was passed over, by reason, since start. */
  get ignored(): Tally<Ignored> {
    const sum = new Tally<Ignored>().addAll(this.#ignored.toJSON());
    for (const { ignored } of this.#sessions) sum.addAll(ignored);
    return sum;
  }

  /**
   * A session for a viewer of our version whose password was right, or undefined when the line was ended with a reason.
   * `viewOnly`: whatever it sends, nothing of it reaches the desktop.
   */
  admit(line: ControlLine, hello: ViewerHello, address: string, role: { viewOnly: boolean }): Session | undefined {
    const { viewOnly } = role;
    const rfb = this.#options.paths.includes("vnc") ? this.#options.rfb : undefined;
    const refused = this.#refusal();
    if (refused !== undefined) {
      const { reason } = refused;
      const count = this.#ends.add(reason);
      this.#options.log.info({ address, reason, count, client: hello.client }, "viewer refused");
      line.end(refused.reason, refused.detail);
      return undefined;
    }
    const id = randomUUID();
    const log = this.#options.log.child({ session: id.slice(0, 8) });
    log.info({ address, client: hello.client, viewOnly }, "viewer let in");
    const media = mediaOf(hello);
    const formats = firstFormats(media, this.#options.paths);
    const renewing = this.#renewIceServers(line, hello, id);
    const { clipboard, files, transfers } = this.#options;
    const session: Session = new Session({
      hello: {
        type: "hello",
        version: PROTOCOL_VERSION,
        agent: this.#options.agent,
        session: id,
        iceServers: this.#options.iceServers(id.slice(0, 8)),
        resize: this.#options.resize && !viewOnly,
        paths: [...this.#options.paths],
        viewOnly,
        ...(hello.version.minor < CLIPBOARD_SINCE_MINOR ? {} : { clipboard: clipboard.policy(viewOnly) }),
        files: { ...files.policy(viewOnly), stages: true, drops: true },
        transferTicket: transfers.ticket(id, { open: (names) => session.openTransfer(names) }, (way) =>
          session.spareBps(way),
        ),
      },
      clipboard,
      tellsHands: hello.version.minor >= GRABS_SINCE_MINOR && !viewOnly,
      files,
      ...(rfb === undefined ? {} : { vncTicket: (onOpen) => rfb.ticket(id, viewOnly, onOpen) }),
      line,
      desktop: this.#options.desktop,
      ...(hello.version.minor >= GAMEPADS_SINCE_MINOR ? { gamepads: this.#options.gamepads } : {}),
      openVideo: (sink) => this.#options.openVideo(sink, formats, log),
      openTransport: (sink) => this.#options.openTransport(sink, { address, viewOnly }, log),
      offerEncoders: () => this.#options.offerEncoders(),
      videoDefaults: this.#options.videoDefaults,
      fixedRate: this.#options.fixedRate ?? false,
      media,
      sound: this.#options.sound,
      audio: hello.audio,
      rfb: hello.media !== undefined && this.#options.paths.includes("vnc"),
      cpu: this.#cpu.join(),
      nowMs: this.#options.nowMs,
      log,
      onEnded: (ended, reason, detail) => {
        const ignored = new Tally<Ignored>().addAll(ended.ignored);
        this.#ignored.addAll(ended.ignored);
        log.info({ reason, detail, count: this.#ends.add(reason), ignored }, "viewer gone");
        rfb?.endSession(id);
        clearInterval(renewing);
        transfers.endSession(id);
        this.#onEnded(ended);
      },
    });
    this.#sessions.add(session);
    return session;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const session of this.#sessions) session.end("agent-closing");
    await Promise.all(this.#ending);
  }

  /** A session may last longer than the credentials that its hello named. */
  #renewIceServers(line: ControlLine, { version }: ViewerHello, id: string): NodeJS.Timeout | undefined {
    const { iceServers, iceServersHoldMs } = this.#options;
    if (iceServersHoldMs === undefined || version.minor < ICE_SERVERS_SINCE_MINOR) return undefined;
    const renew = () => line.send({ type: "iceServers", iceServers: iceServers(id.slice(0, 8)) });
    return setInterval(renew, iceServersHoldMs / 2);
  }

  #refusal(): { reason: Reason; detail: string } | undefined {
    if (this.#closed) return { reason: "agent-closing", detail: "" };
    if (!this.full) return undefined;
    return { reason: "too-many-viewers", detail: `${this.#options.maxViewers} places` };
  }

  #onEnded(session: Session): void {
    this.#sessions.delete(session);
    const ending = session.close();
    this.#ending.add(ending);
    ending
      .catch((error: unknown) => this.#options.log.error({ error }, "a session did not close"))
      .finally(() => this.#ending.delete(ending));
  }
}

/** A viewer that says nothing about it decodes H.264, over WebRTC alone. */
function mediaOf({ media }: ViewerHello): MediaFormats {
  return media ?? { webrtc: ["h264"], socket: [] };
}

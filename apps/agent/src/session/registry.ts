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
import { NO_FILES } from "../files/policy.ts";
import type { Gamepads } from "../input/gamepads.ts";
import type { Log } from "../log.ts";
import { Tally } from "../tally.ts";
import type { Transport, TransportSink } from "../transport/types.ts";
import type { EncoderOffer, VideoPipeline, VideoSink } from "../video/types.ts";
import type { Desktop } from "../x11/desktop.ts";
import { fitDesktop } from "../x11/size-limit.ts";
import { CpuBudget } from "./cpu-budget.ts";
import { firstFormats, type MediaFormats } from "./paths.ts";
import { type ControlLine, Session } from "./session.ts";
import type { Monitors } from "./monitors.ts";
import type { DoctorAccess, Ignored, NotificationAccess, RfbAccess, TransferAccess } from "./types.ts";
import type { VideoDefaults } from "./steering.ts";
import { type WindowPlace, Windows } from "./windows.ts";

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
  readonly monitors: Monitors;
  /** Of one viewer. */
  readonly maxMonitors: number;
  readonly resize: boolean;
  /** Ways that the picture may take, the first choice first. */
  readonly paths: readonly Path[];
  readonly sound: SoundPolicy;
  /** Absent: viewers can't ask for it. */
  readonly doctor?: DoctorAccess;
  /** Absent: there are none. */
  readonly notifications?: NotificationAccess;
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
  readonly #windows: Windows;
  readonly #whyOneMonitor: string | undefined;
  #closed = false;

  constructor(options: RegistryOptions) {
    const { cores, monitors, maxMonitors, nowMs } = options;
    this.#options = options;
    this.#cpu = new CpuBudget(cores);
    this.#whyOneMonitor = whyOneMonitor(options);
    this.#windows = new Windows({ monitors, max: maxMonitors, whyOne: this.#whyOneMonitor, nowMs });
  }

  /** However many windows each of them has. */
  get viewers(): number {
    return this.#windows.viewers;
  }

  get full(): boolean {
    return this.#closed || this.viewers >= this.#options.maxViewers;
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
    const refused = this.#refusal(this.#windows.knows(hello.window, viewOnly));
    if (refused !== undefined) {
      this.#refuse(line, hello, address, refused);
      return undefined;
    }
    const place = this.#windows.first(hello.window, { viewOnly, screen: hello.screen });
    return this.#open(line, hello, address, viewOnly, place);
  }

  /**
   * A session for a further window of a viewer, which its first one has asked a ticket for; or undefined when the line was ended with a
   * reason. Its rights are the viewer's.
   */
  admitFurther(line: ControlLine, hello: ViewerHello, address: string): Session | undefined {
    const { monitor, window, screen } = hello;
    if (monitor === undefined) throw new TypeError("a hello without a ticket");
    const { ticket, ...wanted } = monitor;
    const size = fitDesktop(wanted, this.#options.desktop.maxSize);
    const place = window === undefined ? "it has no name" : this.#windows.further(ticket, { window, size, screen });
    if (typeof place === "string") {
      this.#refuse(line, hello, address, { reason: "monitor-refused", detail: place });
      return undefined;
    }
    return this.#open(line, hello, address, false, place);
  }

  #refuse(
    line: ControlLine,
    { client }: ViewerHello,
    address: string,
    { reason, detail }: { reason: Reason; detail: string },
  ): void {
    const count = this.#ends.add(reason);
    this.#options.log.info({ address, reason, count, client }, "viewer refused");
    line.end(reason, detail);
  }

  #open(line: ControlLine, hello: ViewerHello, address: string, viewOnly: boolean, place: WindowPlace): Session {
    const { further } = place;
    // What the first window has is not had twice.
    const paths = further ? this.#options.paths.filter((path) => path !== "vnc") : this.#options.paths;
    const rfb = paths.includes("vnc") ? this.#options.rfb : undefined;
    const id = randomUUID();
    const log = this.#options.log.child({ session: id.slice(0, 8) });
    log.info({ address, client: hello.client, viewOnly, ...(further ? { further } : {}) }, "viewer let in");
    const media = mediaOf(hello);
    const formats = firstFormats(media, paths);
    const renewing = this.#renewIceServers(line, hello, id);
    const { clipboard, files, transfers } = this.#options;
    const doctor = further ? undefined : this.#options.doctor;
    // A viewer is told once, however many windows it has.
    const notifications = further ? undefined : this.#options.notifications;
    const session: Session = new Session({
      hello: {
        type: "hello",
        version: PROTOCOL_VERSION,
        agent: this.#options.agent,
        session: id,
        iceServers: this.#options.iceServers(id.slice(0, 8)),
        resize: this.#options.resize && !viewOnly,
        paths: [...paths],
        viewOnly,
        ...(further || viewOnly || this.#whyOneMonitor !== undefined ? {} : { monitors: this.#options.maxMonitors }),
        ...(doctor === undefined || viewOnly ? {} : { doctor: true }),
        ...(notifications?.offered(viewOnly) === true ? { notifications: true } : {}),
        ...(hello.version.minor < CLIPBOARD_SINCE_MINOR ? {} : { clipboard: clipboard.policy(viewOnly) }),
        files: further ? { ...NO_FILES } : { ...files.policy(viewOnly), stages: true, drops: true },
        transferTicket: transfers.ticket(id, { open: (names) => session.openTransfer(names) }, (way) =>
          session.spareBps(way),
        ),
      },
      clipboard,
      tellsHands: hello.version.minor >= GRABS_SINCE_MINOR && !viewOnly,
      files,
      ...(rfb === undefined ? {} : { vncTicket: (onOpen) => rfb.ticket(id, viewOnly, onOpen) }),
      ...(doctor === undefined ? {} : { doctor }),
      ...(notifications === undefined ? {} : { notifications }),
      line,
      desktop: this.#options.desktop,
      place,
      ...(hello.version.minor >= GAMEPADS_SINCE_MINOR && !further ? { gamepads: this.#options.gamepads } : {}),
      openVideo: (sink) => this.#options.openVideo(sink, formats, log),
      openTransport: (sink) => this.#options.openTransport(sink, { address, viewOnly }, log),
      offerEncoders: () => this.#options.offerEncoders(),
      videoDefaults: this.#options.videoDefaults,
      fixedRate: this.#options.fixedRate ?? false,
      media,
      sound: this.#options.sound,
      audio: further ? undefined : hello.audio,
      rfb: hello.media !== undefined && paths.includes("vnc"),
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
        place.left(ended, reason);
        this.#onEnded(ended);
      },
    });
    this.#sessions.add(session);
    place.take(session);
    return session;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const session of this.#sessions) session.end("agent-closing");
    this.#windows.close();
    await Promise.all(this.#ending);
  }

  /** A session may last longer than the credentials that its hello named. */
  #renewIceServers(line: ControlLine, { version }: ViewerHello, id: string): NodeJS.Timeout | undefined {
    const { iceServers, iceServersHoldMs } = this.#options;
    if (iceServersHoldMs === undefined || version.minor < ICE_SERVERS_SINCE_MINOR) return undefined;
    const renew = () => line.send({ type: "iceServers", iceServers: iceServers(id.slice(0, 8)) });
    return setInterval(renew, iceServersHoldMs / 2);
  }

  /** `known`: it has its place already. */
  #refusal(known: boolean): { reason: Reason; detail: string } | undefined {
    if (this.#closed) return { reason: "agent-closing", detail: "" };
    if (!this.full || known) return undefined;
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

/** A sentence where no viewer may have several. */
function whyOneMonitor({ resize, maxMonitors, monitors, paths }: RegistryOptions): string | undefined {
  if (maxMonitors === 1) return "This agent's operator has switched further monitors off.";
  if (!resize) return "This agent's operator keeps the desktop's size, and with it its one monitor.";
  if (paths.every((path) => path === "vnc")) return "This desktop is shown by noVNC alone, which knows no monitors.";
  return monitors.whyOne;
}

/** A viewer that says nothing about it decodes H.264, over WebRTC alone. */
function mediaOf({ media }: ViewerHello): MediaFormats {
  return media ?? { webrtc: ["h264"], socket: [] };
}

// Composition root: builds the agent's parts in order and closes them in reverse. Started by `main.ts`.
// Order: X server → sessions → door → port. Whoever waits for the last finds all the others standing.

import { existsSync } from "node:fs";
import { availableParallelism, homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import manifest from "../package.json" with { type: "json" };
import type { NativeSound } from "./audio/native.ts";
import { SoundServer } from "./audio/sound-server.ts";
import type { SoundPolicy } from "./audio/viewer-sound.ts";
import { Clipboard } from "./clipboard/clipboard.ts";
import { type Closable, Closer } from "./close.ts";
import { type Config, programEnvironment } from "./config/load.ts";
import { DoctorDesk } from "./doctor/desk.ts";
import { VNC_PATH } from "@eglantine/protocol/channels";
import type { Path } from "@eglantine/protocol/formats";
import { messageOf, StartError, UsageError } from "./errors.ts";
import { Files } from "./files/files.ts";
import { Gamepads } from "./input/gamepads.ts";
import type { PadBackend } from "./input/pad-types.ts";
import { chooseGamepads } from "./linux/gamepad-tier.ts";
import { ScaleCommand } from "./linux/scale-command.ts";
import { chooseTablet } from "./linux/uinput-tablet.ts";
import type { Log } from "./log.ts";
import { Notifications } from "./notifications/notifications.ts";
import { basePathOf } from "./server/base-path.ts";
import { basicCredentials, type Expected, Gate } from "./server/auth.ts";
import { HttpServer } from "./server/http.ts";
import { isLoopback, type Names } from "./server/origin.ts";
import { VncProxy } from "./server/vnc-proxy.ts";
import { readPages } from "./server/pages.ts";
import { type KeptPassword, keptPassword } from "./server/password.ts";
import { Proxies } from "./server/proxies.ts";
import { readTls } from "./server/tls.ts";
import { Transfers } from "./server/transfer.ts";
import { Door } from "./server/websocket.ts";
import { Monitors } from "./session/monitors.ts";
import { Registry } from "./session/registry.ts";
import { readIceServers } from "./transport/ice-servers.ts";
import type { Transport, TransportSink } from "./transport/types.ts";
import type { WebRtcOptions } from "./transport/webrtc.ts";
import { NativeAddonError } from "./video/native.ts";
import type { EncoderOffer, VideoOptions, VideoPipeline, VideoSink } from "./video/types.ts";
import { XDesktop } from "./x11/desktop.ts";

export const VERSION = manifest.version;

/** What leaves the process: chosen by `main.ts`; tests choose fakes. */
export interface Media {
  /** Throws NativeAddonError when pictures can't be made at all. */
  loadNativeAddon(): unknown;
  /** The module for sound, or why it can't be had. */
  loadNativeSound(): NativeSound | { readonly why: string };
  createVideoPipeline(options: VideoOptions, sink: VideoSink, log: Log): VideoPipeline;
  /** Finds out which encoder viewers will have, before there is one. */
  prepareEncoder(name: string): Promise<void>;
  /** Every encoder and whether it can be had here. */
  offerEncoders(): Promise<readonly EncoderOffer[]>;
  createWebRtc(options: WebRtcOptions, sink: TransportSink): Transport;
}

export interface Agent extends Closable {
  readonly url: string;
  /** Set when a password was made now: the user has not seen it yet. */
  readonly newPassword: KeptPassword | undefined;
}

/** Payload of one RTP packet with all headers around it fits the smallest MTU met in practice, IPv6's 1280. */
const MTU_BYTES = 1200;

/** Throws UsageError and StartError, in words, for what the user must change. */
export async function startAgent(config: Config, media: Media, log: Log): Promise<Agent> {
  const { tcp, sockets } = placesOf(config);
  if (!config.auth && tcp && !isLoopback(config.host) && !config.container) {
    throw new UsageError(
      `ENABLE_BASIC_AUTH: "false" is accepted only on a loopback address, and EGLANTINE_HOST is "${config.host}": ` +
        "anybody who reaches it would have the desktop",
    );
  }
  try {
    media.loadNativeAddon();
  } catch (error) {
    if (error instanceof NativeAddonError) throw new StartError(error.message);
    throw error;
  }
  if (!config.auth && tcp && config.container) {
    log.warn({ option: "ENABLE_BASIC_AUTH" }, "no password is asked for: whoever reaches this port has the desktop");
  }
  if (!config.auth && config.noVncViewPassword !== undefined) {
    log.warn({ option: "NOVNC_VIEWPASS" }, "no password is asked for, so that nobody is held to watching alone");
  }
  const proxies = new Proxies(config.trustedProxies);
  const basePath = basePathOf(config.basePath);
  const ice = readIceServers(config);
  for (const name of ice.unused) log.warn({ option: name }, "option has no effect without TURN_HOST");
  const nowMs = () => performance.now();
  const kept = config.auth && !config.password ? keptPassword(config.runDir) : undefined;
  const password = config.password || kept?.password;
  const gate = new Gate(expectedOf(config, password), nowMs);
  const tls = config.https ? readTls(config.httpsCert, config.httpsKey) : undefined;
  const pages = await readPages(config.clientDir ?? builtClient());

  const parts = new Closer();
  try {
    const tablet = chooseTablet(config.pen);
    if (!("why" in tablet)) parts.add({ close: async () => tablet.close() });
    const { scaleCommand: command, display, dpi } = config;
    const scaleCommand =
      command === undefined
        ? undefined
        : parts.add(new ScaleCommand({ command, display, dpi, environment: programEnvironment(), log }));
    const desktop = parts.add(
      new XDesktop({
        display: config.display,
        xauthority: config.xauthority,
        dpi: config.dpi,
        rateHz: config.framesPerSecond,
        // Only a session of ours names a command: elsewhere the display is somebody's own.
        own: command !== undefined,
        scale: config.scale ?? "off",
        maxSize: config.maxSize,
        rfbSocket: config.rfbSocket,
        tablet,
        tellDesktop: (dpi) => scaleCommand?.tell(dpi),
        log,
      }),
    );
    await desktop.start();
    const monitors = parts.add(new Monitors({ desktop, log }));
    monitors.start();
    const gamepads = parts.add(new Gamepads({ backend: gamepadsOf(config), nowMs, log }));
    const maxBps = config.videoKbps * 1000;
    const minBps = Math.min(config.videoMinKbps * 1000, maxBps);
    const fixed = !config.congestionControl;
    const startBps = fixed ? maxBps : Math.min(Math.max(minBps, config.videoStartKbps * 1000), maxBps);
    const paths = pathsOf(config, log);
    let udpPort = config.port;
    const clipboard = parts.add(
      new Clipboard({
        ways: config.clipboard,
        watchers: config.clipboardWatchers,
        inMaxBytes: config.clipboardInMegabytes * 1e6,
        outMaxBytes: config.clipboardOutMegabytes * 1e6,
        primary: config.clipboardPrimary,
        port: desktop.selection,
        nowMs,
        log,
      }),
    );
    const files = parts.add(new Files({ ways: config.files, folder: config.filesDir, home: homedir(), log }));
    files.start();
    const transfers = parts.add(new Transfers({ allowedOrigins: config.allowedOrigins, proxies, nowMs, log }));
    const vnc =
      config.rfbSocket === undefined || !paths.includes("vnc")
        ? undefined
        : parts.add(
            new VncProxy({
              socketPath: config.rfbSocket,
              // It knows one monitor alone, and would unplug the others.
              mayResize: () => config.resize && !monitors.several,
              maxSize: config.maxSize,
              clipboard: (viewOnly) => clipboard.policy(viewOnly),
              allowedOrigins: config.allowedOrigins,
              proxies,
              nowMs,
              log,
            }),
          );
    const sound = soundOf(config, media, parts, log);
    const doctor = parts.add(
      new DoctorDesk({ config: () => ({ ...config, port: udpPort }), environment: programEnvironment, log }),
    );
    const notifications = parts.add(
      new Notifications({ way: config.notifications, bus: config.sessionBus, nowMs, log }),
    );
    const registry = parts.add(
      new Registry({
        desktop,
        clipboard,
        files,
        transfers,
        gamepads,
        openVideo: (sink, formats, viewerLog) =>
          media.createVideoPipeline(
            {
              display: config.display,
              encoder: config.encoder,
              formats,
              chroma: "420",
              framesPerSecond: config.framesPerSecond,
              bitrateBps: startBps,
            },
            sink,
            viewerLog,
          ),
        openTransport: (sink, viewer, viewerLog) =>
          media.createWebRtc(
            {
              host: config.host,
              udpPort,
              viewerAddress: viewer.address,
              audio:
                "why" in sound.sound ? undefined : { microphone: sound.noMicrophone === undefined && !viewer.viewOnly },
              iceServers: ice.forAgent,
              turnOverTcp: ice.turnOverTcp,
              publicAddresses: config.publicAddresses,
              mtuBytes: MTU_BYTES,
              startBps,
              minBps,
              maxBps,
              framesPerSecond: config.framesPerSecond,
              fixed,
              log: viewerLog,
            },
            sink,
          ),
        offerEncoders: () => media.offerEncoders(),
        videoDefaults: {
          encoder: config.encoder,
          chroma: config.chroma,
          preset: config.preset,
          framesPerSecond: config.framesPerSecond,
          minBps,
          startBps,
          maxBps,
          capBytesPerHour: config.videoCapMegabytes === 0 ? undefined : config.videoCapMegabytes * 1e6,
        },
        fixedRate: fixed,
        cores: availableParallelism(),
        maxViewers: config.maxViewers,
        monitors,
        maxMonitors: config.maxMonitors,
        resize: config.resize,
        paths,
        sound,
        ...(vnc === undefined ? {} : { rfb: vnc }),
        doctor,
        notifications,
        agent: `eglantine-agent ${VERSION}`,
        iceServers: (session) => ice.forViewer(session, Date.now() / 1000),
        ...(ice.holdS === undefined ? {} : { iceServersHoldMs: ice.holdS * 1000 }),
        nowMs,
        log,
      }),
    );
    const door = parts.add(new Door({ registry, gate, allowedOrigins: config.allowedOrigins, proxies, nowMs, log }));
    const serverAt = (path?: string): HttpServer => {
      const http: HttpServer = new HttpServer({
        host: config.host,
        port: config.port,
        ...(path === undefined ? { tls } : { path, tls: undefined }),
        pages,
        basePath,
        proxies,
        names: namesOf(config),
        health: (request) => ({
          ok: desktop.reachable,
          version: VERSION,
          display: { name: config.display, reachable: desktop.reachable, ...(desktop.reachable ? desktop.size : {}) },
          viewers: registry.viewers,
          maxViewers: config.maxViewers,
          mayConnect: desktop.reachable && !registry.full,
          // What was turned away and why is for whoever has the password.
          ...(gate.check(proxies.caller(request).address, basicCredentials(request.headers.authorization)) === "ok"
            ? {
                http: http.refused,
                refused: door.refused,
                ended: registry.ends,
                ignored: registry.ignored,
                ...(vnc === undefined ? {} : { vnc: vnc.ends }),
              }
            : {}),
        }),
        onUpgrade: (request, socket, head) => {
          const isVnc = vnc !== undefined && (request.url ?? "").split("?")[0] === `/${VNC_PATH}`;
          (isVnc ? vnc : door).upgrade(request, socket, head);
        },
        onTransfer: (request, response, path) => transfers.answer(request, response, path),
        log,
      });
      return parts.add(http);
    };
    if (tcp) udpPort = await serverAt().listen();
    for (const path of sockets) await serverAt(path).listen();
    // Opens encoders for a moment, on another thread: nobody waits for it.
    media
      .prepareEncoder(config.encoder)
      .catch((error: unknown) =>
        log.warn({ detail: messageOf(error) }, "encoder could not be asked for before a viewer came"),
      );
    const host = config.host.includes(":") ? `[${config.host}]` : config.host;
    const url = tcp
      ? `${tls === undefined ? "http" : "https"}://${host}:${udpPort}${basePath}/`
      : `unix:${sockets[0] ?? ""}`;
    log.info(
      {
        url,
        ...(sockets.length === 0 ? {} : { sockets }),
        // The desktop application shows the same, and asks whether it is right.
        ...(tcp && tls !== undefined ? { fingerprint: tls.fingerprint } : {}),
        display: config.display,
        encoder: config.encoder,
        version: VERSION,
        pages: pages.size,
      },
      "agent started",
    );
    return { url, newPassword: kept?.made === true ? kept : undefined, close: () => parts.close() };
  } catch (error) {
    await parts.close();
    throw error;
  }
}

/** The desktop's sound, or why there is none. */
function soundOf(config: Config, media: Media, parts: Closer, log: Log): SoundPolicy {
  const noMicrophone = config.microphone ? undefined : "This agent's operator has switched microphones off.";
  if (!config.audio) return { sound: { why: "This agent's operator has switched the sound off." }, noMicrophone };
  const { pulseServer: server, audioSink: sink, microphoneSink, audioBps: bitrateBps } = config;
  if (server === undefined) {
    log.info("no sound: PULSE_SERVER names no sound server");
    return { sound: { why: "There is no sound server: PULSE_SERVER is not set where the agent runs." }, noMicrophone };
  }
  const lowDelay = config.audioApplication === "lowdelay";
  const load = () => media.loadNativeSound();
  const maxChannels = config.audioChannels;
  const sound = new SoundServer({ server, sink, microphoneSink, bitrateBps, maxChannels, lowDelay, load, log });
  return { sound: parts.add(sound), noMicrophone };
}

/** Under which names it answers. What of a container may be reached, and by whom, is its operator's: published ports, a proxy that asks. */
function namesOf({ auth, container, allowedOrigins }: Config): Names {
  if (auth) return "any";
  return container
    ? allowedOrigins.filter((origin) => URL.canParse(origin)).map((origin) => new URL(origin).hostname)
    : "loopback";
}

/** Where viewers may come in. */
function placesOf({ listen }: Config): { readonly tcp: boolean; readonly sockets: readonly string[] } {
  const sockets = listen.filter((place) => place !== "tcp").map((place) => place.slice("unix:".length));
  return { tcp: listen.includes("tcp"), sockets: [...new Set(sockets)] };
}

/** Who may come in; undefined: everybody. */
function expectedOf(config: Config, password: string | undefined): Expected | undefined {
  const { user, noVncViewPassword: viewPassword } = config;
  if (password === undefined || !config.auth) return undefined;
  if (viewPassword === undefined || viewPassword === "") return { user, password };
  if (viewPassword === password) {
    throw new UsageError(
      "NOVNC_VIEWPASS: is the same as BASIC_AUTH_PASSWORD, and would let watchers touch: choose another one",
    );
  }
  return { user, password, viewPassword };
}

/** In a folder of their own for each display: one user may run several agents. */
function gamepadsOf({ gamepad, gamepadDir, runDir, display }: Config): PadBackend {
  const folder = gamepadDir ?? join(runDir, `gamepad${display.replaceAll(/\W+/g, "-")}`);
  return chooseGamepads({ mode: gamepad, folder, preloaded: gamepadDir !== undefined });
}

/** The ways that viewers are offered, the first choice first. */
function pathsOf(config: Config, log: Log): readonly Path[] {
  const { noVnc, rfbSocket } = config;
  // Nobody shall reach it by any network, UDP's neither.
  const paths = placesOf(config).tcp ? config.paths : config.paths.filter((path) => path !== "webrtc");
  if (paths.length === 0) {
    throw new UsageError("EGLANTINE_PATHS: names WebRTC alone, which EGLANTINE_LISTEN without tcp leaves no way");
  }
  if (rfbSocket === undefined) {
    if (noVnc) log.warn({ option: "NOVNC_ENABLE" }, "noVNC can't be had: EGLANTINE_RFB_SOCKET names no socket");
    const others = paths.filter((path) => path !== "vnc");
    if (others.length > 0) return others;
    throw new UsageError("EGLANTINE_PATHS: names noVNC alone, and EGLANTINE_RFB_SOCKET names no socket for it");
  }
  return noVnc ? ["vnc", ...paths.filter((path) => path !== "vnc")] : paths;
}

/** The page beside the bundle, or in the source tree. */
function builtClient(): string {
  const places = ["client", "../../client/dist/renderer"].map((place) =>
    fileURLToPath(new URL(place, import.meta.url)),
  );
  return places.find((place) => existsSync(place)) ?? places[0] ?? "client";
}

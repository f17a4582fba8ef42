// TABLE of every option: environment names, flag, kind of value, default, document. From it come the types, the flags
// and --help (`load.ts`, `describe.ts`), CONFIGURATION.md and image/.env.example (`../../generate.ts`).
// The names without EGLANTINE_ are those of docker-nvidia-egl-desktop and of Selkies, and work unchanged.

import { CHROMAS, PATHS, PRESETS, type SoundChannels } from "@eglantine/protocol/formats";
import { LIMITS } from "@eglantine/protocol/limits";
import { z } from "zod";
import { CLIPBOARD_WAYS, PRIMARY_WAYS } from "../clipboard/policy.ts";
import { FILES_WAYS } from "../files/policy.ts";
import { LOG_LEVELS } from "../log.ts";
import { NOTIFICATION_WAYS } from "../notifications/notification.ts";
import { integer, list, type Option, oneOf, option, scaleChoice, sizePx, text, yesNo } from "./option.ts";

const sidePx = integer(LIMITS.displayMinPx, LIMITS.displayMaxPx, "pixels");

/** Names of WEBRTC_ENCODER in docker-nvidia-egl-desktop and in Selkies; `video/select.ts` has the encoders. */
export const ENCODER_NAMES = [
  "auto",
  "nvh264enc",
  "vah264enc",
  "x264enc",
  "openh264enc",
  "nvh265enc",
  "vah265enc",
  "x265enc",
  "vp8enc",
  "vavp8enc",
  "vp9enc",
  "vavp9enc",
  "nvav1enc",
  "vaav1enc",
  "svtav1enc",
  "av1enc",
  "rav1enc",
] as const;

export const OPTIONS = {
  display: option({
    group: "Display",
    env: ["DISPLAY"],
    flag: "display",
    schema: z.string().regex(/^[\w.-]*:\d{1,5}(\.\d{1,2})?$/, 'must be an X display such as ":0"'),
    preset: ":0",
    doc: "The X display that is streamed.",
    status: "agent",
  }),
  xauthority: option({
    group: "Display",
    env: ["XAUTHORITY"],
    schema: text,
    presetDoc: "`~/.Xauthority`",
    doc: "File with the X server's access cookie.",
    status: "agent",
  }),
  widthPx: option({
    group: "Display",
    env: ["SIZEW", "DISPLAY_SIZEW"],
    schema: sidePx,
    preset: "1920",
    doc: "Width of the desktop at start.",
    status: "session",
  }),
  heightPx: option({
    group: "Display",
    env: ["SIZEH", "DISPLAY_SIZEH"],
    schema: sidePx,
    preset: "1080",
    doc: "Height of the desktop at start.",
    status: "session",
  }),
  framesPerSecond: option({
    group: "Display",
    env: ["REFRESH", "DISPLAY_REFRESH", "SELKIES_FRAMERATE"],
    flag: "refresh",
    schema: integer(1, 240, "Hz"),
    preset: "60",
    doc:
      "The most pictures a second, and the rate that the X server tells of its screen. A still desktop sends none. A viewer with a slower " +
      "screen asks for as many as that shows.",
    status: "agent",
  }),
  dpi: option({
    group: "Display",
    env: ["DPI", "DISPLAY_DPI"],
    schema: integer(36, 600, "dots per inch"),
    preset: "96",
    doc: "Dots per inch that programs are told at a scale of 1 (`EGLANTINE_SCALE`); kept when the desktop is resized.",
    status: "agent",
  }),
  scale: option({
    group: "Display",
    env: ["EGLANTINE_SCALE"],
    flag: "scale",
    schema: scaleChoice,
    presetDoc: "`auto` in a session of its own; `off` on a display that was there before",
    doc:
      "How large programs draw themselves. `auto`: as the screen of the viewer who sets the desktop's size asks for, in steps of a quarter. " +
      "A number from 0.5 to 4: always so. `off`: the agent leaves that alone. What is set on the desktop itself is kept.",
    status: "agent",
  }),
  scaleCommand: option({
    group: "Display",
    env: ["EGLANTINE_SCALE_COMMAND"],
    schema: z.string().regex(/^\//, "must be an absolute path"),
    presetDoc: "set by the session",
    doc:
      "Program that makes a desktop follow a new scale, beside what every X program is told: called with the dots per inch and the scale, " +
      "one run at a time.",
    status: "agent",
  }),
  maxSize: option({
    group: "Display",
    env: ["EGLANTINE_MAX_SIZE"],
    flag: "max-size",
    schema: sizePx,
    preset: "7680x4320",
    doc:
      "The largest desktop that viewers may ask for, either way round. A larger window gets one of its own shape within it, scaled up, and " +
      "is told so. Never beyond 8192x4320 pixels. H.264's pictures end at 4096x2304: of a larger desktop they are enlarged; those of " +
      "other codecs are whole.",
    status: "agent",
  }),
  depth: option({
    group: "Display",
    env: ["CDEPTH", "DISPLAY_CDEPTH"],
    schema: oneOf(["16", "24"]),
    preset: "24",
    doc: "Colour depth of the X server in bits.",
    status: "session",
  }),
  resize: option({
    group: "Display",
    env: ["WEBRTC_ENABLE_RESIZE", "SELKIES_ENABLE_RESIZE"],
    flag: "resize",
    schema: yesNo,
    preset: "true",
    doc: "Whether the desktop takes the size of the viewer's window.",
    status: "agent",
  }),
  maxMonitors: option({
    group: "Display",
    env: ["EGLANTINE_MAX_MONITORS"],
    flag: "max-monitors",
    schema: integer(1, LIMITS.monitors),
    preset: "4",
    doc:
      "How many monitors one viewer may give the desktop, each in a window of its own with an encoder of its own; 1: none beside the first. " +
      "Needs `EGLANTINE_RFB_SOCKET` and `WEBRTC_ENABLE_RESIZE`.",
    status: "agent",
  }),
  encoder: option({
    group: "Video and sound",
    env: ["WEBRTC_ENCODER", "SELKIES_ENCODER"],
    flag: "encoder",
    schema: oneOf(ENCODER_NAMES),
    preset: "auto",
    doc:
      "Video encoder. `auto` takes the best one that the machine and the viewer have. One that either lacks is replaced by " +
      "another, and the log and the viewer are told why. A viewer may ask for another one while connected.",
    status: "agent",
  }),
  videoKbps: option({
    group: "Video and sound",
    env: ["EGLANTINE_VIDEO_BITRATE", "SELKIES_VIDEO_BITRATE"],
    flag: "video-bitrate",
    schema: integer(100, 1_000_000, "kbit/s"),
    preset: "32000",
    doc: "The most that the video of one viewer may take, kbit/s. Congestion control stays below it as the network asks.",
    status: "agent",
  }),
  videoMinKbps: option({
    group: "Video and sound",
    env: ["EGLANTINE_VIDEO_MIN_BITRATE"],
    schema: integer(50, 1_000_000, "kbit/s"),
    preset: "300",
    doc: "What congestion control never goes below, kbit/s.",
    status: "agent",
  }),
  videoStartKbps: option({
    group: "Video and sound",
    env: ["EGLANTINE_VIDEO_START_BITRATE"],
    schema: integer(50, 1_000_000, "kbit/s"),
    preset: "8000",
    doc: "Where congestion control begins, kbit/s.",
    status: "agent",
  }),
  videoCapMegabytes: option({
    group: "Video and sound",
    env: ["EGLANTINE_VIDEO_CAP"],
    schema: integer(0, 1_000_000, "megabytes an hour").refine(
      (megabytes) => megabytes === 0 || megabytes * 1e6 >= LIMITS.capMinBytes,
      `must be 0 or at least ${Math.ceil(LIMITS.capMinBytes / 1e6)} megabytes an hour`,
    ),
    preset: "0",
    doc:
      "Data cap: the most that one viewer may receive in an hour, megabytes. 0: none. Per connection: one that comes anew " +
      "begins anew. What goes over noVNC is not counted.",
    status: "agent",
  }),
  preset: option({
    group: "Video and sound",
    env: ["EGLANTINE_PRESET"],
    flag: "preset",
    schema: oneOf(PRESETS),
    preset: "balanced",
    doc:
      "What gives way first when the network gets narrower: `games` keeps the frame rate, `text` the sharpness, `metered` spends " +
      "least, `balanced` lies between. A viewer may choose another one.",
    status: "agent",
  }),
  chroma: option({
    group: "Video and sound",
    env: ["EGLANTINE_CHROMA"],
    flag: "chroma",
    schema: oneOf(CHROMAS),
    preset: "auto",
    doc: "Colour resolution: `444` where encoder and viewer have it, `420`, or `auto`: 4:4:4 for text where the network allows.",
    status: "agent",
  }),
  congestionControl: option({
    group: "Video and sound",
    env: ["EGLANTINE_CONGESTION_CONTROL", "SELKIES_CONGESTION_CONTROL"],
    schema: yesNo,
    preset: "true",
    doc: "Whether the rate follows the network. `false` sends at the highest rate whatever happens: for measurements.",
    status: "agent",
  }),
  audio: option({
    group: "Video and sound",
    env: ["EGLANTINE_AUDIO"],
    flag: "audio",
    schema: yesNo,
    preset: "true",
    doc: "Whether viewers hear the desktop. `false` in a session: no sound server is started.",
    status: "agent",
  }),
  audioBps: option({
    group: "Video and sound",
    env: ["EGLANTINE_AUDIO_BITRATE", "SELKIES_AUDIO_BITRATE"],
    schema: integer(6000, 510_000, "bit/s"),
    preset: "128000",
    doc: "Bitrate of stereo sound, bit/s; more channels take a third of it each. Silence takes nothing.",
    status: "agent",
  }),
  audioChannels: option({
    group: "Video and sound",
    env: ["EGLANTINE_AUDIO_CHANNELS"],
    schema: oneOf(["2", "6", "8"]).transform((channels) => Number(channels) as SoundChannels),
    preset: "2",
    doc: "Channels of the desktop's sound: stereo, 5.1 or 7.1. Viewers with fewer hear them mixed down.",
    status: "agent",
  }),
  audioApplication: option({
    group: "Video and sound",
    env: ["EGLANTINE_AUDIO_APPLICATION"],
    schema: oneOf(["lowdelay", "audio"]),
    preset: "lowdelay",
    doc: "How Opus codes: `lowdelay` is 4 ms sooner, `audio` is better at low bitrates.",
    status: "agent",
  }),
  microphone: option({
    group: "Video and sound",
    env: ["EGLANTINE_MICROPHONE"],
    flag: "microphone",
    schema: yesNo,
    preset: "true",
    doc:
      "Whether viewers may speak to the desktop; each one's microphone is off until its user turns it on, and several are mixed. " +
      "Those who may only watch have none.",
    status: "agent",
  }),
  pulseServer: option({
    group: "Video and sound",
    env: ["PULSE_SERVER"],
    schema: text,
    presetDoc: "the session's own, where the agent runs in one",
    doc: "Sound server, as PulseAudio's programs read it. Without one there is no sound.",
    status: "agent",
  }),
  audioSink: option({
    group: "Video and sound",
    env: ["EGLANTINE_AUDIO_SINK"],
    schema: text,
    preset: "@DEFAULT_SINK@",
    doc: "What viewers hear: the sink of the sound server that programs play into.",
    status: "agent",
  }),
  microphoneSink: option({
    group: "Video and sound",
    env: ["EGLANTINE_MICROPHONE_SINK"],
    schema: text,
    preset: "mic_in",
    doc: "Sink that viewers' microphones are played into; its monitor is what programs record.",
    status: "agent",
  }),
  clipboard: option({
    group: "Clipboard",
    env: ["EGLANTINE_CLIPBOARD"],
    flag: "clipboard",
    schema: oneOf(CLIPBOARD_WAYS),
    preset: "both",
    doc: "Which way the clipboard goes: `in` to the desktop, `out` of it, `both` or `off`. Held to on every path, noVNC too.",
    status: "agent",
  }),
  clipboardInMegabytes: option({
    group: "Clipboard",
    env: ["EGLANTINE_CLIPBOARD_IN_MAX_MB"],
    schema: integer(1, 1024, "megabytes"),
    preset: "64",
    doc: "The most that one paste brings into the desktop, megabytes. The agent keeps as much in memory. noVNC takes text of 256 KiB.",
    status: "agent",
  }),
  clipboardOutMegabytes: option({
    group: "Clipboard",
    env: ["EGLANTINE_CLIPBOARD_OUT_MAX_MB"],
    schema: integer(1, 1024, "megabytes"),
    preset: "64",
    doc: "The most of what is copied on the desktop that a viewer gets, megabytes.",
    status: "agent",
  }),
  clipboardPrimary: option({
    group: "Clipboard",
    env: ["EGLANTINE_CLIPBOARD_PRIMARY"],
    schema: oneOf(PRIMARY_WAYS),
    preset: "off",
    doc:
      "X's second clipboard, which the middle button pastes. `in`: what a viewer copied can be pasted so too. `both`: what is only selected on the " +
      "desktop also goes to the viewers.",
    status: "agent",
  }),
  clipboardWatchers: option({
    group: "Clipboard",
    env: ["EGLANTINE_CLIPBOARD_VIEW_ONLY"],
    schema: yesNo,
    preset: "false",
    doc: "Whether viewers that may only watch get what is copied on the desktop.",
    status: "agent",
  }),
  files: option({
    group: "Files",
    env: ["EGLANTINE_FILES"],
    flag: "files",
    schema: oneOf(FILES_WAYS),
    preset: "both",
    doc: "Which way files go: `up` to the desktop, `down` from it, `both` or `off`. Never for viewers that may only watch.",
    status: "agent",
  }),
  filesDir: option({
    group: "Files",
    env: ["EGLANTINE_FILES_DIR"],
    schema: z.string().regex(/^\//, "must be an absolute path"),
    presetDoc: "`Downloads` in the home of the desktop's user",
    doc: "Folder that viewers' files come to and are fetched from, made when it is not there. Nothing outside of it is touched, and no link in it followed. What uploads that nobody went on with have left there is removed after a day.",
    status: "agent",
  }),
  notifications: option({
    group: "Notifications",
    env: ["EGLANTINE_NOTIFICATIONS"],
    flag: "notifications",
    schema: oneOf(NOTIFICATION_WAYS),
    preset: "on",
    doc: "Whether viewers that ask for it are told what programs notify their user of. Never viewers that may only watch.",
    status: "agent",
  }),
  sessionBus: option({
    group: "Notifications",
    env: ["DBUS_SESSION_BUS_ADDRESS"],
    schema: text,
    presetDoc: "the session's own, where the agent runs in one",
    doc: "The D-Bus bus of the desktop's programs; one with `unix:path=…`. Without it there are no notifications.",
    status: "agent",
  }),
  auth: option({
    group: "Access",
    env: ["ENABLE_BASIC_AUTH", "SELKIES_ENABLE_BASIC_AUTH"],
    flag: "auth",
    schema: yesNo,
    preset: "true",
    doc:
      "Whether viewers must give a user name and a password. `false` is accepted on a loopback address, and in a container, for a proxy that asks " +
      "itself: whoever reaches the port then has the desktop, by an address, or by a name that stands in `EGLANTINE_ALLOWED_ORIGINS`.",
    status: "agent",
  }),
  user: option({
    group: "Access",
    env: ["BASIC_AUTH_USER", "SELKIES_BASIC_AUTH_USER"],
    schema: z
      .string()
      .min(1, "must not be empty")
      .max(LIMITS.userChars, `must be at most ${LIMITS.userChars} characters`),
    preset: "user",
    doc: "The viewers' user name.",
    status: "agent",
  }),
  password: option({
    group: "Access",
    env: ["BASIC_AUTH_PASSWORD", "SELKIES_BASIC_AUTH_PASSWORD", "PASSWD"],
    schema: z.string().max(LIMITS.passwordChars, `must be at most ${LIMITS.passwordChars} characters`),
    presetDoc: "random, printed once, kept in `EGLANTINE_RUN_DIR`",
    doc:
      "The viewers' password; falls back to `PASSWD`. A container that is started as root (`--user 0`) makes `PASSWD` the password of the account " +
      "`user` too, before it becomes that account; otherwise the account has none, and the log says so.",
    status: "agent",
    secret: true,
  }),
  allowedOrigins: option({
    group: "Access",
    env: ["EGLANTINE_ALLOWED_ORIGINS"],
    flag: "allowed-origins",
    schema: list.refine(
      (origins) => origins.every((origin) => /^[a-z][a-z0-9+.-]*:\/\/[^/\s]+$/i.test(origin)),
      "must be origins such as https://desk.example.org, separated by commas",
    ),
    preset: "",
    presetDoc: "none",
    doc: "Other web pages, by origin, that may connect beside the agent's own page and the desktop application.",
    status: "agent",
  }),
  maxViewers: option({
    group: "Access",
    env: ["EGLANTINE_MAX_VIEWERS"],
    flag: "max-viewers",
    schema: integer(1, 64),
    preset: "4",
    doc: "How many viewers may be connected at once; each one has an encoder of its own.",
    status: "agent",
  }),
  host: option({
    group: "Network",
    env: ["EGLANTINE_HOST", "SELKIES_ADDR"],
    flag: "host",
    schema: z.string().regex(/^[\w.:-]{1,253}$/, "must be an address or a host name"),
    presetDoc: "`127.0.0.1`; `0.0.0.0` in a container",
    doc: "Address that the agent listens on, TCP and UDP.",
    status: "agent",
  }),
  port: option({
    group: "Network",
    env: ["EGLANTINE_PORT", "SELKIES_PORT"],
    flag: "port",
    schema: integer(0, 65535),
    preset: "8080",
    doc: "TCP port of page and signalling, and UDP port of the media. 0 takes any free one.",
    status: "agent",
  }),
  listen: option({
    group: "Network",
    env: ["EGLANTINE_LISTEN"],
    flag: "listen",
    schema: list.pipe(
      z
        .array(
          z
            .string()
            .regex(
              /^(tcp|unix:\/[^\0]{1,106})$/,
              "must be tcp, or unix: and an absolute path of at most 107 characters",
            ),
        )
        .min(1, "must name tcp or a Unix socket")
        .max(8, "must be at most 8 places"),
    ),
    preset: "tcp",
    doc:
      "Where viewers may come in, separated by commas: `tcp` is the TCP port, `unix:/path` a Unix socket that only the agent's own user can open, " +
      "without TLS: for the desktop application's `ssh://` addresses. Without `tcp` nothing is exposed to any network, and the picture comes over the " +
      "socket.",
    status: "agent",
  }),
  publicAddresses: option({
    group: "Network",
    env: ["EGLANTINE_PUBLIC_ADDRESS"],
    flag: "public-address",
    schema: list.pipe(
      z
        .array(z.union([z.ipv4(), z.ipv6()], { error: "must be an IP address, or several separated by commas" }))
        .max(8, "must be at most 8 addresses"),
    ),
    preset: "",
    presetDoc: "none",
    doc:
      "Address under which viewers reach the agent's UDP port, when a NAT or a published port stands in between; an IPv4 and an " +
      "IPv6 one, or several, separated by commas. The port is the same on both sides.",
    status: "agent",
  }),
  basePath: option({
    group: "Network",
    env: ["EGLANTINE_BASE_PATH"],
    flag: "base-path",
    schema: z.string().regex(/^(\/(?!\.{1,2}(\/|$))[\w.~-]{1,64}){0,8}\/?$/, 'must be a path such as "/desk"'),
    preset: "/",
    doc:
      "Path below which a reverse proxy shows the agent: page, WebSockets and health. Works whether the proxy takes the path away " +
      "before it passes a request on, or leaves it.",
    status: "agent",
  }),
  trustedProxies: option({
    group: "Network",
    env: ["EGLANTINE_TRUSTED_PROXIES"],
    schema: list,
    preset: "",
    presetDoc: "none",
    doc:
      "Addresses or networks (CIDR), separated by commas, of reverse proxies whose `X-Forwarded-For`, `X-Forwarded-Host` and " +
      "`X-Forwarded-Proto` are believed. Without it every viewer behind a proxy has the proxy's address: they share the limit on " +
      "wrong passwords.",
    status: "agent",
  }),
  paths: option({
    group: "Network",
    env: ["EGLANTINE_PATHS"],
    flag: "paths",
    schema: list.pipe(z.array(oneOf(PATHS)).min(1, "must name at least one path")),
    preset: "webrtc,socket,vnc",
    doc: "Ways that picture and input may take: `webrtc` (UDP), `socket` (the TCP port), `vnc` (the X server's own, same port).",
    status: "agent",
  }),
  stunServers: option({
    group: "Network",
    env: ["EGLANTINE_STUN_SERVERS", "STUN_SERVERS"],
    schema: list,
    preset: "",
    presetDoc: "none",
    doc: "STUN servers for agent and viewers, `host:port`, separated by commas. Nobody's public server is asked unless named here.",
    status: "agent",
  }),
  container: option({
    group: "Network",
    env: ["EGLANTINE_CONTAINER"],
    schema: yesNo,
    preset: "false",
    doc: "Set by the image: the agent then listens on all addresses unless told otherwise.",
    status: "agent",
  }),
  https: option({
    group: "Network",
    env: ["ENABLE_HTTPS_WEB", "SELKIES_ENABLE_HTTPS"],
    flag: "https",
    schema: yesNo,
    preset: "false",
    doc: "Whether the TCP port speaks TLS. Browsers need that for anything but loopback addresses.",
    status: "agent",
  }),
  httpsCert: option({
    group: "Network",
    env: ["HTTPS_WEB_CERT", "SELKIES_HTTPS_CERT"],
    flag: "https-cert",
    schema: text,
    preset: "/etc/ssl/certs/ssl-cert-snakeoil.pem",
    doc: "File of the TLS certificate and its chain, PEM.",
    status: "agent",
  }),
  httpsKey: option({
    group: "Network",
    env: ["HTTPS_WEB_KEY", "SELKIES_HTTPS_KEY"],
    flag: "https-key",
    schema: text,
    preset: "/etc/ssl/private/ssl-cert-snakeoil.key",
    doc: "File of the TLS certificate's private key, PEM.",
    status: "agent",
  }),
  noVnc: option({
    group: "noVNC and TURN",
    env: ["NOVNC_ENABLE"],
    schema: yesNo,
    preset: "false",
    doc: "Whether noVNC is the first choice of viewers; WebRTC then rests, and so do its options. It is there by hand, and as the last resort, in any case.",
    status: "agent",
  }),
  rfbSocket: option({
    group: "noVNC and TURN",
    env: ["EGLANTINE_RFB_SOCKET"],
    schema: text,
    presetDoc: "the session's own, where the agent runs in one",
    doc: "Unix socket on which the X server speaks RFB without a password, for the noVNC path and for further monitors.",
    status: "agent",
  }),
  noVncViewPassword: option({
    group: "noVNC and TURN",
    env: ["NOVNC_VIEWPASS"],
    schema: z.string().max(LIMITS.passwordChars, `must be at most ${LIMITS.passwordChars} characters`),
    doc: "Password for those who may watch and not touch, over noVNC and every other path; the agent sees to it.",
    status: "agent",
    secret: true,
  }),
  turnHost: option({
    group: "noVNC and TURN",
    env: ["TURN_HOST", "SELKIES_TURN_HOST"],
    schema: z.string().regex(/^[\w.:-]{1,253}$/, "must be an address or a host name"),
    doc: "TURN server, for networks that let no direct UDP through. Viewers reach it over `TURN_PROTOCOL`; the agent needs no port open for it.",
    status: "agent",
  }),
  turnPort: option({
    group: "noVNC and TURN",
    env: ["TURN_PORT", "SELKIES_TURN_PORT"],
    schema: integer(1, 65535),
    preset: "3478",
    doc: "Port of the TURN server.",
    status: "agent",
  }),
  turnProtocol: option({
    group: "noVNC and TURN",
    env: ["TURN_PROTOCOL", "SELKIES_TURN_PROTOCOL"],
    schema: oneOf(["udp", "tcp"]),
    preset: "udp",
    doc: "Protocol between viewer and TURN server. `TURN_TLS` takes TCP whatever stands here.",
    status: "agent",
  }),
  turnTls: option({
    group: "noVNC and TURN",
    env: ["TURN_TLS", "SELKIES_TURN_TLS"],
    schema: yesNo,
    preset: "false",
    doc: "Whether viewers speak to the TURN server over TLS (`turns:`), on `TURN_PORT`. Its certificate must be one that browsers accept.",
    status: "agent",
  }),
  turnSharedSecret: option({
    group: "noVNC and TURN",
    env: ["TURN_SHARED_SECRET", "SELKIES_TURN_SHARED_SECRET"],
    schema: text,
    doc:
      "Secret shared with the TURN server (coturn: `use-auth-secret`), from which credentials that hold for 24 hours are made for " +
      "each session.",
    status: "agent",
    secret: true,
  }),
  turnUsername: option({
    group: "noVNC and TURN",
    env: ["TURN_USERNAME", "SELKIES_TURN_USERNAME"],
    schema: text,
    doc: "User name at the TURN server, with `TURN_PASSWORD`, in place of a shared secret: giving both kinds is an error.",
    status: "agent",
  }),
  turnPassword: option({
    group: "noVNC and TURN",
    env: ["TURN_PASSWORD", "SELKIES_TURN_PASSWORD"],
    schema: text,
    doc: "Password at the TURN server.",
    status: "agent",
    secret: true,
  }),
  runDir: option({
    group: "Machine",
    env: ["EGLANTINE_RUN_DIR"],
    flag: "run-dir",
    schema: text,
    presetDoc: "`$XDG_RUNTIME_DIR/eglantine`, else `/tmp/eglantine-<user id>`",
    doc: "Directory for what must outlive the agent: the random password. Made with mode 0700.",
    status: "agent",
  }),
  clientDir: option({
    group: "Machine",
    env: ["EGLANTINE_CLIENT_DIR"],
    flag: "client-dir",
    schema: text,
    presetDoc: "`client/` beside the agent",
    doc: "Directory of the built client page.",
    status: "agent",
  }),
  logLevel: option({
    group: "Machine",
    env: ["EGLANTINE_LOG_LEVEL"],
    flag: "log-level",
    schema: oneOf(LOG_LEVELS),
    preset: "info",
    doc: "How much is logged on standard error, JSON a line.",
    status: "agent",
  }),
  timeZone: option({
    group: "Machine",
    env: ["TZ"],
    schema: z.string().regex(/^[\w+\-/:.,<>]{1,64}$/, "must be a time zone such as Europe/Berlin"),
    presetDoc: "UTC",
    doc: "Time zone of the desktop.",
    status: "session",
  }),
  locale: option({
    group: "Machine",
    env: ["LC_ALL", "LANG"],
    schema: text,
    preset: "C.UTF-8",
    doc:
      "Language of the desktop, such as `de_DE.UTF-8`, and so `LC_TIME` and the like for parts of it. The session makes a locale that the machine has not, " +
      "where the Debian package `locales` is, in a second.",
    status: "session",
  }),
  desktop: option({
    group: "Machine",
    env: ["EGLANTINE_DESKTOP"],
    schema: text,
    preset: "plasma",
    doc: "What runs on the X server: `plasma`, or a command.",
    status: "session",
  }),
  home: option({
    group: "Machine",
    env: ["EGLANTINE_HOME"],
    schema: text,
    presetDoc: "`$HOME`",
    doc: "Home directory of the desktop; `/home/user` in the image, where a volume keeps it.",
    status: "session",
  }),
  gamepad: option({
    group: "Machine",
    env: ["EGLANTINE_GAMEPAD"],
    flag: "gamepad",
    schema: oneOf(["auto", "uinput", "interposer", "off"]),
    preset: "auto",
    doc:
      "How programs get the viewers' gamepads. `uinput`: as devices of the kernel, where `/dev/uinput` may be opened and `/dev/input` is " +
      "there. `interposer`: by a library that the session starts programs with, without any rights. `auto`: the first of these that works. `off`: not at all.",
    status: "agent",
  }),
  pen: option({
    group: "Machine",
    env: ["EGLANTINE_PEN"],
    flag: "pen",
    schema: oneOf(["auto", "mouse"]),
    preset: "auto",
    doc:
      "What a viewer's pen is to programs. `auto`: with its pressure and tilt, by a tablet of the kernel, where `/dev/uinput` may be opened and " +
      "the X server reads such devices (Xvnc reads none). `mouse`: always a mouse.",
    status: "agent",
  }),
  gamepadDir: option({
    group: "Machine",
    env: ["EGLANTINE_GAMEPAD_DIR"],
    schema: z.string().regex(/^\//, "must be an absolute path"),
    presetDoc: "set by the session; else `gamepad-…` in `EGLANTINE_RUN_DIR`",
    doc: "Folder of the interposer's files, the same for the agent and for programs.",
    status: "session",
  }),
  keyboardLayout: option({
    group: "Machine",
    env: ["EGLANTINE_KEYBOARD_LAYOUT"],
    schema: z.string().regex(/^[\w,()-]{1,128}$/, "must be a layout such as de, or de(nodeadkeys)"),
    presetDoc: "the X server's, us",
    doc: "Keyboard layout of the desktop, as XKB names it.",
    status: "session",
  }),
  inputMethod: option({
    group: "Machine",
    env: ["EGLANTINE_INPUT_METHOD"],
    schema: oneOf(["auto", "fcitx5", "off"]),
    preset: "auto",
    doc:
      "Whether fcitx5 runs on the desktop. `auto`: where the language is Chinese, Japanese or Korean, or the user has set it up there. What viewers " +
      "compose on their own computers arrives without it.",
    status: "session",
  }),
  stopSeconds: option({
    group: "Machine",
    env: ["EGLANTINE_STOP_SECONDS"],
    schema: integer(1, 9999, "seconds"),
    preset: "8",
    doc:
      "How long programs of the desktop have to save and end when the session does. Two seconds less than the container's own time to stop, " +
      "which is 10 with Docker and Podman (`--stop-timeout`), 30 in Kubernetes (`terminationGracePeriodSeconds`).",
    status: "session",
  }),
  graphics: option({
    group: "Machine",
    env: ["EGLANTINE_GRAPHICS"],
    schema: oneOf(["auto", "nvidia", "mesa", "wsl", "software"]),
    preset: "auto",
    doc:
      "What draws for programs. `auto`: the first GPU whose driver works in the container, else the processor. `nvidia`, `mesa` (AMD, Intel), " +
      "`wsl` (Direct3D 12): only one of that kind. `software`: the processor, whatever is there. `eglantine-run --show PROGRAM` says what follows for a program.",
    status: "session",
  }),
  vglDisplay: option({
    group: "Machine",
    env: ["VGL_DISPLAY"],
    schema: z
      .string()
      .regex(
        /^(egl\d{0,2}|\/dev\/dri\/[\w.-]{1,64}|:\d[\d.]*)$/,
        "must be egl, egl0, egl1, … or a path below /dev/dri",
      ),
    preset: "egl",
    doc:
      "Device that VirtualGL renders on: `egl` the first GPU, and none where there is none; `egl0`, `egl1`, … that EGL device, or a path below `/dev/dri`, " +
      "whatever it is.",
    status: "session",
  }),
  nvidiaDevices: option({
    group: "Machine",
    env: ["NVIDIA_VISIBLE_DEVICES"],
    schema: text,
    doc: "GPUs that the container is given. Read by NVIDIA's container runtime.",
    status: "session",
  }),
  nvidiaCapabilities: option({
    group: "Machine",
    env: ["NVIDIA_DRIVER_CAPABILITIES"],
    schema: text,
    doc: "Driver libraries that the container is given. Read by NVIDIA's container runtime.",
    status: "session",
  }),
} satisfies Record<string, Option>;

export type OptionName = keyof typeof OPTIONS;

type Value<O extends Option> = z.output<O["schema"]>;

/** Options that are always there: they have a default. The others may be undefined. */
type Present = {
  [Name in OptionName]: (typeof OPTIONS)[Name] extends { preset: string } ? Name : never;
}[OptionName];

export type Values = { [Name in Present]: Value<(typeof OPTIONS)[Name]> } & {
  [Name in Exclude<OptionName, Present>]: Value<(typeof OPTIONS)[Name]> | undefined;
};

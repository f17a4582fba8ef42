// Transports under test and the real Chromiums at their other end. Used by the system tests of this folder; everything that was
// opened is closed by `closeAll()`.

import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { Codec } from "@eglantine/protocol/formats";
import { createLog } from "../../log.ts";
import type { AccessUnit } from "../../video/types.ts";
import type { Transport } from "../types.ts";
import { createWebRtc, type WebRtcOptions } from "../webrtc.ts";
import { type ChromiumViewer, type EncodedPicture, type PeerConfiguration, TestChromium } from "./chromium-viewer.ts";
import { LossyPath } from "./lossy-path.ts";
import { RecordingSink } from "./recording-sink.ts";

export interface Connection {
  readonly transport: Transport;
  readonly sink: RecordingSink;
  readonly viewer: ChromiumViewer;
  readonly answer: string;
  /** Sends the next pictures, one a frame time of 60 Hz. */
  readonly play: (pictures: readonly EncodedPicture[], codec?: Codec, more?: Partial<AccessUnit>) => Promise<void>;
}

export interface ConnectOptions {
  readonly path?: LossyPath;
  /** What becomes of the viewer's offer on its way. */
  readonly offered?: (sdp: string) => string;
  readonly options?: Partial<WebRtcOptions>;
  /** Of the browser's peer. */
  readonly peer?: PeerConfiguration;
}

export class Connections {
  readonly #open: { close(): Promise<void> | void }[] = [];
  readonly chromium: TestChromium;
  readonly udpPort: number;

  private constructor(chromium: TestChromium, udpPort: number) {
    this.chromium = chromium;
    this.udpPort = udpPort;
  }

  static async start(flags: readonly string[] = []): Promise<Connections> {
    return new Connections(await TestChromium.start(flags), await freeUdpPort());
  }

  async film(count: number, bitrateBps: number, codec: Codec = "h264"): Promise<EncodedPicture[]> {
    const encoder = await this.chromium.viewer();
    const film = await encoder.encode(count, 640, 360, bitrateBps, codec);
    await encoder.close();
    return film;
  }

  transport(sink: RecordingSink, options: Partial<WebRtcOptions> = {}): Transport {
    const transport = createWebRtc(
      {
        host: "127.0.0.1",
        udpPort: this.udpPort,
        iceServers: [],
        mtuBytes: 1200,
        startBps: 10e6,
        minBps: 300e3,
        maxBps: 50e6,
        framesPerSecond: 60,
        log: createLog("silent"),
        ...options,
      },
      sink,
    );
    this.#open.push(transport);
    return transport;
  }

  async viewer(): Promise<ChromiumViewer> {
    const viewer = await this.chromium.viewer();
    this.#open.push(viewer);
    return viewer;
  }

  async connect({ path, offered = (sdp) => sdp, options, peer }: ConnectOptions = {}): Promise<Connection> {
    const sink = new RecordingSink();
    const viewerAddress = path === undefined ? "::ffff:127.0.0.1" : undefined;
    const transport = this.transport(sink, { viewerAddress, ...options });
    const viewer = await this.viewer();
    const offer = await viewer.offer((candidate, mid) => transport.addCandidate(candidate, mid), peer);
    const answer = await transport.answer(offered(offer));
    await viewer.accept(path?.throughHere(answer) ?? answer);
    await sink.until("connected");
    let frame = 0;
    const play: Connection["play"] = async (pictures, codec = "h264", more = {}) => {
      for (const { data, keyframe } of pictures) {
        const nowUs = Number(process.hrtime.bigint()) / 1000;
        frame += 1;
        transport.send({
          data,
          keyframe,
          codec,
          chroma: "420",
          frame,
          first: true,
          last: true,
          refinement: false,
          changed: 1,
          widthPx: 640,
          heightPx: 360,
          timing: { damageUs: nowUs, grabUs: nowUs, convertUs: nowUs, encodeUs: nowUs },
          ...more,
        });
        await new Promise((resolve) => setTimeout(resolve, 16));
      }
    };
    return { transport, sink, viewer, answer, play };
  }

  async lossyPath(): Promise<LossyPath> {
    const path = await LossyPath.open(this.udpPort);
    this.#open.push(path);
    return path;
  }

  /** The library's own threads give the port back some milliseconds after the last peer has closed. */
  async untilPortFree(): Promise<void> {
    for (;;) {
      const socket = createSocket("udp4").bind(this.udpPort, "127.0.0.1");
      const outcome = await Promise.race([once(socket, "listening").then(() => "free"), once(socket, "error")]);
      if (outcome === "free") {
        socket.close();
        return;
      }
    }
  }

  /** Transports, viewers and paths; the browser stays. */
  async closeAll(): Promise<void> {
    for (const part of this.#open.splice(0).reverse()) await part.close();
  }

  async close(): Promise<void> {
    await this.closeAll();
    await this.chromium.close();
  }
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  await once(socket, "close");
  return port;
}

// A real Chromium as the offering peer of a transport under test, and the encoder of the pictures that the tests send.
// What runs in the browser is `viewer-page.js`. Used by `webrtc.system.test.ts`.

import { readFileSync } from "node:fs";
import type { Codec } from "@eglantine/protocol/formats";
import { type Browser, chromium, type Page } from "playwright-core";

const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** WebCodecs need a secure context: the page is handed to the browser under a name that counts as one. */
const PAGE_URL = "http://localhost:21000/";
const PAGE_SCRIPT = readFileSync(new URL("viewer-page.js", import.meta.url), "utf8");
const PAGE = `<!doctype html><video autoplay muted playsinline></video><script type="module">${PAGE_SCRIPT}</script>`;

export interface EncodedPicture {
  readonly data: Uint8Array;
  readonly keyframe: boolean;
}

/** Of `getStats()`, inbound video. */
export type VideoStat =
  | "framesDecoded"
  | "keyFramesDecoded"
  | "nackCount"
  | "retransmittedPacketsReceived"
  | "pliCount"
  | "packetsReceived"
  | "fecPacketsReceived"
  | "fecBytesReceived"
  | "fecPacketsDiscarded";
export type VideoStats = Readonly<
  Record<VideoStat | "jitterBufferDelay" | "jitterBufferEmittedCount", number> & { codecId: string }
>;

/** Of the browser's RTCConfiguration. */
export interface PeerConfiguration {
  readonly iceServers?: readonly {
    readonly urls: readonly string[];
    readonly username?: string;
    readonly credential?: string;
  }[];
  readonly iceTransportPolicy?: "all" | "relay";
}

export class ChromiumViewer {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Makes the peer and its offer; its candidates follow. */
  async offer(
    onCandidate: (candidate: string, mid: string) => void,
    configuration: PeerConfiguration = {},
  ): Promise<string> {
    await this.#page.exposeFunction("toAgent", onCandidate);
    return this.#call("offer", configuration);
  }

  /** Types of the two candidates of the pair in use, and the protocol to the TURN server ("" without one). */
  path(): Promise<{ readonly local: string; readonly remote: string; readonly relayProtocol: string }> {
    return this.#call("path");
  }

  accept(answerSdp: string): Promise<void> {
    return this.#call("accept", answerSdp);
  }

  /** Once the channel is open. */
  sendOn(channelId: 0 | 1, message: readonly number[] | string): Promise<void> {
    return this.#call("sendOn", channelId, message);
  }

  /** The feedback channel's messages, once there are `count` of them. */
  async received(count: number): Promise<readonly (readonly number[])[]> {
    await this.#page.waitForFunction(`viewer.inbox.length >= ${count}`);
    return this.#page.evaluate("viewer.inbox");
  }

  /** Statistics of the video now. */
  stats(): Promise<VideoStats> {
    return this.#call("inboundVideo");
  }

  /** Encoding name of the codec that the last picture came in. */
  codec(): Promise<string> {
    return this.#call("codec");
  }

  /** Statistics of the video as soon as `name` has reached `least`. */
  untilStat(name: VideoStat, least: number): Promise<VideoStats> {
    return this.#call("untilStat", name, least);
  }

  colour(): Promise<readonly number[]> {
    return this.#call("colour");
  }

  /** `count` pictures, the first a keyframe. */
  async encode(
    count: number,
    widthPx: number,
    heightPx: number,
    bitrateBps: number,
    codec: Codec,
  ): Promise<EncodedPicture[]> {
    const pictures = await this.#call<{ base64: string; keyframe: boolean }[]>(
      "encode",
      count,
      widthPx,
      heightPx,
      bitrateBps,
      codec,
    );
    return pictures.map(({ base64, keyframe }) => ({ data: Buffer.from(base64, "base64"), keyframe }));
  }

  /** Ends the peer, as a closed tab would. */
  hangUp(afterMs = 0): Promise<void> {
    return this.#call("hangUp", afterMs);
  }

  async close(): Promise<void> {
    await this.#page.context().close();
  }

  #call<T>(name: string, ...parameters: unknown[]): Promise<T> {
    return this.#page.evaluate(`viewer.${name}(...${JSON.stringify(parameters)})`);
  }
}

export class TestChromium {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async start(flags: readonly string[] = []): Promise<TestChromium> {
    return new TestChromium(await chromium.launch({ executablePath: "/usr/bin/chromium", args: [...FLAGS, ...flags] }));
  }

  async viewer(): Promise<ChromiumViewer> {
    const page = await (await this.#browser.newContext()).newPage();
    await page.route(PAGE_URL, (route) => route.fulfill({ contentType: "text/html", body: PAGE }));
    await page.goto(PAGE_URL);
    return new ChromiumViewer(page);
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}

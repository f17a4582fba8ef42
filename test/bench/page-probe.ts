// What runs inside the measured page: Playwright sends the two functions below there as text, so each stands alone.
// The same probe looks at noVNC's <canvas> and at our <video>: at the start of each animation frame it takes the time and
// then reads a few pixels of what the element shows (of a video through VideoFrame: drawImage would convert the whole
// picture each time and so disturb what is measured). Results go to latency/key-to-photon.ts, bench/moving.ts, still.ts
// and first-picture.ts. All times are the page's `performance` ms.

/** One picture that the compositor got, from requestVideoFrameCallback; undefined fields: the browser did not say. */
export interface ShownFrame {
  /** The animation frame that was told of it. */
  readonly callbackMs: number;
  /** Handed to the compositor. */
  readonly presentationMs: number;
  /** The last packet of the frame came in. */
  readonly receiveMs: number | undefined;
  /** Time in the decoder. */
  readonly decodeMs: number | undefined;
}

export interface KeySample {
  /** The browser's stamp of the trusted key event; undefined when none came. */
  readonly keyMs: number | undefined;
  /** Start of the first animation frame that saw the other colour; undefined: none did in time. */
  readonly seenMs: number | undefined;
  /** The pictures between the two (video only). */
  readonly frames: readonly ShownFrame[];
}

/** Of one animation frame: its time, the upper counter's bits, the lower counter's bits. */
export type Looked = readonly [atMs: number, upperBits: number, lowerBits: number];

/** Bytes in base64. */
export interface Captured {
  /** What is shown, a PNG file. */
  readonly png: string;
  /** The decoder's luma, limited range (16–235), row by row; undefined for what is no video. */
  readonly luma: string | undefined;
}

export interface Probe {
  /** From now on waits for a key and then for this pixel to turn from dark to bright or back. */
  armKey(xPx: number, yPx: number, timeoutMs: number): Promise<void>;
  /** What the armed key led to. */
  keySample(): Promise<KeySample>;
  /** Reads the two counter rows in every animation frame. */
  watch(leftPx: number, widthPx: number, rowsPx: readonly [number, number], durationMs: number): Promise<Looked[]>;
  /** Copies the whole picture at each of these moments. */
  capture(atMs: readonly number[]): Promise<Captured[]>;
  /** Sums over all peer connections' inbound video; undefined when there is none. */
  videoStats(): Promise<Record<string, number> | undefined>;
}

/** What the hooks leave on `window` before any script of the page runs. */
export interface Hooked {
  readonly peers: RTCPeerConnection[];
  /** First time that each of these happened. */
  readonly milestones: Record<string, number>;
  /** The agent's `stats` control messages. */
  readonly agentStats: Record<string, unknown>[];
  probe?: Probe;
}

declare global {
  interface Window {
    bench: Hooked;
  }
}

/** For `addInitScript`: keeps peer connections, notes milestones of connecting, watches for the first picture. */
export function installHooks(watched: { selector: string; xPx: number; yPx: number; pictureType?: number }): void {
  const hooked: Hooked = { peers: [], milestones: {}, agentStats: [] };
  window.bench = hooked;
  const note = (name: string, atMs = performance.now()) => {
    hooked.milestones[name] ??= atMs;
  };
  window.RTCPeerConnection = class extends window.RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      hooked.peers.push(this);
      note("peer");
      this.addEventListener("connectionstatechange", () => note(this.connectionState));
    }
  };
  const typeOf = (text: unknown) => {
    if (typeof text !== "string" || !text.startsWith("{")) return undefined;
    const message = JSON.parse(text) as Record<string, unknown>;
    if (message["type"] === "stats" && "encodeMs" in message) hooked.agentStats.push(message);
    return String(message["type"]);
  };
  // A proxy, no subclass: noVNC looks at the socket's prototype.
  window.WebSocket = new Proxy(window.WebSocket, {
    construct(target, [url, protocols]: [string, string[] | undefined]) {
      const socket = new target(url, protocols ?? []);
      const send = socket.send.bind(socket);
      note("socket");
      socket.addEventListener("open", () => note("socketOpen"));
      socket.addEventListener("message", ({ data }) => {
        const type = typeOf(data);
        if (type !== undefined) note(`got ${type}`);
        if (data instanceof ArrayBuffer && new Uint8Array(data)[0] === watched.pictureType) note("got picture");
      });
      socket.send = (data) => {
        const type = typeOf(data);
        if (type !== undefined) note(`sent ${type}`);
        send(data);
      };
      return socket;
    },
  });
  const canvas = new OffscreenCanvas(1, 1);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  let video: HTMLVideoElement | undefined;
  const look = () => {
    const nowMs = performance.now();
    // Over TCP the picture is on the canvas beside the video.
    const overSocket = document.querySelector('[data-path="socket"] canvas') !== null;
    const selector = overSocket ? '[data-path="socket"] canvas' : watched.selector;
    const element = document.querySelector<HTMLVideoElement | HTMLCanvasElement>(selector);
    const isEmpty = element instanceof HTMLCanvasElement && element.width * element.height === 0;
    if (element !== null && context !== null && !isEmpty) {
      note("element", nowMs);
      if (element instanceof HTMLVideoElement && video !== element) {
        video = element;
        element.requestVideoFrameCallback((_, data) => {
          if (data.receiveTime !== undefined) note("received", data.receiveTime);
          note("presented", data.presentationTime);
        });
      }
      context.drawImage(element, watched.xPx, watched.yPx, 1, 1, 0, 0, 1, 1);
      const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
      if (red + green + blue > 600) {
        note("seen", nowMs);
        return;
      }
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/** For `evaluate`, once the element is there. */
export function installProbe(selector: string): void {
  const fixed = document.querySelector<HTMLVideoElement | HTMLCanvasElement>(selector);
  const context = new OffscreenCanvas(512, 2).getContext("2d", { willReadFrequently: true });
  if (fixed === null || context === null) throw new Error(`nothing to probe at ${selector}`);
  /** What is seen: over TCP the picture is on the canvas beside the video. */
  const shown = () => document.querySelector<HTMLCanvasElement>('[data-path="socket"] canvas') ?? fixed;

  /** The luma of a row of the desktop's pixels, 0–255; what the element shows at the moment of the call, smaller or not. */
  const readRow = async (frame: VideoFrame | undefined, leftPx: number, topPx: number, widthPx: number) => {
    const element = shown();
    const shownPx = frame?.visibleRect?.width ?? (element instanceof HTMLCanvasElement ? element.width : innerWidth);
    // The page is as large as the desktop.
    const scale = shownPx / innerWidth;
    const left = Math.floor(leftPx * scale);
    const top = Math.floor(topPx * scale);
    const count = Math.max(2, Math.ceil(widthPx * scale) + 1);
    const row = new Uint8Array(count);
    if (frame === undefined) {
      context.drawImage(element, left, top, count, 1, 0, 0, count, 1);
      const { data } = context.getImageData(0, 0, count, 1);
      for (let x = 0; x < count; x += 1) {
        const [red = 0, green = 0, blue = 0] = data.subarray(x * 4, x * 4 + 3);
        row[x] = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
      }
    } else {
      if (!["I420", "NV12", "I444"].includes(frame.format ?? ""))
        throw new Error(`cannot read ${String(frame.format)}`);
      const even = left & ~1;
      const rect = { x: even, y: top & ~1, width: Math.min((count + 2) & ~1, shownPx - even), height: 2 };
      const bytes = new Uint8Array(frame.allocationSize({ rect }));
      const [luma] = await frame.copyTo(bytes, { rect });
      const from = (luma?.offset ?? 0) + (top & 1) * (luma?.stride ?? 0) + left - even;
      row.set(bytes.subarray(from, from + count));
    }
    if (scale === 1) return row.subarray(0, widthPx);
    return Uint8Array.from({ length: widthPx }, (_, x) => row[Math.floor((leftPx + x + 0.5) * scale) - left] ?? 0);
  };
  const currentFrame = () => {
    const element = shown();
    return element instanceof HTMLVideoElement ? new VideoFrame(element) : undefined;
  };
  const isBright = async (xPx: number, yPx: number) => {
    const frame = currentFrame();
    const [luma = 0] = await readRow(frame, xPx, yPx, 1).finally(() => frame?.close());
    return luma > 118;
  };
  const onEachVideoFrame = (done: () => boolean, listener: (frame: ShownFrame) => void) => {
    const element = shown();
    if (!(element instanceof HTMLVideoElement)) return;
    const next = (callbackMs: number, data: VideoFrameCallbackMetadata) => {
      listener({
        callbackMs,
        presentationMs: data.presentationTime,
        receiveMs: data.receiveTime,
        decodeMs: data.processingDuration === undefined ? undefined : data.processingDuration * 1000,
      });
      if (!done()) element.requestVideoFrameCallback(next);
    };
    element.requestVideoFrameCallback(next);
  };

  let sample: Promise<KeySample> | undefined;
  const armKey: Probe["armKey"] = async (xPx, yPx, timeoutMs) => {
    const before = await isBright(xPx, yPx);
    const frames: ShownFrame[] = [];
    const deadlineMs = performance.now() + timeoutMs;
    let keyMs: number | undefined;
    let seenMs: number | undefined;
    let ended = false;
    const onKey = (event: KeyboardEvent) => {
      if (event.isTrusted) keyMs ??= event.timeStamp;
    };
    window.addEventListener("keydown", onKey, { capture: true });
    onEachVideoFrame(
      () => ended,
      (frame) => frames.push(frame),
    );
    sample = new Promise((resolve, reject) => {
      const read = async (nowMs: number) => {
        const bright = await isBright(xPx, yPx);
        if (bright !== before) seenMs ??= nowMs;
      };
      // Two animation frames longer than needed: the browser may tell of a picture after it can be seen.
      let more = 2;
      const look = () => {
        const nowMs = performance.now();
        if (seenMs !== undefined || nowMs > deadlineMs) more -= 1;
        else if (keyMs !== undefined) read(nowMs).catch(reject);
        if (more > 0) {
          requestAnimationFrame(look);
          return;
        }
        ended = true;
        window.removeEventListener("keydown", onKey, { capture: true });
        resolve({ keyMs, seenMs, frames: frames.filter(({ callbackMs }) => callbackMs > (keyMs ?? 0)) });
      };
      requestAnimationFrame(look);
    });
  };

  const watch: Probe["watch"] = (leftPx, widthPx, rowsPx, durationMs) =>
    new Promise((resolve, reject) => {
      const samples: Looked[] = [];
      const endMs = performance.now() + durationMs;
      // By the mean of each block: where pictures are very coarse single pixels stay as they were, and the counter would seem to stand still.
      const bitsOf = (luma: Uint8Array) => {
        let bits = 0;
        for (let x = 0; x < widthPx; x += 16) {
          const block = luma.subarray(x, x + 16);
          bits = (bits << 1) | (block.reduce((sum, value) => sum + value, 0) > 128 * block.length ? 1 : 0);
        }
        return bits;
      };
      const read = async (nowMs: number) => {
        const frame = currentFrame();
        const rows = Promise.all(rowsPx.map((topPx) => readRow(frame, leftPx, topPx, widthPx)));
        const [upper, lower] = await rows.finally(() => frame?.close());
        if (upper !== undefined && lower !== undefined) samples.push([nowMs, bitsOf(upper), bitsOf(lower)]);
      };
      const look = () => {
        const nowMs = performance.now();
        const reading = read(nowMs);
        if (nowMs < endMs) {
          reading.catch(reject);
          requestAnimationFrame(look);
        } else {
          reading.then(() => resolve(samples), reject);
        }
      };
      requestAnimationFrame(look);
    });

  const capture: Probe["capture"] = async (atMs) => {
    const element = shown();
    const widthPx = element instanceof HTMLVideoElement ? element.videoWidth : element.width;
    const heightPx = element instanceof HTMLVideoElement ? element.videoHeight : element.height;
    const toBase64 = (bytes: Uint8Array) => {
      let text = "";
      for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
      return btoa(text);
    };
    const copies: { shown: OffscreenCanvas; luma: Uint8Array | undefined }[] = [];
    for (const moment of atMs) {
      await new Promise((resolve) => setTimeout(resolve, moment - performance.now()));
      const frame = currentFrame();
      const shown = new OffscreenCanvas(widthPx, heightPx);
      shown.getContext("2d", { willReadFrequently: true })?.drawImage(element, 0, 0);
      let luma: Uint8Array | undefined;
      if (frame !== undefined) {
        const bytes = new Uint8Array(frame.allocationSize());
        const [plane] = await frame.copyTo(bytes).finally(() => frame.close());
        const { offset, stride } = plane ?? { offset: 0, stride: widthPx };
        luma = new Uint8Array(widthPx * heightPx);
        for (let y = 0; y < heightPx; y += 1) {
          luma.set(bytes.subarray(offset + y * stride, offset + y * stride + widthPx), y * widthPx);
        }
      }
      copies.push({ shown, luma });
    }
    return Promise.all(
      copies.map(async ({ shown, luma }) => {
        const png = new Uint8Array(await (await shown.convertToBlob({ type: "image/png" })).arrayBuffer());
        return { png: toBase64(png), luma: luma === undefined ? undefined : toBase64(luma) };
      }),
    );
  };

  const videoStats: Probe["videoStats"] = async () => {
    let sums: Record<string, number> | undefined;
    for (const peer of window.bench.peers) {
      if (peer.connectionState === "closed") continue;
      const report = (await peer.getStats()) as unknown as Map<string, Record<string, unknown>>;
      for (const entry of report.values()) {
        if (entry["type"] !== "inbound-rtp" || entry["kind"] !== "video") continue;
        sums ??= {};
        for (const [name, value] of Object.entries(entry)) {
          if (typeof value === "number") sums[name] = (sums[name] ?? 0) + value;
        }
      }
    }
    return sums;
  };

  window.bench.probe = {
    armKey,
    keySample: () => sample ?? Promise.reject(new Error("not armed")),
    watch,
    capture,
    videoStats,
  };
}

// What runs inside the measured page: Playwright sends the two functions below there as text, so each stands alone.
// The same probe reads noVNC's <canvas> and our <video>. It samples a few pixels a frame; results go to
// latency/key-to-photon.ts, bench/moving.ts, still.ts and first-picture.ts. All times are the page's `performance` ms.

/** One picture that the compositor got, from requestVideoFrameCallback; undefined fields: the browser did not say. */
export interface VideoFrame {
  readonly callbackMs: number;
  /** Handed to the compositor. */
  readonly presentationMs: number;
  readonly expectedDisplayMs: number;
  /** The last packet of the frame came in. */
  readonly receiveMs: number | undefined;
  /** Time in the decoder. */
  readonly decodeMs: number | undefined;
  readonly presentedFrames: number;
}

export interface KeySample {
  /** The browser's stamp of the trusted key event; undefined when none came. */
  readonly keyMs: number | undefined;
  /** Start of the first animation frame that saw the other colour; undefined: none did in time. */
  readonly seenMs: number | undefined;
  /** The picture that brought it (video only). */
  readonly frame: VideoFrame | undefined;
}

export interface Watched {
  /** Per animation frame: time, upper counter's bits, lower counter's bits. */
  readonly samples: readonly [number, number, number][];
  readonly frames: readonly VideoFrame[];
}

export interface Probe {
  /** 0–255. */
  lumaAt(xPx: number, yPx: number): number;
  /** From now on waits for a key and then for this pixel to turn from dark to bright or back. */
  armKey(xPx: number, yPx: number, timeoutMs: number): void;
  /** What the armed key led to. */
  keySample(): Promise<KeySample>;
  /** Reads the two counter rows in every animation frame. */
  watch(leftPx: number, widthPx: number, rowsPx: readonly [number, number], durationMs: number): Promise<Watched>;
  /** Copies the whole picture at each of these moments; resolves to PNG files as base64. */
  capture(atMs: readonly number[]): Promise<string[]>;
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
export function installHooks(watched: { selector: string; xPx: number; yPx: number }): void {
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
    const element = document.querySelector<HTMLVideoElement | HTMLCanvasElement>(watched.selector);
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
  const element = document.querySelector<HTMLVideoElement | HTMLCanvasElement>(selector);
  const canvas = new OffscreenCanvas(512, 2);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (element === null || context === null) throw new Error(`nothing to probe at ${selector}`);

  const luma = (data: Uint8ClampedArray, at: number) =>
    0.299 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0);
  const lumaAt = (xPx: number, yPx: number) => {
    context.drawImage(element, xPx, yPx, 1, 1, 0, 0, 1, 1);
    return luma(context.getImageData(0, 0, 1, 1).data, 0);
  };
  const onEachVideoFrame = (done: () => boolean, listener: (frame: VideoFrame) => void) => {
    if (!(element instanceof HTMLVideoElement)) return;
    const next = (callbackMs: number, data: VideoFrameCallbackMetadata) => {
      listener({
        callbackMs,
        presentationMs: data.presentationTime,
        expectedDisplayMs: data.expectedDisplayTime,
        receiveMs: data.receiveTime,
        decodeMs: data.processingDuration === undefined ? undefined : data.processingDuration * 1000,
        presentedFrames: data.presentedFrames,
      });
      if (!done()) element.requestVideoFrameCallback(next);
    };
    element.requestVideoFrameCallback(next);
  };

  let sample: Promise<KeySample> | undefined;
  const armKey: Probe["armKey"] = (xPx, yPx, timeoutMs) => {
    const isBright = () => lumaAt(xPx, yPx) > 118;
    const before = isBright();
    let keyMs: number | undefined;
    let frame: VideoFrame | undefined;
    let ended = false;
    const deadlineMs = performance.now() + timeoutMs;
    const onKey = (event: KeyboardEvent) => {
      if (event.isTrusted) keyMs ??= event.timeStamp;
    };
    window.addEventListener("keydown", onKey, { capture: true });
    onEachVideoFrame(
      () => ended,
      (next) => {
        if (!ended && keyMs !== undefined && frame === undefined && isBright() !== before) frame = next;
      },
    );
    sample = new Promise((resolve) => {
      const look = () => {
        const nowMs = performance.now();
        const seen = keyMs !== undefined && isBright() !== before;
        if (!seen && nowMs < deadlineMs) {
          requestAnimationFrame(look);
          return;
        }
        ended = true;
        window.removeEventListener("keydown", onKey, { capture: true });
        resolve({ keyMs, seenMs: seen ? nowMs : undefined, frame });
      };
      requestAnimationFrame(look);
    });
  };

  const watch: Probe["watch"] = (leftPx, widthPx, rowsPx, durationMs) =>
    new Promise((resolve) => {
      const samples: [number, number, number][] = [];
      const frames: VideoFrame[] = [];
      const endMs = performance.now() + durationMs;
      const bitsOf = (data: Uint8ClampedArray, row: number) => {
        let bits = 0;
        for (let x = 8; x < widthPx; x += 16) bits = (bits << 1) | (luma(data, (row * widthPx + x) * 4) > 128 ? 1 : 0);
        return bits;
      };
      onEachVideoFrame(
        () => performance.now() >= endMs,
        (frame) => frames.push(frame),
      );
      const look = () => {
        const nowMs = performance.now();
        context.drawImage(element, leftPx, rowsPx[0], widthPx, 1, 0, 0, widthPx, 1);
        context.drawImage(element, leftPx, rowsPx[1], widthPx, 1, 0, 1, widthPx, 1);
        const { data } = context.getImageData(0, 0, widthPx, 2);
        samples.push([nowMs, bitsOf(data, 0), bitsOf(data, 1)]);
        if (nowMs < endMs) requestAnimationFrame(look);
        else resolve({ samples, frames });
      };
      requestAnimationFrame(look);
    });

  const capture: Probe["capture"] = async (atMs) => {
    const widthPx = element instanceof HTMLVideoElement ? element.videoWidth : element.width;
    const heightPx = element instanceof HTMLVideoElement ? element.videoHeight : element.height;
    const copies: OffscreenCanvas[] = [];
    for (const moment of atMs) {
      await new Promise((resolve) => setTimeout(resolve, moment - performance.now()));
      const copy = new OffscreenCanvas(widthPx, heightPx);
      copy.getContext("2d", { willReadFrequently: true })?.drawImage(element, 0, 0);
      copies.push(copy);
    }
    const files: string[] = [];
    for (const copy of copies) {
      const bytes = new Uint8Array(await (await copy.convertToBlob({ type: "image/png" })).arrayBuffer());
      let text = "";
      for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
      files.push(btoa(text));
    }
    return files;
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
    lumaAt,
    armKey,
    keySample: () => sample ?? Promise.reject(new Error("not armed")),
    watch,
    capture,
    videoStats,
  };
}

// One viewer in real Chromium: opens the agent's page, connects as a user would, and answers what this viewer sees
// (pixels of the received picture, cursor, WebRTC statistics) in desktop pixels. Hands are Playwright's.

import type { BrowserContext, CDPSession, Page, WebSocketRoute } from "playwright-core";
import type { HeadlessBrowser } from "./browser.ts";
import { noteComplaints } from "./complaints.ts";
import { until } from "./until.ts";
import type { Colour } from "./x-screen.ts";

export type ConnectionState = "idle" | "connecting" | "connected" | "reconnecting" | "ended";

export interface DesktopPageOptions {
  readonly widthPx?: number;
  readonly heightPx?: number;
  readonly devicePixelRatio?: number;
  /** Of the client's URL, e.g. { resize: "false" }. */
  readonly query?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly password?: string;
  /** Stands between page and agent on the control WebSocket. */
  readonly onWebSocket?: (route: WebSocketRoute) => void;
  readonly colorScheme?: "light" | "dark";
  /** Before the page is asked for. */
  readonly beforePage?: (page: Page) => Promise<void>;
  /** Runs in the page before the client does; stands alone. */
  readonly beforeClient?: () => void;
  /** A phone: fingers, and no pointer. */
  readonly touch?: boolean;
  /** The way that the picture must take before it counts as connected; "any": whichever is first. */
  readonly path?: PicturePath | "any";
  /** Of the browser, as "microphone". */
  readonly permissions?: readonly string[];
}

export type PicturePath = "webrtc" | "socket";

export interface Point {
  readonly xPx: number;
  readonly yPx: number;
}

type Stats = Readonly<Record<string, string | number | boolean | undefined>>;

/** Runs in the page before the client does: keeps its peer connections for `stats` and the hostile tests. */
function keepPeers(): void {
  const Native = globalThis.RTCPeerConnection;
  const peers: RTCPeerConnection[] = [];
  const channels: RTCDataChannel[] = [];
  globalThis.RTCPeerConnection = class extends Native {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      peers.push(this);
    }
    override createDataChannel(label: string, init?: RTCDataChannelInit): RTCDataChannel {
      const channel = super.createDataChannel(label, init);
      channels.push(channel);
      return channel;
    }
  };
  Object.assign(globalThis, { eglantineTestPeers: peers, eglantineTestChannels: channels });
}

/** Runs in the page: what has become of each of its peers, and of the pictures that came to it. */
async function describePeers(): Promise<string> {
  const peers: readonly RTCPeerConnection[] = Reflect.get(globalThis, "eglantineTestPeers") ?? [];
  const described = peers.map(async (peer) => {
    const { signalingState, iceConnectionState, connectionState } = peer;
    const found = [signalingState, `ICE ${iceConnectionState}`, `peer ${connectionState}`];
    for (const entry of (await peer.getStats()).values() as Iterable<Record<string, unknown>>) {
      if (entry["type"] !== "inbound-rtp" || entry["kind"] !== "video") continue;
      const { packetsReceived, framesReceived, framesDecoded, keyFramesDecoded } = entry;
      found.push(JSON.stringify({ packetsReceived, framesReceived, framesDecoded, keyFramesDecoded }));
    }
    return found.join(", ");
  });
  return (await Promise.all(described)).join("; ") || "none";
}

/** Each page's own errors, and what it could not load, newest last. */
const complaints = new WeakMap<Page, string[]>();

function listen(page: Page): void {
  const heard: string[] = [];
  complaints.set(page, heard);
  noteComplaints(page, heard);
  page.on("requestfailed", (request) => heard.push(`${request.url()}: ${request.failure()?.errorText}`));
}

/** For errors: its text, as far as it goes into one, and what it complained of. */
export async function shownOn(page: Page): Promise<string> {
  const text = (await page.locator("body").innerText()).slice(0, 500);
  const heard = complaints.get(page)?.slice(-5) ?? [];
  return heard.length === 0 ? text : `${text}; its errors: ${heard.join("; ").slice(-1000)}`;
}

export class DesktopPage {
  readonly page: Page;
  readonly #context: BrowserContext;
  readonly #options: DesktopPageOptions;
  readonly #further: boolean;
  #cdp: CDPSession | undefined;

  private constructor(page: Page, context: BrowserContext, options: DesktopPageOptions, further = false) {
    this.page = page;
    this.#context = context;
    this.#options = options;
    this.#further = further;
  }

  /** Of a page that somebody else has opened: the desktop application's. */
  static around(page: Page): DesktopPage {
    return new DesktopPage(page, page.context(), {});
  }

  /** Opens the client's page in a fresh profile; does not connect yet unless the client does so by itself. */
  static async open(browser: HeadlessBrowser, url: string, options: DesktopPageOptions = {}): Promise<DesktopPage> {
    const context = await browser.context(options.widthPx ?? 1000, options.heightPx ?? 700, {
      deviceScaleFactor: options.devicePixelRatio ?? 1,
      colorScheme: options.colorScheme ?? "dark",
      permissions: [...(options.permissions ?? [])],
      ...(options.touch === true ? { hasTouch: true, isMobile: true } : {}),
    });
    // Of the windows that the page opens too.
    await context.addInitScript(keepPeers);
    if (options.beforeClient !== undefined) await context.addInitScript(options.beforeClient);
    const page = await context.newPage();
    listen(page);
    await options.beforePage?.(page);
    if (options.onWebSocket !== undefined) await page.routeWebSocket(/\/ws(\?|$)/, options.onWebSocket);
    const address = new URL(url);
    for (const [name, value] of Object.entries(options.query ?? {})) address.searchParams.set(name, value);
    await page.goto(address.href);
    return new DesktopPage(page, context, options);
  }

  /** Opens the page, enters user and password where it asks for them, and waits for the picture. */
  static async connect(browser: HeadlessBrowser, url: string, options: DesktopPageOptions = {}): Promise<DesktopPage> {
    const viewer = await DesktopPage.open(browser, url, options);
    await viewer.submit();
    await viewer.waitForPicture();
    return viewer;
  }

  /** Opens a further window from this one's toolbar, by the keyboard; does not wait for its picture. */
  async openMonitor(widthPx: number, heightPx: number): Promise<DesktopPage> {
    await this.page.keyboard.press("Control+Alt+Shift+KeyM");
    const tool = this.byTestId("add-monitor");
    await tool.focus();
    const opened = this.#context.waitForEvent("page");
    await this.page.keyboard.press("Enter");
    const page = await opened;
    listen(page);
    await page.setViewportSize({ width: widthPx, height: heightPx });
    return new DesktopPage(page, this.#context, this.#options, true);
  }

  /** Resolves with the further window's first picture. */
  async addMonitor(widthPx: number, heightPx: number): Promise<DesktopPage> {
    const further = await this.openMonitor(widthPx, heightPx);
    await further.waitForPicture();
    return further;
  }

  byTestId(name: string) {
    return this.page.getByTestId(name);
  }

  async state(): Promise<ConnectionState> {
    return (await this.page.evaluate(() => document.documentElement.dataset["state"] ?? "idle")) as ConnectionState;
  }

  async waitForState(...states: readonly ConnectionState[]): Promise<ConnectionState> {
    let seen: ConnectionState = "idle";
    try {
      await until(`state ${states.join(" or ")}`, async () => states.includes((seen = await this.state())));
    } catch (error) {
      throw new Error(`the client stays ${seen}, it shows: ${await shownOn(this.page)}`, { cause: error });
    }
    return seen;
  }

  /** Waits for the end of the session; resolves to what the page says about it. The interface comes a moment after the state. */
  async ending(): Promise<string> {
    await this.waitForState("ended");
    return this.byTestId("end-page").innerText();
  }

  /** With a password: waits for the connect form, fills it in and sends it. Without one the page connects by itself. */
  async submit(credentials: { user?: string; password?: string } = this.#options): Promise<void> {
    if (credentials.password === undefined) return;
    try {
      await this.byTestId("connect-form").waitFor();
    } catch (error) {
      throw new Error(`the client is ${await this.state()}, it shows: ${await shownOn(this.page)}`, { cause: error });
    }
    if (credentials.user !== undefined) await this.byTestId("connect-user").fill(credentials.user);
    await this.byTestId("connect-password").fill(credentials.password);
    await this.byTestId("connect-submit").click();
  }

  /** From an end page or a failed stage back to the connect form, where the form is not already there. */
  async retry(): Promise<void> {
    if (await this.byTestId("connect-form").isVisible()) return;
    await this.page
      .getByRole("button", { name: /back|again|connect/i })
      .first()
      .click();
  }

  /** Connected, and a picture of the desktop has been presented, by the way that this viewer asked for. */
  async waitForPicture(): Promise<void> {
    const { path = "webrtc" } = this.#options;
    await this.waitForState("connected");
    if (path !== "any") await this.waitForPath(path);
    await until("a first picture", async () =>
      (await this.path()) === "webrtc" ? (await this.framesPresented()) > 0 : this.#canvasHasPicture(),
    );
  }

  /** Which way the picture that is seen has come. */
  path(): Promise<PicturePath | undefined> {
    return this.page.evaluate(
      () => document.querySelector<HTMLElement>('[data-testid="surface"]')?.dataset["path"] as PicturePath | undefined,
    );
  }

  async waitForPath(path: PicturePath, limitMs?: number): Promise<void> {
    let seen: PicturePath | undefined;
    try {
      await until(
        `the picture over ${path}`,
        async () => (seen = await this.path()) === path,
        limitMs === undefined ? {} : { limitMs },
      );
    } catch (error) {
      const peers = await this.page.evaluate(describePeers);
      throw new Error(`the picture comes over ${seen}, WebRTC: ${peers}, it shows: ${await shownOn(this.page)}`, {
        cause: error,
      });
    }
  }

  /** A canvas that a worker draws has its size some time after its first picture was drawn. */
  #canvasHasPicture(): Promise<boolean> {
    return this.page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('[data-testid="socket-picture"]');
      const unused = document.createElement("canvas");
      return canvas !== null && (canvas.width !== unused.width || canvas.height !== unused.height);
    });
  }

  /** Over WebRTC. */
  framesPresented(): Promise<number> {
    return this.page.evaluate(() => {
      const video = document.querySelector<HTMLVideoElement>('[data-testid="desktop"]');
      return video === null || video.videoWidth === 0 ? 0 : video.getVideoPlaybackQuality().totalVideoFrames;
    });
  }

  /** The received picture's size. */
  pictureSize(): Promise<{ widthPx: number; heightPx: number }> {
    return this.page.evaluate(() => {
      const surface = document.querySelector<HTMLElement>('[data-testid="surface"]');
      if (surface?.dataset["path"] === "socket") {
        const canvas = document.querySelector<HTMLCanvasElement>('[data-testid="socket-picture"]');
        return { widthPx: canvas?.width ?? 0, heightPx: canvas?.height ?? 0 };
      }
      const video = document.querySelector<HTMLVideoElement>('[data-testid="desktop"]');
      return { widthPx: video?.videoWidth ?? 0, heightPx: video?.videoHeight ?? 0 };
    });
  }

  /**
   * Pixels of the picture as received, at desktop coordinates. Black before the first picture. Read as YUV and converted
   * here: Chromium's own software conversion of BT.709 makes blue up to 13 too dark (libyuv expresses 2.112 as 2.0). What came
   * over the socket is on a canvas, and read as the user sees it.
   */
  async pixels(points: readonly Point[]): Promise<Colour[]> {
    return this.page.evaluate((await this.path()) === "socket" ? pixelsOfCanvas : pixelsOfVideo, points);
  }

  async pixel(xPx: number, yPx: number): Promise<Colour> {
    return (await this.pixels([{ xPx, yPx }]))[0] ?? [0, 0, 0];
  }

  /** Waits until the picture has this colour there, each channel within `tolerance`. */
  async waitForPixel(xPx: number, yPx: number, colour: Colour, tolerance = 10): Promise<void> {
    let seen: Colour = [0, 0, 0];
    try {
      await until("colour", async () => isNear((seen = await this.pixel(xPx, yPx)), colour, tolerance));
    } catch (error) {
      throw new Error(`picture at ${xPx},${yPx} stays ${seen.join(" ")}, not ${colour.join(" ")}`, { cause: error });
    }
  }

  /** Where a desktop pixel's centre is on the page, CSS pixels. The picture stands centred, its aspect kept. */
  async onPage(xPx: number, yPx: number): Promise<{ x: number; y: number }> {
    const picture = await this.pictureSize();
    return this.page.evaluate(
      ({ x, y, widthPx, heightPx }) => {
        const surface = document.querySelector('[data-testid="surface"]');
        if (surface === null) throw new Error("no desktop on the page");
        const box = surface.getBoundingClientRect();
        const scale = Math.min(box.width / widthPx, box.height / heightPx);
        const left = box.left + (box.width - widthPx * scale) / 2;
        const top = box.top + (box.height - heightPx * scale) / 2;
        return { x: left + (x + 0.5) * scale, y: top + (y + 0.5) * scale };
      },
      { x: xPx, y: yPx, ...picture },
    );
  }

  async movePointer(xPx: number, yPx: number): Promise<void> {
    const { x, y } = await this.onPage(xPx, yPx);
    await this.page.mouse.move(x, y);
  }

  /** Presses or releases any of the five buttons: Playwright's mouse knows three. */
  async button(kind: "press" | "release", button: "left" | "middle" | "right" | "back" | "forward", at: Point) {
    const { x, y } = await this.onPage(at.xPx, at.yPx);
    this.#cdp ??= await this.#context.newCDPSession(this.page);
    const type = kind === "press" ? "mousePressed" : "mouseReleased";
    const buttons = kind === "press" ? { left: 1, right: 2, middle: 4, back: 8, forward: 16 }[button] : 0;
    await this.#cdp.send("Input.dispatchMouseEvent", { type, x, y, button, buttons, clickCount: 1 });
  }

  /** Text as hands type it on a US keyboard: with Shift where a character needs it (Playwright's `type` leaves it out). */
  async type(text: string): Promise<void> {
    for (const character of text) {
      const shifted = /[A-Z~!@#$%^&*()_+{}|:"<>?]/.test(character);
      if (shifted) await this.page.keyboard.down("Shift");
      await this.page.keyboard.press(character);
      if (shifted) await this.page.keyboard.up("Shift");
    }
  }

  /** A key of any layout: the physical place in `code`, what it types there in `key`. */
  async press(code: string, key: string): Promise<void> {
    this.#cdp ??= await this.#context.newCDPSession(this.page);
    await this.#cdp.send("Input.dispatchKeyEvent", { type: "keyDown", code, key, text: key });
    await this.#cdp.send("Input.dispatchKeyEvent", { type: "keyUp", code, key });
  }

  /** The CSS cursor over the desktop. */
  cursor(): Promise<string> {
    return this.page.evaluate(() => {
      const surface = document.querySelector('[data-testid="surface"]');
      return surface === null ? "" : getComputedStyle(surface).cursor;
    });
  }

  /** WebRTC statistics of one type of the newest peer, e.g. "inbound-rtp"; where there are several, of the picture. */
  async stats(type: string, kind: "video" | "audio" = "video"): Promise<Stats> {
    const reports = await this.page.evaluate(
      async ({ wanted, other }) => {
        const peers = Reflect.get(globalThis, "eglantineTestPeers") as RTCPeerConnection[];
        const found: Record<string, string | number | boolean>[] = [];
        for (const report of ((await peers.at(-1)?.getStats()) ?? new Map()).values()) {
          if (report.type === wanted && report.kind !== other) found.push(report);
        }
        return found;
      },
      { wanted: type, other: kind === "video" ? "audio" : "video" },
    );
    return reports[0] ?? {};
  }

  async count(type: string, counter: string, kind: "video" | "audio" = "video"): Promise<number> {
    return Number((await this.stats(type, kind))[counter] ?? 0);
  }

  /** Waits for the newest of the client's data channels with this label, open beside the first picture; false when the session ended. */
  async waitForChannel(label: string): Promise<boolean> {
    let isOpen = false;
    await until(`channel ${label}`, async () => {
      isOpen = await this.page.evaluate((name) => {
        const channels = Reflect.get(globalThis, "eglantineTestChannels") as RTCDataChannel[];
        return channels.findLast((one) => one.label === name)?.readyState === "open";
      }, label);
      return isOpen || (await this.state()) === "ended";
    });
    return isOpen && (await this.state()) === "connected";
  }

  /** Messages on that channel, `times` over, past the client's encoder; what no longer goes out is dropped. */
  async sendRaw(label: string, messages: readonly Uint8Array[], times = 1): Promise<void> {
    await this.page.evaluate(
      ({ name, data, rounds }) => {
        const channels = Reflect.get(globalThis, "eglantineTestChannels") as RTCDataChannel[];
        const channel = channels.findLast((one) => one.label === name);
        for (let round = 0; round < rounds; round++) {
          for (const bytes of data) if (channel?.readyState === "open") channel.send(new Uint8Array(bytes));
        }
      },
      { name: label, data: messages.map((bytes) => [...bytes]), rounds: times },
    );
  }

  /** A further window alone; the first one with all others. */
  async close(): Promise<void> {
    if (!this.#further) {
      await this.#context.close();
      return;
    }
    // As by hand: the page hears of it.
    const closed = this.page.waitForEvent("close");
    await this.page.evaluate(() => setTimeout(() => window.close()));
    await closed;
  }
}

export function isNear(seen: Colour, wanted: Colour, tolerance: number): boolean {
  return seen.every((value, index) => Math.abs(value - (wanted[index] ?? 0)) <= tolerance);
}

/** Runs in the page. */
function pixelsOfCanvas(points: readonly Point[]): [number, number, number][] {
  const canvas = document.querySelector<HTMLCanvasElement>('[data-testid="socket-picture"]');
  const copy = document.createElement("canvas");
  const context = copy.getContext("2d", { willReadFrequently: true });
  if (canvas === null || context === null) return points.map(() => [0, 0, 0]);
  copy.width = canvas.width;
  copy.height = canvas.height;
  context.drawImage(canvas, 0, 0);
  return points.map(({ xPx, yPx }) => {
    const [red = 0, green = 0, blue = 0] = context.getImageData(xPx, yPx, 1, 1).data;
    return [red, green, blue];
  });
}

/** Runs in the page. Limited-range YUV to RGB by the matrix that the stream names (ITU-R BT.709, else BT.601). */
async function pixelsOfVideo(points: readonly Point[]): Promise<[number, number, number][]> {
  const video = document.querySelector<HTMLVideoElement>('[data-testid="desktop"]');
  if (video === null || video.readyState < 2) return points.map(() => [0, 0, 0]);
  const frame = new VideoFrame(video);
  const [kr, kb] = frame.colorSpace.matrix === "bt709" ? [0.2126, 0.0722] : [0.299, 0.114];
  const [blackLevel, yRange, cRange] = frame.colorSpace.fullRange === true ? [0, 255, 255] : [16, 219, 224];
  const clamp = (value: number) => Math.max(0, Math.min(255, Math.round(value)));
  const read = async ({ xPx, yPx }: Point): Promise<[number, number, number]> => {
    if (xPx >= video.videoWidth || yPx >= video.videoHeight) return [0, 0, 0];
    const rect = { x: xPx & ~1, y: yPx & ~1, width: 2, height: 2 };
    const data = new Uint8Array(frame.allocationSize({ rect }));
    await frame.copyTo(data, { rect });
    // Two by two pixels of Y, then one each of U and V, or of 4:4:4 as many as of Y.
    const index = (yPx & 1) * 2 + (xPx & 1);
    const [u, v] = frame.format === "I444" ? [4 + index, 8 + index] : [4, 5];
    const y = ((data[index] ?? 0) - blackLevel) / yRange;
    const cb = ((data[u] ?? 0) - 128) / cRange;
    const cr = ((data[v] ?? 0) - 128) / cRange;
    const red = y + 2 * (1 - kr) * cr;
    const blue = y + 2 * (1 - kb) * cb;
    const green = (y - kr * red - kb * blue) / (1 - kr - kb);
    return [clamp(red * 255), clamp(green * 255), clamp(blue * 255)];
  };
  try {
    if (!["I420", "NV12", "I444"].includes(frame.format ?? "")) throw new Error(`pictures of format ${frame.format}`);
    return await Promise.all(points.map(read));
  } finally {
    frame.close();
  }
}

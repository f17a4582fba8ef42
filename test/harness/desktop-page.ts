// One viewer in real Chromium: opens the agent's page, connects as a user would, and answers what this viewer sees
// (pixels of the received picture, cursor, WebRTC statistics) in desktop pixels. Hands are Playwright's.

import type { BrowserContext, CDPSession, Page, WebSocketRoute } from "playwright-core";
import type { HeadlessBrowser } from "./browser.ts";
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
}

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

export class DesktopPage {
  readonly page: Page;
  readonly #context: BrowserContext;
  readonly #options: DesktopPageOptions;
  #cdp: CDPSession | undefined;

  private constructor(page: Page, context: BrowserContext, options: DesktopPageOptions) {
    this.page = page;
    this.#context = context;
    this.#options = options;
  }

  /** Opens the client's page in a fresh profile; does not connect yet unless the client does so by itself. */
  static async open(browser: HeadlessBrowser, url: string, options: DesktopPageOptions = {}): Promise<DesktopPage> {
    const context = await browser.context(options.widthPx ?? 1000, options.heightPx ?? 700, {
      deviceScaleFactor: options.devicePixelRatio ?? 1,
      colorScheme: options.colorScheme ?? "dark",
    });
    const page = await context.newPage();
    await page.addInitScript(keepPeers);
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
      const text = (await this.page.locator("body").innerText()).slice(0, 500);
      throw new Error(`the client stays ${seen}, it shows: ${text}`, { cause: error });
    }
    return seen;
  }

  /** With a password: waits for the connect form, fills it in and sends it. Without one the page connects by itself. */
  async submit(credentials: { user?: string; password?: string } = this.#options): Promise<void> {
    if (credentials.password === undefined) return;
    await this.byTestId("connect-form").waitFor();
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

  /** Connected, and a picture of the desktop has been presented. */
  async waitForPicture(): Promise<void> {
    await this.waitForState("connected");
    await until("a first picture", async () => (await this.framesPresented()) > 0);
  }

  framesPresented(): Promise<number> {
    return this.page.evaluate(() => {
      const video = document.querySelector<HTMLVideoElement>('[data-testid="desktop"]');
      return video === null || video.videoWidth === 0 ? 0 : video.getVideoPlaybackQuality().totalVideoFrames;
    });
  }

  /** The received picture's size. */
  pictureSize(): Promise<{ widthPx: number; heightPx: number }> {
    return this.page.evaluate(() => {
      const video = document.querySelector<HTMLVideoElement>('[data-testid="desktop"]');
      return { widthPx: video?.videoWidth ?? 0, heightPx: video?.videoHeight ?? 0 };
    });
  }

  /** Pixels of the picture as received, at desktop coordinates. Black before the first picture. */
  pixels(points: readonly Point[]): Promise<Colour[]> {
    return this.page.evaluate((wanted) => {
      const video = document.querySelector<HTMLVideoElement>('[data-testid="desktop"]');
      const canvas = new OffscreenCanvas(1, 1);
      const context = canvas.getContext("2d", { willReadFrequently: true });
      return wanted.map(({ xPx, yPx }): [number, number, number] => {
        if (video === null || context === null || video.videoWidth === 0) return [0, 0, 0];
        context.drawImage(video, xPx, yPx, 1, 1, 0, 0, 1, 1);
        const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
        return [red, green, blue];
      });
    }, points);
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
    return this.page.evaluate(
      ({ x, y }) => {
        const video = document.querySelector<HTMLVideoElement>('[data-testid="desktop"]');
        if (video === null) throw new Error("no desktop on the page");
        const box = video.getBoundingClientRect();
        const scale = Math.min(box.width / video.videoWidth, box.height / video.videoHeight);
        const left = box.left + (box.width - video.videoWidth * scale) / 2;
        const top = box.top + (box.height - video.videoHeight * scale) / 2;
        return { x: left + (x + 0.5) * scale, y: top + (y + 0.5) * scale };
      },
      { x: xPx, y: yPx },
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

  /** A key of any layout: the physical place in `code`, what it types there in `key`. */
  async press(code: string, key: string): Promise<void> {
    this.#cdp ??= await this.#context.newCDPSession(this.page);
    await this.#cdp.send("Input.dispatchKeyEvent", { type: "keyDown", code, key, text: key });
    await this.#cdp.send("Input.dispatchKeyEvent", { type: "keyUp", code, key });
  }

  /** The CSS cursor over the desktop. */
  cursor(): Promise<string> {
    return this.page.evaluate(() => {
      const video = document.querySelector('[data-testid="desktop"]');
      return video === null ? "" : getComputedStyle(video).cursor;
    });
  }

  /** WebRTC statistics of one type of the newest peer, e.g. "inbound-rtp". */
  async stats(type: string): Promise<Stats> {
    const reports = await this.page.evaluate(async (wanted) => {
      const peers = Reflect.get(globalThis, "eglantineTestPeers") as RTCPeerConnection[];
      const found: Record<string, string | number | boolean>[] = [];
      for (const report of ((await peers.at(-1)?.getStats()) ?? new Map()).values()) {
        if (report.type === wanted) found.push(report);
      }
      return found;
    }, type);
    return reports[0] ?? {};
  }

  async count(type: string, counter: string): Promise<number> {
    return Number((await this.stats(type))[counter] ?? 0);
  }

  /** Bytes on one of the client's own data channels, past the client's encoder. */
  sendRaw(label: string, data: readonly number[]): Promise<boolean> {
    return this.page.evaluate(
      ({ name, bytes }) => {
        const channels = Reflect.get(globalThis, "eglantineTestChannels") as RTCDataChannel[];
        const channel = channels.findLast((one) => one.label === name && one.readyState === "open");
        channel?.send(new Uint8Array(bytes));
        return channel !== undefined;
      },
      { name: label, bytes: data },
    );
  }

  async close(): Promise<void> {
    await this.#context.close();
  }
}

export function isNear(seen: Colour, wanted: Colour, tolerance: number): boolean {
  return seen.every((value, index) => Math.abs(value - (wanted[index] ?? 0)) <= tolerance);
}

// The composition root: builds the connection, the picture, the sound and the input in this order, joins them, and closes them in
// reverse. Built by `page.ts` before the interface is loaded; `ui/` gets it as its only handle (`ui/face.ts`).

import { said } from "./messages/said.ts";
import { Microphone } from "./audio/microphone.ts";
import { Sound } from "./audio/sound.ts";
import { BrowserClipboard } from "./clipboard/browser-clipboard.ts";
import { ClipboardLink } from "./clipboard/clipboard-link.ts";
import { ShellClipboard } from "./clipboard/shell-clipboard.ts";
import { Transfers } from "./files/transfers.ts";
import { isChord } from "./input/capture.ts";
import { Hands } from "./input/hands.ts";
import { MonitorRefusal } from "./monitors/further-window.ts";
import { MonitorWindows } from "./monitors/monitor-windows.ts";
import { InputSender } from "./input/send.ts";
import { SystemKeys } from "./input/system-keys.ts";
import { ownAddress, parseAgentAddress } from "./connection/agent-url.ts";
import { Connection, type ConnectionTarget, readTarget, type SessionFacts } from "./connection/connection.ts";
import { Wake } from "./connection/wake.ts";
import { Choice } from "./choice.ts";
import { Doctor } from "./doctor.ts";
import { DesktopNotifications } from "./notifications.ts";
import type { PageOptions } from "./page-options.ts";
import type { Preferences } from "./preferences.ts";
import { rememberHost } from "../shared/settings.ts";
import { SavedDesktopPage } from "./saved-desktop.ts";
import { Store } from "./store.ts";
import { Meter } from "./video/meter.ts";
import { FreezeWatch } from "./video/freeze-watch.ts";
import { paintDimmed, type ShownPicture } from "./video/still.ts";
import { measureRefreshRate } from "./video/refresh-rate.ts";
import { Surface, type SurfaceParts } from "./video/surface.ts";
import { DesktopView } from "./video/view.ts";
import { initialView, type PanelName, renewedView, type ViewState } from "./view-state.ts";
import { VncPath } from "./vnc/vnc-path.ts";

export interface ClientParts extends SurfaceParts {
  readonly root: HTMLElement;
  readonly stage: HTMLElement;
  readonly last: HTMLCanvasElement;
  /** noVNC's place on the stage. */
  readonly rfb: HTMLElement;
  readonly preferences: Preferences;
  readonly options: PageOptions;
}

export class Client {
  readonly connection: Connection;
  readonly view: Store<ViewState>;
  readonly meter: Meter;
  readonly preferences: Preferences;
  readonly vnc: VncPath;
  readonly sound: Sound;
  readonly microphone: Microphone;
  readonly clipboard: ClipboardLink;
  readonly files: Transfers;
  readonly hands: Hands;
  readonly monitors: MonitorWindows;
  readonly notifications: DesktopNotifications;
  readonly systemKeys: SystemKeys;
  readonly doctor = new Doctor((message) => this.connection.send(message));
  /** What the user chose of paths and picture. */
  readonly choice: Choice;
  /** In the desktop application alone. */
  readonly shell = window.eglantine;
  /** The page has died too often to connect by itself. */
  readonly crashed: Store<boolean>;
  /** The agent that served this page; none served the application's. */
  readonly origin = this.shell === undefined ? ownAddress(location.href) : undefined;
  /** What this page of the application is for; undefined for its home. */
  readonly saved: SavedDesktopPage | undefined;
  readonly #parts: ClientParts;
  readonly #surface: Surface;
  readonly #freeze: FreezeWatch;
  readonly #desktop: DesktopView;
  readonly #sender = new InputSender();
  readonly #unwatch: readonly (() => void)[];
  readonly #wake: Wake;
  readonly #ended = new AbortController();
  /** What the agent said last of the sound. */
  #audioFacts: SessionFacts["audio"];

  constructor(parts: ClientParts) {
    this.#parts = parts;
    this.crashed = new Store(parts.options.crashed ?? false);
    this.preferences = parts.preferences;
    this.view = new Store(initialView(parts.preferences.store.get(), parts.options));
    this.connection = new Connection(
      {
        onBegin: (held) => {
          this.#surface.begin();
          this.sound.begin();
          this.choice.begin(held);
        },
        onAdmitted: () => {
          this.choice.admitted();
          this.files.queue.begin();
          this.notifications.begin();
          if (!this.vnc.on) void this.clipboard.begin();
          if (!this.vnc.on && this.connection.facts.get().paths.includes("socket")) this.#surface.prepareSocket();
        },
        onClipboard: (message) => this.clipboard.take(message),
        onMonitor: (message) => this.monitors.take(message),
        onDoctor: (message) => this.doctor.take(message),
        onNotification: (notification) => this.notifications.take(notification),
        onVncTicket: (ticket) => this.vnc.takeTicket(ticket),
        onStream: (stream) => this.#surface.show(stream),
        onSoundStream: (stream) => this.sound.showStream(stream),
        onSoundReceiver: (receiver) => this.sound.takeReceiver(receiver),
        onSocketAudio: (part) => this.sound.takeSocketSound(part),
        onPath: ({ path, frame, rtpTimestamp }) =>
          path !== "vnc" && this.#surface.takePath({ path, frame, rtpTimestamp }),
        onSocketVideo: (part, bytes) => this.#surface.takeSocketVideo(part, bytes),
        queuedPictures: () => this.#surface.queuedPictures,
        onInputOpen: () => this.hands.open(),
        onFeedback: (message) => {
          if (message.type === "pong") this.meter.pong(message.id);
          else this.hands.take(message);
        },
        onNoPicturePath: (why) => this.choice.withoutPicture(why),
        onDropped: () => this.#drop(),
      },
      {
        judge: this.shell?.checkTrust,
        relay: parts.options.relay ?? false,
        headStart: parts.headStart,
        audio: () => this.sound.wish,
        window: () => this.monitors.hello(),
      },
    );
    this.monitors = new MonitorWindows({
      further: parts.options.monitor ?? false,
      facts: () => this.connection.facts.get(),
      url: () =>
        this.connection.state.get().phase === "connected" ? this.connection.target?.address.pageUrl : undefined,
      send: (message) => this.connection.send(message),
      size: () => this.#desktop.wantedSize(),
    });
    this.sound = new Sound({
      preferences: parts.preferences,
      // An agent that has said nothing of sound would not know the word.
      tell: (wish) =>
        this.connection.facts.get().audio !== undefined && this.connection.send({ type: "audio", ...wish }),
      trackHasSound: async () => ((await this.connection.attempt?.peer?.soundPackets()) ?? 0) > 0,
    });
    this.microphone = new Microphone({
      announce: (on) => this.connection.send({ type: "microphone", on }),
      device: () => parts.preferences.store.get().microphone,
      sendPacket: (sequence, data) => this.connection.attempt?.sendMicrophone(sequence, data),
      sender: () => this.connection.attempt?.peer?.microphone,
      overWebRtc: () => this.connection.facts.get().path?.path === "webrtc",
    });
    this.#surface = new Surface(parts, {
      onFirstPicture: (path) => this.connection.pictureSeen(path),
      onShown: (path) => path === "socket" && this.#freeze.stop(),
      onSize: (widthPx, heightPx) => {
        this.#desktop.setPicture(widthPx, heightPx);
        this.hands.drawCursor();
      },
      onDrawn: (arrivedMs, drawnMs) => this.meter.drawn(arrivedMs, drawnMs),
      onKeyframeNeeded: (why) => this.connection.send({ type: "keyframe", why }),
      onSocketUseless: (why) => this.connection.attempt?.socketUseless(why),
    });
    this.#desktop = new DesktopView(parts, (wanted) => this.connection.send({ type: "display", ...wanted }));
    this.vnc = new VncPath({
      target: parts.rfb,
      ask: () => this.connection.send({ type: "vnc" }),
      url: () => this.connection.target?.address.vncUrl,
      viewOnly: () => this.connection.facts.get().viewOnly,
      onOpen: () => this.#vncOpened(),
      onBreaking: () => {
        parts.last.hidden = !paintDimmed(parts.last, this.vnc.shown);
      },
      onGivenUp: (why) => this.choice.withoutVnc(why),
    });
    const { further } = this.monitors;
    this.choice = new Choice({ connection: this.connection, vnc: this.vnc, preferences: this.preferences, further });
    this.meter = new Meter({
      video: parts.video,
      framesShown: () => this.#surface.framesShown,
      path: () => this.#surface.path,
      stats: () => this.connection.attempt?.peer?.stats(),
      socketTotals: () => this.#surface.socketTotals,
      onMoving: () => this.#surface.path === "webrtc" && this.#freeze.start(),
      sendPing: (id) => this.#sender.send({ type: "ping", id }),
      report: (stats) => this.connection.send(stats),
    });
    this.#freeze = new FreezeWatch({
      framesShown: () => this.#surface.framesShown,
      counters: () => this.meter.rtcCounters(),
      onFrozen: () => this.connection.send({ type: "keyframe", why: "undecodable" }),
    });
    const transferTarget = () => {
      const pageUrl = this.connection.target?.address.pageUrl;
      const ticket = this.connection.facts.get().transferTicket;
      return pageUrl === undefined || ticket === undefined ? undefined : { pageUrl, ticket };
    };
    this.clipboard = new ClipboardLink({
      local: this.shell === undefined ? new BrowserClipboard() : new ShellClipboard(this.shell),
      sender: this.#sender,
      facts: () => this.connection.facts.get(),
      send: (message) => this.connection.send(message),
      target: transferTarget,
      notify: (level, text) => this.connection.notify(level, text),
      sendFiles: (files) => this.files.paste(files),
      onSlowFiles: () => this.#showPanel("files"),
    });
    this.files = new Transfers({
      connection: this.connection,
      desktop: this.#desktop,
      clipboard: () => this.clipboard,
      bridge: this.shell,
      target: transferTarget,
      vncOn: () => this.vnc.on,
      movePointer: (clientX, clientY) => this.hands.capture.moveTo(clientX, clientY),
      onShow: () => this.#showPanel("files"),
    });
    this.notifications = new DesktopNotifications({
      bridge: this.shell,
      preferences: parts.preferences,
      facts: () => this.connection.facts.get(),
      send: (message) => this.connection.send(message),
      hasFocus: () => this.monitors.hasFocus,
    });
    this.systemKeys = new SystemKeys(this.shell);
    this.hands = new Hands({
      root: parts.root,
      surface: parts.surface,
      stage: parts.stage,
      preferences: parts.preferences,
      connection: this.connection,
      desktop: this.#desktop,
      sender: this.#sender,
      vncOn: () => this.vnc.on,
      locked: () => this.view.get().locked,
      onChord: () => this.#freeAll(),
      onKeyDown: (event) => this.clipboard.onKeyDown(event),
      onLockChange: (locked) => this.changeView({ locked }),
    });
    const { desktop: id } = parts.options;
    this.saved =
      this.shell === undefined || id === undefined || this.monitors.further
        ? undefined
        : new SavedDesktopPage({ id, bridge: this.shell, connection: this.connection, shown: () => this.#shown });
    this.#unwatch = [
      this.connection.state.watch(() => this.#stateChanged()),
      this.connection.facts.watch(() => this.#factsChanged()),
      this.view.watch(() => this.#viewChanged()),
      this.vnc.state.watch(() => this.#vncChanged()),
      this.preferences.store.watch(() => {
        this.view.set(renewedView(this.view.get(), this.preferences.store.get(), parts.options));
        this.hands.chooseLock();
        this.choice.renew();
      }),
      this.clipboard.state.watch(() => this.files.clipboardChanged()),
    ];
    this.#wake = new Wake({ bridge: this.shell, onWake: () => void this.connection.wake() });
    this.#viewChanged();
    parts.surface.addEventListener("pointerdown", () => void this.systemKeys.take(), { signal: this.#ended.signal });
    window.addEventListener("keydown", (event) => this.#vncChord(event), { capture: true, signal: this.#ended.signal });
  }

  /**
   * Connects at once where the page's address or its origin says whereto. An agent's own page goes to no other host by
   * itself: a link would make it show, and ask a password for, a stranger's desktop.
   */
  start(): void {
    if (this.crashed.get()) return;
    if (this.monitors.further) {
      void this.#join();
      return;
    }
    if (this.saved !== undefined) {
      void this.saved.open();
      return;
    }
    const { url } = this.#parts.options;
    const target =
      url === undefined ? this.origin && { address: this.origin, credentials: {} } : readTarget(url, "", "");
    const own = this.origin === undefined || this.origin.pageUrl === target?.address.pageUrl;
    if (target !== undefined && own) this.connection.connect(target);
  }

  /** By the user's wish, after the page has died too often. */
  startAfterCrash(): void {
    const page = new URL(location.href);
    page.searchParams.delete("crashed");
    history.replaceState(null, "", page);
    this.crashed.set(false);
    this.start();
  }

  /** From the end page. */
  again(): void {
    if (this.monitors.further) void this.#join();
    else if (this.saved !== undefined) void this.saved.open();
    else this.connection.again();
  }

  /** The application's home, with the desktop's picture on its card. */
  async goHome(): Promise<void> {
    if (this.connection.state.get().phase === "connected") await this.saved?.keepPicture();
    location.assign(new URL(".", location.origin + location.pathname));
  }

  /** One more monitor, in a window of its own. With the user's click just now. */
  addMonitor(): void {
    if (!this.monitors.open()) this.connection.notify("warning", said("notices", "no-window"));
  }

  /** In the application: a further monitor on each screen that shows none of this desktop. With the user's click just now. */
  async fillScreens(): Promise<void> {
    const free = (await this.shell?.countFreeScreens()) ?? 0;
    const { display, monitors = 1 } = this.connection.facts.get();
    const more = Math.min(free, monitors - (display?.monitors ?? 1));
    for (let count = 0; count < more; count++) this.addMonitor();
  }

  /** Which way the picture that is seen has come. */
  get shownPath(): "webrtc" | "socket" | undefined {
    return this.#surface.path;
  }

  get #shown(): ShownPicture | undefined {
    return this.vnc.on ? this.vnc.shown : this.#surface.shown;
  }

  /** Named by the page's address; the connect form begins with it. */
  get wantedUrl(): string | undefined {
    return this.#parts.options.url;
  }

  /** Connects to what the user entered. False when the address is none. */
  connect(url: string, user: string, password: string): boolean {
    const target = readTarget(url, user, password);
    if (target === undefined) return false;
    this.connection.connect(target);
    return true;
  }

  /** Changes the view; how the desktop is shown and the statistics are remembered. */
  changeView(changes: Partial<ViewState>): void {
    this.view.set({ ...this.view.get(), ...changes });
    const { scale, resize, desktopScale, stats } = changes;
    const remembered = {
      ...(scale === undefined ? {} : { scale }),
      ...(resize === undefined ? {} : { resize }),
      ...(desktopScale === undefined ? {} : { desktopScale }),
      ...(stats === undefined ? {} : { stats }),
    };
    if (Object.keys(remembered).length > 0) this.preferences.change(() => remembered);
  }

  toggleLock(): void {
    this.focusDesktop();
    this.hands.capture.toggleLock();
  }

  /** Fills the screen; there the desktop gets the system's keys too, where the browser can give them. */
  async toggleFullscreen(): Promise<void> {
    try {
      if (document.fullscreenElement !== null) {
        await document.exitFullscreen();
      } else {
        await this.#parts.root.requestFullscreen({ navigationUI: "hide" });
      }
    } catch (error) {
      console.warn("fullscreen is not to be had", error);
    }
    this.focusDesktop();
  }

  focusDesktop(): void {
    void this.systemKeys.take();
    if (this.vnc.on) this.vnc.focus();
    else this.#parts.surface.focus({ preventScroll: true });
  }

  /** Idempotent. */
  close(): void {
    for (const unwatch of this.#unwatch) unwatch();
    this.#ended.abort();
    this.#wake.close();
    this.saved?.close();
    this.hands.close();
    this.systemKeys.close();
    this.notifications.close();
    this.clipboard.close();
    this.files.close();
    this.vnc.close();
    this.monitors.close();
    this.meter.stop();
    this.#desktop.close();
    this.#freeze.stop();
    this.microphone.ended();
    this.sound.close();
    this.#surface.close();
    this.connection.close();
  }

  /** A further window: to the desktop of its first one. */
  async #join(): Promise<void> {
    this.connection.await();
    try {
      const address = parseAgentAddress(await this.monitors.prepare());
      if (address === undefined) throw new MonitorRefusal("the first window's desktop has no address", false);
      this.connection.connect({ address, credentials: {} });
    } catch (error) {
      if (!(error instanceof MonitorRefusal)) throw error;
      this.connection.refuse({ reason: "monitor-refused", byAgent: false, detail: error.message });
    }
  }

  #showPanel(panel: PanelName): void {
    this.changeView({ toolbar: false, panel });
  }

  #drop(): void {
    this.hands.stop();
    this.clipboard.rest();
    this.files.queue.rest();
    this.monitors.rest();
    this.doctor.rest();
    const painted = paintDimmed(this.#parts.last, this.#shown);
    if (painted || !this.vnc.on) this.#parts.last.hidden = !painted;
    this.microphone.ended();
    // Where noVNC ends, the meter begins: nothing is left to measure.
    this.vnc.close();
    this.meter.stop();
    this.#freeze.stop();
  }

  #stateChanged(): void {
    const { phase } = this.connection.state.get();
    const { dataset } = this.#parts.root;
    if (dataset["state"] !== phase) dataset["state"] = phase;
    // Composed for the first picture, and not to be come upon before it (ui/connecting-page.tsx).
    this.#parts.stage.inert = phase === "connecting";
    const host = phase === "connected" && this.connection.target?.address.pageUrl;
    document.title = host ? `${new URL(host).host} – Eglantine` : "Eglantine";
    // Nobody types blindly: the hands are taken once there is something to see, and given back on every other page. A retry
    // that dies before its picture leaves no channel behind that the next one would be taken for.
    if (phase !== "connected" && phase !== "connecting") {
      this.hands.stop();
      this.systemKeys.release();
    }
    void this.shell?.setStreaming({ on: phase === "connected" });
    this.#wake.watch(phase === "connected" || phase === "reconnecting");
    if (phase === "connected") {
      this.hands.start();
      void this.systemKeys.take();
      this.#parts.last.hidden = true;
      if (!this.vnc.on) this.meter.start();
      void this.#measureScreen();
      this.#remember(this.connection.target);
    }
    if (phase === "ended" || phase === "idle") {
      this.vnc.close();
      this.#parts.last.hidden = true;
      this.#surface.stop();
      this.sound.stop();
      this.#desktop.follow(false, false);
    }
  }

  async #measureScreen(): Promise<void> {
    const rateHz = await measureRefreshRate();
    if (rateHz !== undefined && this.connection.state.get().phase === "connected") this.choice.setScreenHz(rateHz);
  }

  #vncOpened(): void {
    const { display } = this.connection.facts.get();
    if (display !== undefined) this.#desktop.setPicture(display.widthPx, display.heightPx);
    this.#parts.last.hidden = true;
    this.connection.pictureSeen("vnc");
    if (!this.view.get().toolbar) this.vnc.focus();
  }

  #vncChanged(): void {
    const { on } = this.vnc;
    this.#parts.surface.hidden = on;
    // It has a clipboard of its own.
    if (on) {
      this.clipboard.rest();
      this.hands.capture.stop();
      this.meter.stop();
      this.#freeze.stop();
    } else if (this.connection.state.get().phase === "connected") {
      this.meter.start();
    }
  }

  /** This computer has its keys and its pointer again. */
  #freeAll(): void {
    this.systemKeys.release();
    this.hands.capture.freePointer();
    this.changeView({ toolbar: true });
  }

  /** noVNC takes all keys of its canvas: this one before it does. */
  #vncChord(event: KeyboardEvent): void {
    if (!this.vnc.on || !isChord(event)) return;
    event.preventDefault();
    event.stopPropagation();
    this.#freeAll();
  }

  #factsChanged(): void {
    const { resize, display } = this.connection.facts.get();
    this.#desktop.setDesktop(display);
    this.hands.startGamepads();
    this.#desktop.follow(resize && this.view.get().resize, resize);
    this.hands.chooseKeyboard();
    const { audio } = this.connection.facts.get();
    if (audio !== undefined && audio !== this.#audioFacts)
      this.microphone.answered(audio.microphone, audio.microphoneWhy);
    this.#audioFacts = audio;
    this.microphone.route();
    this.hands.chooseLock();
  }

  #viewChanged(): void {
    const { scale, stats, resize, desktopScale } = this.view.get();
    this.#desktop.setScale(scale);
    this.#desktop.setDesktopScale(desktopScale);
    this.vnc.setScale(scale);
    this.hands.drawCursor();
    this.meter.setWatched(stats);
    const { resize: may } = this.connection.facts.get();
    this.#desktop.follow(resize && may, may);
    this.hands.chooseKeyboard();
  }

  #remember(target: ConnectionTarget | undefined): void {
    // The application keeps desktops, not hosts.
    if (target === undefined || this.monitors.further || this.shell !== undefined) return;
    const host = { url: target.address.pageUrl, user: target.credentials.user ?? "" };
    this.preferences.change(({ hosts }) => ({ hosts: rememberHost(hosts, host) }));
  }
}

// Story: I run the image without giving it any right, and work on its desktop from outside, through its one published port. What dies comes back, and when the
// container is stopped, my editor saves what I had not. A real browser here, KDE Plasma there.

import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WebSocketRoute } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { HeadlessBrowser } from "../../test/harness/browser.ts";
import { CLIPBOARD_PERMISSIONS, copyHere } from "../../test/harness/clipboard.ts";
import { DesktopPage } from "../../test/harness/desktop-page.ts";
import { coloursInRow } from "../../test/harness/picture-rows.ts";
import { levelAt, pcm, Recorder, SAMPLE_HZ, SoundServer } from "../../test/harness/sound.ts";
import { until } from "../../test/harness/until.ts";
import { withoutWebRtc } from "../../test/e2e/without-webrtc.ts";
import type { Container } from "./container.ts";
import { BUILD_WITHIN_MS, Engine } from "./engine.ts";
import { CONFINED, type ServiceName, servicePid } from "./services.ts";

const WIDTH_PX = 1280;
const HEIGHT_PX = 720;
/** Belongs to nobody, neither here nor in the image. */
const UID = 61_845;
/** A pair of cores that other work is done on, too. */
const SLOW = { limitMs: 90_000 };
const PASSWORD = "to the desktop";
const TONE_HZ = 700;
/** Says when the shell reads. What is pasted is not marked as such: how long the mark stays on is the terminal's affair. */
const SHELL = "PS1='$ '\nbind 'set enable-bracketed-paste off'\n: > ~/ready\n";
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const engine = await Engine.open();
const folder = mkdtempSync(join(tmpdir(), "eglantine-story-"));
const home = join(folder, "home");
let browser: HeadlessBrowser;
let ears: SoundServer;
let recorder: Recorder;
let container: Container;
let viewer: DesktopPage;

/** The addresses that the container has of its own are not told to the viewer, who could reach them from here: from elsewhere nobody can. */
function publishedOnly(route: WebSocketRoute): void {
  const isOwn = (candidate: string) => !/ 127\.0\.0\.1 \d+ typ /.test(candidate);
  const agent = route.connectToServer();
  route.onMessage((frame) => agent.send(frame));
  agent.onMessage((frame) => {
    if (typeof frame !== "string") {
      route.send(frame);
      return;
    }
    const message = JSON.parse(frame) as { type?: string; sdp?: string; candidate?: string };
    if (message.type === "candidate" && isOwn(message.candidate ?? "")) return;
    if (message.type === "answer" && message.sdp !== undefined) {
      const lines = message.sdp.split("\r\n").filter((line) => !line.startsWith("a=candidate:") || !isOwn(line));
      route.send(JSON.stringify({ ...message, sdp: lines.join("\r\n") }));
    } else {
      route.send(frame);
    }
  });
}

/** A RIFF file of a tone, as paplay takes it. */
function wav(hz: number, seconds: number): Buffer {
  const samples = pcm([hz, hz], 0.5, 0, seconds * SAMPLE_HZ);
  const head = Buffer.alloc(44);
  head.write("RIFF", 0, "latin1");
  head.writeUInt32LE(36 + samples.length, 4);
  head.write("WAVEfmt ", 8, "latin1");
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(2, 22);
  head.writeUInt32LE(SAMPLE_HZ, 24);
  head.writeUInt32LE(SAMPLE_HZ * 4, 28);
  head.writeUInt16LE(4, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36, "latin1");
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}

/** What Kate's recovery file says was typed: a record for each letter, "I", line and column, length, text (KTextEditor's swapfile.cpp). */
function typedBy(recovery: Buffer): string {
  let text = "";
  for (let at = recovery.indexOf("SI"); at >= 0; at = recovery.indexOf("SI", at + 1)) {
    const lengthBytes = recovery.readUInt32BE(at + 10);
    text += recovery.toString("utf8", at + 14, at + 14 + lengthBytes);
  }
  return text;
}

describe.skipIf(engine === undefined)("the image", () => {
  beforeAll(async () => {
    mkdirSync(home);
    writeFileSync(join(home, ".bashrc"), SHELL);
    writeFileSync(join(home, "tone.wav"), wav(TONE_HZ, 60));
    writeFileSync(join(home, "letter.txt"), "as it was saved\n");
    for (const path of [home, ...[".bashrc", "tone.wav", "letter.txt"].map((name) => join(home, name))]) {
      chownSync(path, UID, UID);
    }
    ears = await SoundServer.start();
    browser = await HeadlessBrowser.start(["--autoplay-policy=no-user-gesture-required"], ears.address);
    recorder = await Recorder.start(ears.address);
    const image = (await engine?.image("desktop")) ?? "";
    container = await (engine as Engine).run({
      image,
      flags: [...CONFINED, `--user=${UID}:${UID}`, "--volume", `${home}:/home/user`],
      env: { BASIC_AUTH_PASSWORD: PASSWORD, SIZEW: String(WIDTH_PX), SIZEH: String(HEIGHT_PX) },
    });
    await container.untilReady();
    viewer = await DesktopPage.connect(browser, container.url, {
      widthPx: WIDTH_PX,
      heightPx: HEIGHT_PX,
      user: "user",
      password: PASSWORD,
      onWebSocket: publishedOnly,
      permissions: CLIPBOARD_PERMISSIONS,
    });
    const pictureMs = performance.now() - container.startedMs;
    await seesPlasma();
    const plasmaMs = performance.now() - container.startedMs;
    console.log(`after docker run: a picture ${Math.round(pictureMs)} ms, Plasma in it ${Math.round(plasmaMs)} ms`);
  }, BUILD_WITHIN_MS);
  afterAll(async () => {
    await browser?.close();
    await container?.close();
    await recorder?.close();
    await ears?.close();
    await engine?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The panel's icons along the lower edge, and a wallpaper. */
  async function seesPlasma(by = viewer): Promise<void> {
    await until("a panel in the picture", async () => (await coloursInRow(by, WIDTH_PX, HEIGHT_PX - 22)) > 8, SLOW);
    await until("a wallpaper in the picture", async () => (await coloursInRow(by, WIDTH_PX, HEIGHT_PX / 2)) > 8, SLOW);
  }

  /** By class, as X's own tool lists them. */
  const hasWindow = async (name: string): Promise<boolean> =>
    (await container.tryOnDesktop("xwininfo", "-root", "-tree")).stdout.includes(name);
  const written = (name: string): string | undefined =>
    existsSync(join(home, name)) ? readFileSync(join(home, name), "utf8") : undefined;

  async function command(text: string): Promise<void> {
    await viewer.type(text);
    await viewer.page.keyboard.press("Enter");
  }

  /** A terminal that reads what is typed, in front. */
  async function openTerminal(): Promise<void> {
    rmSync(join(home, "ready"), { force: true });
    // Plasma's own shortcut for it, which it takes some seconds after its panel is there.
    const opened = async () => {
      await viewer.page.keyboard.press("Control+Alt+t");
      return until("a shell", () => existsSync(join(home, "ready")), { limitMs: 20_000 }).then(
        () => true,
        () => false,
      );
    };
    await until("a shell that reads", opened, SLOW);
  }

  test("shows Plasma outside, over UDP by the published port", async () => {
    expect(await viewer.path()).toBe("webrtc");
    expect(await viewer.stats("remote-candidate")).toMatchObject({
      port: container.port,
      protocol: "udp",
    });
  });

  test("and over TCP alone, by the same port", async () => {
    const tcp = await DesktopPage.connect(browser, container.url, {
      widthPx: WIDTH_PX,
      heightPx: HEIGHT_PX,
      user: "user",
      password: PASSWORD,
      onWebSocket: withoutWebRtc,
      path: "socket",
    });
    await seesPlasma(tcp);
    await tcp.close();
  });

  test("runs in a terminal what I type", async () => {
    await openTerminal();
    await command("echo $((6 * 7)), typed outside | tee typed");
    await until("what was typed", () => written("typed") === "42, typed outside\n", SLOW);
  });

  test("plays what I hear", async () => {
    await command("paplay tone.wav &");
    await until(
      "the tone",
      async () => {
        const [left = new Float32Array(0)] = await recorder.next(0.3);
        return levelAt(left, TONE_HZ) > 0.3;
      },
      SLOW,
    );
    await command("kill %1");
  });

  test("takes what I paste", async () => {
    await command("cat > pasted");
    // Until then the shell itself reads the terminal, as it is set for its own line.
    await until("a program that reads", () => written("pasted") !== undefined, SLOW);
    await copyHere(viewer.page, { text: "copied outside: äöü €" });
    await viewer.page.keyboard.press("Shift+Insert");
    // The shell's terminal gives a line to the program with Enter.
    await viewer.page.keyboard.press("Enter");
    await until("what was pasted", () => written("pasted") === "copied outside: äöü €\n", SLOW);
    await viewer.page.keyboard.press("Control+d");
  });

  /** Of the panel's program, by its name. */
  const shellPid = async (): Promise<string> => (await container.tryExec(["pgrep", "-x", "plasmashell"])).stdout.trim();

  test.each<[ServiceName, "the same" | "another"]>([
    ["agent", "the same"],
    ["sound", "the same"],
    ["dbus", "the same"],
    ["printing", "the same"],
    ["desktop", "another"],
    ["xvnc", "another"],
  ])("when its service %s is killed it comes back, and I see %s desktop", async (service, which) => {
    const [pid, shell] = [await servicePid(container, service), await shellPid()];
    await container.exec("kill", "-9", String(pid));
    await until(`${service} again`, async () => ![undefined, pid].includes(await servicePid(container, service)), SLOW);
    if (which === "another") await until("another shell", async () => !["", shell].includes(await shellPid()), SLOW);
    await until("the viewer is connected", async () => (await viewer.state()) === "connected", SLOW);
    await seesPlasma();
    if (which === "the same") expect(await shellPid()).toBe(shell);
  });

  test("is stopped in good order: my editor keeps what I have not saved, and nothing is killed", async () => {
    await openTerminal();
    await command("kate -b letter.txt");
    await until("the editor", () => hasWindow('("kate" "kate")'), SLOW);
    const recovery = ".letter.txt.kate-swp";
    await until(
      "words in the editor",
      async () => {
        await viewer.type("not saved yet ");
        return existsSync(join(home, recovery));
      },
      SLOW,
    );
    const stoppedMs = performance.now();
    expect(await container.stop()).toBe(0);
    console.log(`docker stop took ${Math.round(performance.now() - stoppedMs)} ms`);
    expect(written("letter.txt")).toBe("as it was saved\n");
    expect(typedBy(readFileSync(join(home, recovery)))).toContain("not saved yet");
  });
});

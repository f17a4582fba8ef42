// Every environment variable of docker-nvidia-egl-desktop and its later names, by name, in running containers: what it changes is looked at where its user
// would see it. The last test holds this file against the options' table.

import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls, type PeerCertificate } from "node:tls";
import { type AgentControl, parseAgentControl } from "@eglantine/protocol/control";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { OPTIONS } from "../../apps/agent/src/config/options.ts";
import { HeadlessBrowser } from "../../test/harness/browser.ts";
import { makeCertificate } from "../../test/harness/certificate.ts";
import { DesktopPage } from "../../test/harness/desktop-page.ts";
import { knock, verdict } from "../../test/harness/knock.ts";
import { freePort } from "../../test/harness/ports.ts";
import { until } from "../../test/harness/until.ts";
import type { Container } from "./container.ts";
import { BUILD_WITHIN_MS, Engine, type RunOptions } from "./engine.ts";
import { servicePid, untilAnswers } from "./services.ts";

/** Of the system and not of that image. */
const SYSTEMS: readonly string[] = [
  "DISPLAY",
  "XAUTHORITY",
  "PULSE_SERVER",
  "DBUS_SESSION_BUS_ADDRESS",
  "LANG",
  "LC_ALL",
];
/** On two cores that do other work. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });
const named = new Set<string>();
const folder = mkdtempSync(join(tmpdir(), "eglantine-seed-"));
const certificate = makeCertificate(folder);
// The container's user reads them, and is somebody else here.
chmodSync(folder, 0o755);
chmodSync(certificate.keyFile, 0o644);
const engine = await Engine.open();
let image: string;
let browser: HeadlessBrowser;
const viewers: DesktopPage[] = [];

beforeAll(async () => {
  image = (await engine?.image("desktop")) ?? "";
  browser = await HeadlessBrowser.start([`--ignore-certificate-errors-spki-list=${certificate.pin}`]);
}, BUILD_WITHIN_MS);
afterEach(async () => {
  for (const viewer of viewers.splice(0)) await viewer.close();
});
afterAll(async () => {
  await browser?.close();
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The container of a group of tests, and its page. */
interface Desk {
  readonly container: Container;
  readonly url: string;
}

interface DeskOptions extends Omit<RunOptions, "image"> {
  /** The variable that tells the port. */
  readonly portName?: string;
  readonly https?: boolean;
}

async function run({ portName, https = false, env, ...options }: DeskOptions): Promise<Desk> {
  if (engine === undefined) throw new Error("there is no engine");
  const variables: Record<string, string> = { EGLANTINE_DESKTOP: TYPED, ...env };
  let port = 0;
  if (portName !== undefined) {
    port = await freePort();
    variables[portName] = String(port);
    options = { ...options, publish: false, flags: [...(options.flags ?? []), `--publish=127.0.0.1:${port}:${port}`] };
  }
  const container = await engine.run({ ...options, image, env: variables });
  return { container, url: `${https ? "https" : "http"}://127.0.0.1:${port || container.port}/` };
}

/** A container for the tests in `body`. */
function container(title: string, options: DeskOptions, body: (desk: () => Desk) => void): void {
  describe.skipIf(engine === undefined)(title, () => {
    let running: Desk;
    beforeAll(async () => {
      running = await run(options);
      await untilAnswers(running.container, running.url);
      await until("the terminal", async () => (await xSays(running, "xwininfo", "-root", "-tree")).includes("xterm"));
    });
    afterAll(() => running?.container.close());
    body(() => running);
  });
}

/** A test of these variables. */
function variables(names: string, title: string, run: () => void | Promise<void>): void {
  for (const name of names.split(" ")) named.add(name);
  test(`${names}: ${title}`, run);
}

/** A desktop that writes down what is typed: a terminal over all of it. */
const TYPED = "xterm -geometry 400x200+0+0 -e sh -c 'stty raw -echo; exec cat > /tmp/typed'";
const typedIn = (desk: Desk): Promise<string> => desk.container.exec("cat", "/tmp/typed");

const xSays = (desk: Desk, ...argv: readonly string[]): Promise<string> => desk.container.onDesktop(...argv);

/** By whole millimetres. */
const dpiOf = (screen: string): number => Number(/resolution: +(\d+)x\d+ dots per inch/.exec(screen)?.[1]);

/** A viewer that keeps what the agent tells it. */
async function visit(desk: Desk, user: string, password: string, query: Readonly<Record<string, string>> = {}) {
  const heard: AgentControl[] = [];
  const beforePage = async (page: Page): Promise<void> => {
    page.on("websocket", (socket) => {
      socket.on("framereceived", ({ payload }) => {
        if (typeof payload === "string") heard.push(parseAgentControl(payload));
      });
    });
  };
  const viewer = await DesktopPage.open(browser, desk.url, { query, beforePage, path: "any" });
  viewers.push(viewer);
  await viewer.submit({ user, password });
  const last = <Type extends AgentControl["type"]>(type: Type) =>
    heard.findLast((message): message is Extract<AgentControl, { type: Type }> => message.type === type);
  return { viewer, last };
}

/** The TURN servers of the client's newest peer, whose only way is TURN. */
async function turnOfClient(desk: Desk, user: string, password: string) {
  const { viewer } = await visit(desk, user, password, { relay: "true" });
  const servers = () =>
    viewer.page.evaluate(() =>
      (Reflect.get(globalThis, "eglantineTestPeers") as RTCPeerConnection[])
        .at(-1)
        ?.getConfiguration()
        .iceServers?.at(-1),
    );
  await until("a peer with a TURN server", async () => (await servers()) !== undefined);
  return servers();
}

container(
  "its own names",
  {
    env: {
      SIZEW: "1024",
      SIZEH: "640",
      REFRESH: "75",
      DPI: "120",
      TZ: "Asia/Tokyo",
      PASSWD: "of the account",
      BASIC_AUTH_USER: "alice",
      WEBRTC_ENCODER: "vp8enc",
      WEBRTC_ENABLE_RESIZE: "false",
      VGL_DISPLAY: "/dev/dri/card7",
      NVIDIA_VISIBLE_DEVICES: "none",
      NVIDIA_DRIVER_CAPABILITIES: "graphics",
      TURN_HOST: "turn.test",
      TURN_PORT: "3499",
      TURN_PROTOCOL: "tcp",
      TURN_USERNAME: "tess",
      TURN_PASSWORD: "of the relay",
    },
  },
  (desk) => {
    variables("SIZEW SIZEH DPI", "as the X server has them", async () => {
      const screen = await xSays(desk(), "xdpyinfo");
      expect(screen).toMatch(/dimensions: +1024x640 pixels/);
      expect(dpiOf(screen)).toBeCloseTo(120, -1);
      expect(await xSays(desk(), "xrdb", "-query")).toMatch(/Xft\.dpi:\s+120$/m);
    });

    variables("REFRESH", "as the X server tells it of its screen", async () => {
      expect(Number(/ (\d+\.\d+)\*/.exec(await xSays(desk(), "xrandr"))?.[1])).toBeCloseTo(75, 0);
    });

    variables("TZ", "as programs tell the time", async () => {
      expect(await xSays(desk(), "date", "+%Z")).toBe("JST");
    });

    variables(
      "PASSWD BASIC_AUTH_USER",
      "are the viewers' where there is no BASIC_AUTH_PASSWORD, and nobody else's",
      async () => {
        expect(await verdict(desk().url, { user: "alice", password: "of the account" })).toBe("hello");
        expect(await verdict(desk().url, { user: "user", password: "of the account" })).toBe("bye auth-failed");
        expect(await verdict(desk().url, { user: "alice", password: "another" })).toBe("bye auth-failed");
        expect(await verdict(desk().url)).toBe("bye auth-required");
      },
    );

    variables("WEBRTC_ENCODER WEBRTC_ENABLE_RESIZE", "as a viewer is told, and gets", async () => {
      const { viewer, last } = await visit(desk(), "alice", "of the account");
      await until("the encoder", () => last("encoder") !== undefined);
      expect(last("encoder")).toMatchObject({ name: "vp8enc", codec: "vp8", fallback: false });
      expect(last("hello")?.resize).toBe(false);
      await viewer.waitForPicture();
      expect(await viewer.pictureSize()).toEqual({ widthPx: 1024, heightPx: 640 });
    });

    variables("TURN_HOST TURN_PORT TURN_PROTOCOL TURN_USERNAME TURN_PASSWORD", "reach the client's peer", async () => {
      expect(await turnOfClient(desk(), "alice", "of the account")).toEqual({
        urls: ["turn:turn.test:3499?transport=tcp"],
        username: "tess",
        credential: "of the relay",
      });
    });

    variables(
      "VGL_DISPLAY NVIDIA_VISIBLE_DEVICES NVIDIA_DRIVER_CAPABILITIES",
      "reach the programs as they were given",
      async () => {
        const pid = await servicePid(desk().container, "desktop");
        const environment = (await desk().container.exec("cat", `/proc/${pid}/environ`)).split("\0");
        expect(environment).toEqual(
          expect.arrayContaining([
            "VGL_DISPLAY=/dev/dri/card7",
            "NVIDIA_VISIBLE_DEVICES=none",
            "NVIDIA_DRIVER_CAPABILITIES=graphics",
          ]),
        );
        // And the secrets do not.
        expect(environment.join()).not.toMatch(/of the account|of the relay/);
      },
    );
  },
);

container(
  "its own names, with noVNC and TLS",
  {
    https: true,
    flags: ["--volume", `${folder}:/certificates:ro`],
    env: {
      PASSWD: "of the account",
      ENABLE_BASIC_AUTH: "true",
      BASIC_AUTH_PASSWORD: "of the viewers",
      ENABLE_HTTPS_WEB: "true",
      HTTPS_WEB_CERT: "/certificates/cert.pem",
      HTTPS_WEB_KEY: "/certificates/key.pem",
      // Shown by noVNC alone: other paths capture 24 bits only, and say so.
      CDEPTH: "16",
      NOVNC_ENABLE: "true",
      NOVNC_VIEWPASS: "eyes only",
      TURN_HOST: "turn.test",
      TURN_TLS: "true",
      TURN_SHARED_SECRET: "between us",
      STUN_SERVERS: "stun.test:3478",
    },
  },
  (desk) => {
    variables("ENABLE_BASIC_AUTH BASIC_AUTH_PASSWORD", "count before PASSWD", async () => {
      expect(await verdict(desk().url, { user: "user", password: "of the viewers" })).toBe("hello");
      expect(await verdict(desk().url, { user: "user", password: "of the account" })).toBe("bye auth-failed");
    });

    variables(
      "ENABLE_HTTPS_WEB HTTPS_WEB_CERT HTTPS_WEB_KEY",
      "the port speaks TLS with the certificate that was mounted",
      async () => {
        const shown = await new Promise<PeerCertificate>((resolve, reject) => {
          const socket = connectTls(
            { port: desk().container.port, host: "127.0.0.1", rejectUnauthorized: false },
            () => {
              resolve(socket.getPeerCertificate());
              socket.destroy();
            },
          );
          socket.once("error", reject);
        });
        expect(shown.fingerprint256).toBe(certificate.fingerprint);
        await expect(fetch(desk().url.replace("https", "http"))).rejects.toThrow();
      },
    );

    variables("CDEPTH", "as the X server has it", async () => {
      expect(await xSays(desk(), "xdpyinfo")).toMatch(/depth of root window: +16 planes/);
    });

    variables("NOVNC_ENABLE", "noVNC is first, and what is typed there arrives", async () => {
      const { viewer, last } = await visit(desk(), "user", "of the viewers");
      await viewer.byTestId("rfb").locator("canvas").waitFor();
      expect(last("hello")).toMatchObject({ viewOnly: false, paths: expect.arrayContaining(["vnc"]) });
      expect(last("hello")?.paths[0]).toBe("vnc");
      await viewer.page.mouse.move(300, 300);
      await until("a terminal under the pointer", async () => {
        await viewer.page.keyboard.press("h");
        return (await typedIn(desk())).includes("h");
      });
    });

    variables("NOVNC_VIEWPASS", "shows the same, and nothing that is typed arrives", async () => {
      const before = await typedIn(desk());
      const { viewer, last } = await visit(desk(), "user", "eyes only");
      await viewer.byTestId("rfb").locator("canvas").waitFor();
      expect(last("hello")?.viewOnly).toBe(true);
      await viewer.page.mouse.move(300, 300);
      await viewer.type("not for me");
      // What another viewer types after it has come.
      const other = await visit(desk(), "user", "of the viewers");
      await other.viewer.byTestId("rfb").locator("canvas").waitFor();
      await other.viewer.page.mouse.move(300, 300);
      await until("the other's letter", async () => {
        await other.viewer.page.keyboard.press("z");
        return (await typedIn(desk())).includes("z");
      });
      expect((await typedIn(desk())).slice(before.length)).toMatch(/^z+$/);
    });

    variables("TURN_TLS TURN_SHARED_SECRET STUN_SERVERS", "make the servers that a viewer is told of", async () => {
      const hello = await knock(desk().url, { user: "user", password: "of the viewers" });
      expect(hello).toMatchObject({
        type: "hello",
        iceServers: [
          { urls: ["stun:stun.test:3478"] },
          {
            urls: ["turns:turn.test:3478?transport=tcp"],
            username: expect.stringMatching(/^\d+:/),
            credential: expect.any(String),
          },
        ],
      });
    });
  },
);

container(
  "its later names",
  {
    portName: "SELKIES_PORT",
    env: {
      DISPLAY_SIZEW: "900",
      DISPLAY_SIZEH: "700",
      DISPLAY_REFRESH: "50",
      DISPLAY_DPI: "144",
      DISPLAY_CDEPTH: "24",
      SELKIES_ADDR: "0.0.0.0",
      SELKIES_ENABLE_BASIC_AUTH: "true",
      SELKIES_BASIC_AUTH_USER: "bob",
      SELKIES_BASIC_AUTH_PASSWORD: "of the viewers",
      SELKIES_ENCODER: "x264enc",
      SELKIES_ENABLE_RESIZE: "true",
      SELKIES_VIDEO_BITRATE: "4321",
      SELKIES_AUDIO_BITRATE: "16000",
      SELKIES_CONGESTION_CONTROL: "false",
      SELKIES_TURN_HOST: "turn.test",
      SELKIES_TURN_PORT: "5349",
      SELKIES_TURN_TLS: "true",
      SELKIES_TURN_SHARED_SECRET: "between us",
    },
  },
  (desk) => {
    variables(
      "DISPLAY_SIZEW DISPLAY_SIZEH DISPLAY_CDEPTH DISPLAY_DPI DISPLAY_REFRESH",
      "as the X server has them",
      async () => {
        const screen = await xSays(desk(), "xdpyinfo");
        expect(screen).toMatch(/dimensions: +900x700 pixels/);
        expect(screen).toMatch(/depth of root window: +24 planes/);
        expect(dpiOf(screen)).toBeCloseTo(144, -1);
        expect(Number(/ (\d+\.\d+)\*/.exec(await xSays(desk(), "xrandr"))?.[1])).toBeCloseTo(50, 0);
      },
    );

    variables("SELKIES_ADDR SELKIES_PORT", "where the agent listens, and answers here", async () => {
      const port = Number(new URL(desk().url).port).toString(16).toUpperCase().padStart(4, "0");
      expect(await desk().container.exec("cat", "/proc/net/tcp")).toContain(` 00000000:${port} `);
      expect((await fetch(`${desk().url}health`)).status).toBe(200);
    });

    variables("SELKIES_BASIC_AUTH_USER SELKIES_BASIC_AUTH_PASSWORD", "let in, and nobody else", async () => {
      expect(await verdict(desk().url, { user: "bob", password: "of the viewers" })).toBe("hello");
      expect(await verdict(desk().url, { user: "bob", password: "another" })).toBe("bye auth-failed");
    });

    variables(
      "SELKIES_ENCODER SELKIES_ENABLE_RESIZE SELKIES_VIDEO_BITRATE SELKIES_CONGESTION_CONTROL",
      "as a viewer is told, and gets",
      async () => {
        const { viewer, last } = await visit(desk(), "bob", "of the viewers");
        await viewer.waitForPicture();
        await until("its settings", () => last("video") !== undefined && last("encoder") !== undefined);
        expect(last("encoder")).toMatchObject({ name: "x264enc", codec: "h264", fallback: false });
        expect(last("video")).toMatchObject({ maxBps: 4_321_000, startBps: 4_321_000 });
        await viewer.page.setViewportSize({ width: 820, height: 560 });
        await until("the window's size", async () =>
          /dimensions: +820x560 pixels/.test(await xSays(desk(), "xdpyinfo")),
        );
      },
    );

    variables("SELKIES_AUDIO_BITRATE", "as the sound that a viewer gets", async () => {
      const { viewer } = await visit(desk(), "bob", "of the viewers");
      await viewer.waitForPath("webrtc");
      const noise = "timeout 30 pacat --raw --format=s16le --rate=48000 --channels=2 /dev/urandom";
      await xSays(desk(), "sh", "-c", `${noise} >/dev/null 2>&1 &`);
      const bytes = () => viewer.count("inbound-rtp", "bytesReceived", "audio");
      await until("sound", async () => (await bytes()) > 1000);
      const [from, fromMs] = [await bytes(), performance.now()];
      // Some seconds of it: 5 kB are 2.5 s of the 16 kbit/s, and a third of a second of the usual 128.
      await until("five kilobytes more", async () => (await bytes()) > from + 5000);
      const kbps = (((await bytes()) - from) * 8) / (performance.now() - fromMs);
      expect(kbps).toBeGreaterThan(8);
      expect(kbps).toBeLessThan(40);
    });

    variables(
      "SELKIES_TURN_HOST SELKIES_TURN_PORT SELKIES_TURN_TLS SELKIES_TURN_SHARED_SECRET",
      "reach the client's peer",
      async () => {
        expect(await turnOfClient(desk(), "bob", "of the viewers")).toEqual({
          urls: ["turns:turn.test:5349?transport=tcp"],
          username: expect.stringMatching(/^\d+:/),
          credential: expect.any(String),
        });
      },
    );
  },
);

container(
  "its later names, for TLS and TURN",
  {
    https: true,
    flags: ["--volume", `${folder}:/certificates:ro`],
    env: {
      BASIC_AUTH_PASSWORD: "of the viewers",
      SELKIES_ENABLE_HTTPS: "true",
      SELKIES_HTTPS_CERT: "/certificates/cert.pem",
      SELKIES_HTTPS_KEY: "/certificates/key.pem",
      SELKIES_FRAMERATE: "24",
      SELKIES_TURN_HOST: "turn.test",
      SELKIES_TURN_PROTOCOL: "tcp",
      SELKIES_TURN_USERNAME: "tess",
      SELKIES_TURN_PASSWORD: "of the relay",
    },
  },
  (desk) => {
    variables(
      "SELKIES_ENABLE_HTTPS SELKIES_HTTPS_CERT SELKIES_HTTPS_KEY SELKIES_FRAMERATE",
      "the picture comes over TLS at that rate",
      async () => {
        const { viewer, last } = await visit(desk(), "user", "of the viewers");
        await viewer.waitForPicture();
        await until("its settings", () => last("video") !== undefined);
        expect(last("video")?.framesPerSecond).toBe(24);
      },
    );

    variables(
      "SELKIES_TURN_PROTOCOL SELKIES_TURN_USERNAME SELKIES_TURN_PASSWORD",
      "reach the client's peer",
      async () => {
        expect(await turnOfClient(desk(), "user", "of the viewers")).toEqual({
          urls: ["turn:turn.test:3478?transport=tcp"],
          username: "tess",
          credential: "of the relay",
        });
      },
    );
  },
);

describe.skipIf(engine === undefined)("without a password", () => {
  for (const name of ["ENABLE_BASIC_AUTH", "SELKIES_ENABLE_BASIC_AUTH"]) {
    variables(name, "false lets everybody in, and the log says so", async () => {
      const { container, url } = await run({ env: { [name]: "false" } });
      await untilAnswers(container, url);
      expect(await verdict(url)).toBe("hello");
      expect(await container.logs()).toContain("whoever reaches this port has the desktop");
      await container.close();
    });
  }
});

test("every variable of the options' table that is not ours is tested here", () => {
  const names = Object.values(OPTIONS).flatMap(({ env }) => env);
  const seeds = names.filter((name) => !name.startsWith("EGLANTINE_") && !SYSTEMS.includes(name));
  expect([...named].sort()).toEqual([...new Set(seeds)].sort());
});

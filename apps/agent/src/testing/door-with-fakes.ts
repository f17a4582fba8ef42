// The real door and registry on a port of their own, in front of fakes of desktop and media.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Files } from "../files/files.ts";
import { createLog } from "../log.ts";
import { Gate } from "../server/auth.ts";
import { Proxies } from "../server/proxies.ts";
import { Door } from "../server/websocket.ts";
import { Monitors } from "../session/monitors.ts";
import { Registry } from "../session/registry.ts";
import { FakeDesktop } from "./fake-desktop.ts";
import { fakeClipboard, NO_TRANSFERS } from "./fake-selection.ts";
import { FakeTransport, FakeVideo } from "./fake-media.ts";
import { fakeGamepads } from "./fake-pads.ts";

export interface DoorWithFakes {
  readonly url: string;
  readonly desktop: FakeDesktop;
  /** One a viewer, the newest last. */
  readonly videos: readonly FakeVideo[];
  readonly registry: Registry;
  close(): Promise<void>;
}

/** Nobody needs a password. */
export async function openDoorWithFakes(): Promise<DoorWithFakes> {
  const desktop = new FakeDesktop();
  const videos: FakeVideo[] = [];
  const [log, nowMs] = [createLog("silent"), () => performance.now()];
  const registry = new Registry({
    clipboard: fakeClipboard(),
    files: new Files({ ways: "off", folder: "/nowhere", home: "/", log }),
    transfers: NO_TRANSFERS,
    desktop,
    gamepads: fakeGamepads(),
    openVideo: (sink) => {
      const video = new FakeVideo(sink);
      videos.push(video);
      return video;
    },
    openTransport: (sink) => new FakeTransport(sink),
    offerEncoders: async () => [],
    videoDefaults: {
      encoder: "auto",
      chroma: "auto",
      preset: "balanced",
      framesPerSecond: 60,
      minBps: 300e3,
      startBps: 8e6,
      maxBps: 16e6,
      capBytesPerHour: undefined,
    },
    cores: 4,
    maxViewers: 4,
    monitors: new Monitors({ desktop, log }),
    maxMonitors: 3,
    resize: true,
    paths: ["webrtc", "socket"],
    sound: { sound: { why: "none here" }, noMicrophone: undefined },
    agent: "eglantine-agent test",
    iceServers: () => [],
    nowMs,
    log,
  });
  const gate = new Gate(undefined, nowMs);
  const door = new Door({ registry, gate, allowedOrigins: [], proxies: new Proxies([]), nowMs, log });
  const http = createServer();
  http.on("upgrade", (request, socket, head) => door.upgrade(request, socket, head));
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`,
    desktop,
    videos,
    registry,
    close: async () => {
      await door.close();
      await registry.close();
      http.close();
    },
  };
}

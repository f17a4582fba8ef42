// Story: somebody throws bytes at every door of the agent. It stays up, closes what is hostile with a reason, and the
// viewer who was there before notices nothing.

import { createSocket } from "node:dgram";
import { connect } from "node:net";
import { CHANNELS, CONTROL_SUBPROTOCOL } from "@eglantine/protocol/channels";
import { parseAgentControl, VIEWER_CONTROL } from "@eglantine/protocol/control";
import { INPUT, inputCodec } from "@eglantine/protocol/input";
import { LIMITS } from "@eglantine/protocol/limits";
import { REASON_NAMES, REASONS } from "@eglantine/protocol/reasons";
import { PROTOCOL_VERSION } from "@eglantine/protocol/version";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { DesktopPage } from "../harness/desktop-page.ts";
import { until } from "../harness/until.ts";
import type { Colour, EventWindow } from "../harness/x-screen.ts";
import { Desktop } from "./desktop.ts";

const HELLO = JSON.stringify({ type: "hello", version: PROTOCOL_VERSION, client: "test" });
const CLOSING_MS = 3000;
/** pino's level "error"; "fatal" is above it. */
const PINO_ERROR = 50;

interface LogLine {
  readonly level: number;
  readonly reason?: string;
  /** How many viewers ended for this reason so far. */
  readonly count?: number;
}

let desktop: Desktop;
/** Was there before, and must not notice anything. */
let bystander: DesktopPage;
let window: EventWindow;
let pid: number;
let turn = 0;

beforeAll(async () => {
  desktop = await Desktop.open({ env: { EGLANTINE_MAX_VIEWERS: "64" } });
  window = await desktop.screen.openWindow(0, 0, 1000, 700, [60, 60, 60]);
  bystander = await desktop.connect();
  pid = desktop.agent.pid;
});
afterAll(() => desktop?.close());

afterEach(async () => {
  expect(desktop.agent.pid).toBe(pid);
  expect(desktop.agentIsAlive()).toBe(true);
  expect(await bystander.state()).toBe("connected");
  const colour: Colour = turn++ % 2 === 0 ? [200, 40, 120] : [40, 180, 60];
  await window.paint(colour, 100, 100, 300, 300);
  await bystander.waitForPixel(250, 250, colour, 25);
  expect(await desktop.screen.heldKeys()).toEqual([]);
});

type Frame = string | Uint8Array;

/**
 * Opens a control WebSocket and sends the frames. Resolves with how it ended: the reason of the agent's `bye`, "open" when
 * the agent was still there after all frames and answered a last ping, "closed" when it went without a word.
 */
function throwFrames(frames: readonly Frame[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${desktop.url.replace("http", "ws")}ws`, CONTROL_SUBPROTOCOL);
    let bye: string | undefined;
    const timer = setTimeout(() => {
      socket.terminate();
      reject(new Error("neither an end nor an answer to a ping"));
    }, CLOSING_MS + LIMITS.helloTimeoutMs);
    const end = (how: string) => {
      clearTimeout(timer);
      resolve(how);
      socket.terminate();
    };
    socket.on("error", () => end(bye ?? "closed"));
    socket.on("close", () => end(bye ?? "closed"));
    socket.on("pong", () => end(bye ?? "open"));
    socket.on("message", (data: Buffer) => {
      const message = parseAgentControl(data.toString());
      if (message.type === "bye") bye = message.reason;
    });
    socket.on("open", () => {
      for (const frame of frames) socket.send(frame);
      socket.ping();
    });
  });
}

const almostControl = fc.oneof(
  fc.record({
    type: fc.constantFrom(...Object.keys(VIEWER_CONTROL), "", "__proto__", "constructor"),
    sdp: fc.string(),
  }),
  fc.record({ type: fc.constant("candidate"), candidate: fc.string(), mid: fc.string() }),
  fc.record({
    type: fc.constant("display"),
    widthPx: fc.oneof(fc.double(), fc.integer(), fc.string()),
    heightPx: fc.integer(),
  }),
  fc.record({
    type: fc.constant("offer"),
    sdp: fc.oneof(fc.string(), fc.constant("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n")),
  }),
  fc.record({ type: fc.constant("stats"), framesPerSecond: fc.double() }),
  fc.record({ type: fc.constant("hello"), version: fc.jsonValue(), client: fc.jsonValue(), password: fc.jsonValue() }),
);
const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.json(),
  almostControl.map((value) => JSON.stringify(value)),
  fc.uint8Array({ maxLength: 300 }),
);

test("any frames in place of a hello end with a reason of the protocol", async () => {
  const ends = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(anyFrame, { minLength: 1, maxLength: 4 }), async (frames) => {
      const how = await throwFrames(frames);
      ends.add(how);
      expect(["closed", ...REASON_NAMES]).toContain(how);
    }),
    { numRuns: 60 },
  );
  expect([...ends]).toContain("protocol-error");
});

test("any frames behind a hello are taken or end the session with a reason", async () => {
  const ends = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(anyFrame, { minLength: 1, maxLength: 6 }), async (frames) => {
      const how = await throwFrames([HELLO, ...frames]);
      ends.add(how);
      expect(["open", "closed", ...REASON_NAMES]).toContain(how);
    }),
    { numRuns: 60 },
  );
  expect([...ends]).toContain("protocol-error");
});

test("frames beyond the limits end the session", async () => {
  const long = "x".repeat(LIMITS.controlBytesBeforeHello + 1);
  expect(await throwFrames([JSON.stringify({ type: "hello", version: PROTOCOL_VERSION, client: long })])).not.toBe(
    "open",
  );
  expect(
    await throwFrames([HELLO, JSON.stringify({ type: "offer", peer: 0, sdp: "x".repeat(LIMITS.sdpChars + 1) })]),
  ).not.toBe("open");
  expect(await throwFrames([HELLO, "x".repeat(LIMITS.controlBytes + 1)])).not.toBe("open");
  const candidate = JSON.stringify({
    type: "candidate",
    peer: 0,
    candidate: "candidate:1 1 udp 1 10.9.8.7 1 typ host",
    mid: "0",
  });
  expect(await throwFrames([HELLO, ...Array.from({ length: LIMITS.controlPerSecond * 3 }, () => candidate)])).not.toBe(
    "open",
  );
});

test("a connection that says nothing is closed in time", async () => {
  const socket = new WebSocket(`${desktop.url.replace("http", "ws")}ws`, CONTROL_SUBPROTOCOL);
  let last = "";
  socket.on("message", (data: Buffer) => (last = data.toString()));
  const startMs = performance.now();
  await new Promise((closed) => socket.on("close", closed));
  expect(performance.now() - startMs).toBeLessThan(LIMITS.helloTimeoutMs + CLOSING_MS);
  expect(parseAgentControl(last)).toMatchObject({ type: "bye", reason: "hello-timeout" });
});

/** One raw TCP connection: sends the bytes, resolves with the answer when either side ends it. */
function throwBytes(bytes: Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(desktop.port, "127.0.0.1", () => socket.end(bytes));
    let answer = "";
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")));
    socket.on("error", () => resolve(answer));
    socket.on("close", () => resolve(answer));
    socket.setTimeout(CLOSING_MS, () => socket.destroy());
  });
}

const token = fc.string({ minLength: 1, maxLength: 40 });
const anyRequest = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 400 }),
  fc
    .record({
      method: fc.oneof(fc.constantFrom("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT"), token),
      path: fc.oneof(
        fc.constantFrom("/", "/health", "/ws", "/assets/", "*", "http://x/"),
        fc.webPath(),
        token.map((text) => `/${text}`),
      ),
      headers: fc.array(fc.tuple(token, fc.string({ maxLength: 200 })), { maxLength: 8 }),
      upgrade: fc.boolean(),
    })
    .map(({ method, path, headers, upgrade }) => {
      const all = headers.map(([name, value]) => `${name}: ${value}`);
      if (upgrade)
        all.push("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: x");
      return Buffer.from(
        `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${desktop.port}\r\n${all.join("\r\n")}\r\n\r\n`,
        "latin1",
      );
    }),
);

test("any bytes on the TCP port are answered by HTTP or not at all, and never by a fault of the server", async () => {
  await fc.assert(
    fc.asyncProperty(anyRequest, async (bytes) => {
      const answer = await throwBytes(bytes);
      if (answer !== "") expect(answer).toMatch(/^HTTP\/1\.1 [1-4]\d\d /);
    }),
    { numRuns: 120 },
  );
  expect((await fetch(`${desktop.url}health`)).status).toBe(200);
});

test("headers without end are cut off", async () => {
  const endless = Buffer.from(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${desktop.port}\r\nX: ${"y".repeat(200_000)}\r\n\r\n`);
  expect(await throwBytes(endless)).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
});

test("any datagrams on the UDP port are passed over", async () => {
  const socket = createSocket("udp4");
  const first = fc.constantFrom(0, 1, 20, 22, 23, 63, 64, 127, 128, 129, 191, 192, 255);
  await fc.assert(
    fc.asyncProperty(first, fc.uint8Array({ maxLength: 1400 }), async (kind, rest) => {
      await new Promise((sent) => socket.send(Uint8Array.from([kind, ...rest]), desktop.port, "127.0.0.1", sent));
    }),
    { numRuns: 400 },
  );
  await new Promise<void>((closed) => socket.close(closed));
});

test.each(["input", "motion"] as const)(
  "any bytes on the %s channel are taken or end that session alone",
  async (label) => {
    let hostile = await desktop.connect();
    let ended = 0;
    const message = fc.oneof(
      fc.uint8Array({ maxLength: LIMITS.inputBytes * 2 }),
      fc
        .tuple(fc.constantFrom(...Object.values(INPUT).map(({ type }) => type)), fc.uint8Array({ maxLength: 24 }))
        .map(([type, rest]) => Uint8Array.from([type, ...rest])),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 5 }), async (messages) => {
        // A message that is one, but not for this channel, may have ended the session of the run before.
        while (!(await hostile.waitForChannel(label))) {
          await hostile.close();
          hostile = await desktop.connect();
        }
        await hostile.sendRaw(label, messages);
        if (messages.every(isMessage)) return;
        const text = await hostile.ending();
        ended++;
        expect(text).toContain(REASONS["protocol-error"].sentence);
      }),
      { numRuns: 10, endOnFailure: true },
    );
    expect(ended).toBeGreaterThan(0);
    await hostile.close();
    await until("nothing is held", async () => (await desktop.screen.heldKeys()).length === 0);
  },
);

function isMessage(bytes: Uint8Array): boolean {
  try {
    inputCodec.decode(bytes);
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === "ProtocolError") return false;
    throw error;
  }
}

test("a flood of input ends with a reason, and what it held is released", async () => {
  const hostile = await desktop.connect();
  const press = inputCodec.encode({ type: "key", pressed: true, code: 30, keysym: 0x61 });
  const ping = inputCodec.encode({ type: "ping", id: 1 });
  await hostile.waitForChannel(CHANNELS.input.label);
  await hostile.sendRaw(CHANNELS.input.label, [press]);
  await until("the end", async () => {
    await hostile.sendRaw(CHANNELS.input.label, [ping], LIMITS.inputPerSecond * 2);
    return (await hostile.state()) === "ended";
  });
  expect(await hostile.ending()).toContain(REASONS["rate-limited"].sentence);
  await hostile.close();
  await until("nothing is held", async () => (await desktop.screen.heldKeys()).length === 0);
});

test("the log has counted the hostile ones and carries no fault", () => {
  const lines = desktop.agent.allLines().map((line) => JSON.parse(line) as LogLine);
  expect(lines.length).toBeGreaterThan(100);
  const counted = lines.filter(({ reason }) => reason === "protocol-error").map(({ count }) => count ?? 0);
  expect(Math.max(...counted)).toBeGreaterThan(10);
  expect(lines.filter(({ level }) => level >= PINO_ERROR)).toEqual([]);
});

// Story: somebody throws bytes at every door of the agent. It stays up, closes what is hostile with a reason, and the
// viewer who was there before notices nothing. What a viewer does who was let in and lies: hostile-media.test.ts.

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
import { until } from "../harness/until.ts";
import { Bystander } from "./bystander.ts";
import type { Desktop } from "./desktop.ts";

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

/** Was there before, and must not notice anything. */
let bystander: Bystander;
let desktop: Desktop;

beforeAll(async () => {
  bystander = await Bystander.watch();
  ({ desktop } = bystander);
});
afterAll(() => bystander?.close());

afterEach(() => bystander.unharmed());

type Frame = string | Uint8Array;

/**
 * Opens a control WebSocket and sends the frames. Resolves with how it ended: the reason of the agent's `bye`, "open" when
 * the agent was still there after all frames and answered a last ping, "closed" when it went without a word. An SDP is refused a
 * little later than a ping is answered: `ping` false waits for the end.
 */
function throwFrames(frames: readonly Frame[], ping = true): Promise<string> {
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
      if (ping) socket.ping();
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

test("frames beyond the limits end the session, with a counted reason", async () => {
  const long = "x".repeat(LIMITS.controlBytesBeforeHello + 1);
  const longHello = JSON.stringify({ type: "hello", version: PROTOCOL_VERSION, client: long });
  const endless = "x".repeat(LIMITS.controlBytes + 1);
  const longOffer = JSON.stringify({ type: "offer", peer: 0, sdp: "x".repeat(LIMITS.sdpChars + 1) });
  const offer = JSON.stringify({ type: "offer", peer: 0, sdp: "v=0\r\n" });
  const line = "a=candidate:1 1 udp 1 10.9.8.7 1 typ host\r\n";
  const fullOffer = JSON.stringify({ type: "offer", peer: 0, sdp: `v=0\r\nm=video 9 RTP 96\r\n${line.repeat(3000)}` });
  const candidate = JSON.stringify({ type: "candidate", peer: 0, candidate: line.slice(2, -2), mid: "0" });
  const candidates = (count: number) => Array.from({ length: count }, () => candidate);
  for (const [kind, reason, frames] of [
    ["refused", "protocol-error", [longHello]],
    ["refused", "protocol-error", [endless]],
    ["ended", "protocol-error", [HELLO, longOffer]],
    ["ended", "protocol-error", [HELLO, fullOffer]],
    ["ended", "protocol-error", [HELLO, endless]],
    ["ended", "protocol-error", [HELLO, offer, ...candidates(LIMITS.candidates + 1)]],
    ["ended", "rate-limited", [HELLO, ...candidates(LIMITS.controlPerSecond * 3)]],
  ] as const) {
    const before = await bystander.counts();
    expect(["closed", reason]).toContain(await throwFrames(frames, false));
    await bystander.counted(kind, reason, before);
  }
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

test("headers without end are cut off, and counted", async () => {
  const before = await bystander.counts();
  const endless = Buffer.from(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${desktop.port}\r\nX: ${"y".repeat(200_000)}\r\n\r\n`);
  expect(await throwBytes(endless)).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
  await bystander.counted("http", "not-understood", before);
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
  // The encoders' libraries have words of their own.
  const said = desktop.agent.allLines().filter((line) => line.startsWith("{"));
  const lines = said.map((line) => JSON.parse(line) as LogLine);
  expect(lines.length).toBeGreaterThan(100);
  const counted = lines.filter(({ reason }) => reason === "protocol-error").map(({ count }) => count ?? 0);
  expect(Math.max(...counted)).toBeGreaterThan(10);
  expect(lines.filter(({ level }) => level >= PINO_ERROR)).toEqual([]);
});

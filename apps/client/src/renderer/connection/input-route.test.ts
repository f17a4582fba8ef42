import { inputCodec, type InputMessage } from "@eglantine/protocol/input";
import fc from "fast-check";
import { expect, it } from "vitest";
import { InputRoute, type InputPath, KEPT_MAX, type Outgoing } from "./input-route.ts";

const key = (code: number, pressed = true): InputMessage => ({ type: "key", pressed, code, keysym: 0 });

/** An agent as the protocol describes it, behind two lines: in order and reliable, but cut (nothing passes) at will. */
class World {
  readonly route = new InputRoute();
  readonly taken: InputMessage[] = [];
  readonly #lines: Record<InputPath, { order: number; message: Uint8Array<ArrayBuffer> }[]> = {
    webrtc: [],
    socket: [],
  };
  #order = 0;
  readonly answers: { readonly path: InputPath; readonly count: number }[] = [];
  unanswered = 0;
  nowMs = 0;
  cut = false;
  #active: InputPath | undefined;
  #skip = 0;

  put(outgoing: Outgoing | undefined): void {
    for (const message of outgoing?.messages ?? []) {
      this.#lines[outgoing?.path ?? "socket"].push({ order: this.#order++, message });
    }
  }

  send(message: InputMessage): void {
    this.put(this.route.send(inputCodec.encode(message), this.nowMs));
  }

  /** Everything that can arrive does, at the agent and back. */
  settle({ answersLost = false } = {}): void {
    for (;;) {
      const { webrtc, socket } = this.#lines;
      const first = [...(this.cut ? [] : webrtc.slice(0, 1)), ...socket.slice(0, 1)].sort(
        (a, b) => a.order - b.order,
      )[0];
      if (first === undefined) break;
      const path = first === socket[0] ? "socket" : "webrtc";
      this.#lines[path].shift();
      this.#arrive(path, inputCodec.decode(first.message));
    }
    for (const { path, count } of this.answers.splice(0)) {
      if (path === "webrtc" && (this.cut || answersLost)) continue;
      this.route.acknowledge(count, this.nowMs);
    }
  }

  pass(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      const dueMs = this.route.deadlineMs;
      if (dueMs === undefined || dueMs > endMs) break;
      this.nowMs = Math.max(this.nowMs, dueMs);
      const { outgoing, unansweredSinceMs } = this.route.expire(this.nowMs);
      if (unansweredSinceMs !== undefined) this.unanswered += 1;
      this.put(outgoing);
    }
    this.nowMs = endMs;
  }

  /** The peer is gone, with everything that was still on its way. */
  loseWebRtc(): void {
    this.#lines.webrtc = [];
    this.put(this.route.setWebRtcOpen(false, this.nowMs));
  }

  #arrive(path: InputPath, message: InputMessage): void {
    if (message.type === "resume") {
      this.#active = path;
      this.#skip = this.taken.length - message.count;
      expect(this.#skip).toBeGreaterThanOrEqual(0);
      return;
    }
    if (path !== this.#active) return;
    if (this.#skip > 0) this.#skip -= 1;
    else this.taken.push(message);
    this.answers.push({ path, count: this.taken.length });
  }
}

function world(): World {
  const one = new World();
  one.put(one.route.openSocket(0));
  one.put(one.route.setWebRtcOpen(true, 0));
  one.settle();
  return one;
}

it("goes nowhere before a path is open, over the socket until WebRTC is, and then over WebRTC", () => {
  const one = new World();
  expect(one.route.path).toBeUndefined();
  one.put(one.route.openSocket(0));
  expect(one.route.path).toBe("socket");
  one.send(key(1));
  one.put(one.route.setWebRtcOpen(true, 0));
  expect(one.route.path).toBe("webrtc");
  one.send(key(2));
  one.settle();
  expect(one.taken).toEqual([key(1), key(2)]);
});

it("numbers, keeps and resumes nothing for an agent without the socket path", () => {
  const route = new InputRoute();
  route.setWebRtcOpen(true, 0);
  const bytes = inputCodec.encode(key(1));
  expect(route.send(bytes, 0)).toEqual({ path: "webrtc", messages: [bytes] });
  expect(route.deadlineMs).toBeUndefined();
});

it("goes on over the socket when WebRTC does not answer for 300 ms, with nothing lost and nothing twice", () => {
  const one = world();
  one.send(key(1));
  one.settle();
  one.cut = true;
  one.send(key(2));
  one.settle();
  one.pass(299);
  expect(one.route.path).toBe("webrtc");
  one.pass(1);
  expect(one.route.path).toBe("socket");
  expect(one.unanswered).toBe(1);
  one.send(key(3));
  one.settle();
  expect(one.taken).toEqual([key(1), key(2), key(3)]);
});

it("skips at the agent what had arrived although its answer was lost", () => {
  const one = world();
  one.send(key(1));
  one.settle();
  one.send(key(2));
  one.settle({ answersLost: true });
  one.cut = true;
  one.send(key(3));
  one.pass(400);
  one.settle();
  expect(one.taken).toEqual([key(1), key(2), key(3)]);
});

it("lets a held key be held across a change of path, and lets it go once", () => {
  const one = world();
  one.send(key(30, true));
  one.settle();
  one.loseWebRtc();
  one.settle();
  expect(one.taken).toEqual([key(30, true)]);
  one.send(key(30, false));
  one.settle();
  expect(one.taken).toEqual([key(30, true), key(30, false)]);
});

it("leaves a WebRTC that did not answer alone, longer each time, until the picture goes that way again", () => {
  const one = world();
  one.cut = true;
  one.send(key(1));
  one.pass(300);
  one.settle();
  one.pass(1999);
  expect(one.route.path).toBe("socket");
  one.pass(1);
  expect(one.route.path).toBe("webrtc");
  one.send(key(2));
  one.pass(300);
  one.settle();
  one.pass(3999);
  expect(one.route.path).toBe("socket");
  one.put(one.route.want("webrtc", one.nowMs));
  expect(one.route.path).toBe("webrtc");
  one.cut = false;
  one.settle();
  expect(one.taken).toEqual([key(1), key(2)]);
});

it("stays on the socket while the picture is there", () => {
  const one = world();
  one.put(one.route.want("socket", 0));
  one.pass(60_000);
  expect(one.route.path).toBe("socket");
  expect(one.route.deadlineMs).toBeUndefined();
});

it("waits longer for an answer on a long link", () => {
  const one = world();
  one.send(key(1));
  one.nowMs += 200;
  one.settle();
  one.cut = true;
  one.send(key(2));
  one.pass(599);
  expect(one.route.path).toBe("webrtc");
  one.pass(1);
  expect(one.route.path).toBe("socket");
});

it("is not misled by an acknowledgement of what was never sent", () => {
  const one = world();
  one.send(key(1));
  one.route.acknowledge(7, 0);
  one.loseWebRtc();
  one.settle();
  expect(one.taken).toEqual([key(1)]);
});

it("claims nothing for the agent that it did not say: beyond what can be kept it is overfull", () => {
  const route = new InputRoute();
  route.openSocket(0);
  const bytes = inputCodec.encode(key(1));
  for (let count = 0; count < KEPT_MAX; count += 1) route.send(bytes, 0);
  expect(route.overfull).toBe(false);
  route.send(bytes, 0);
  expect(route.overfull).toBe(true);
  const resume = route.setWebRtcOpen(true, 0)?.messages[0];
  expect(resume && inputCodec.decode(resume)).toEqual({ type: "resume", count: 0 });
});

it("brings every message to the agent once and in order, whatever the paths do", () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.constant("send" as const) },
    { weight: 3, arbitrary: fc.constant("settle" as const) },
    fc.constantFrom("cut", "mend", "lose", "open", "to-socket", "to-webrtc", "wait" as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const one = world();
      const sent: InputMessage[] = [];
      for (const name of steps) {
        if (name === "send") {
          sent.push(key((sent.length % 200) + 1, sent.length % 2 === 0));
          one.send(sent.at(-1) ?? key(1));
        } else if (name === "settle") one.settle();
        else if (name === "cut") one.cut = true;
        else if (name === "mend") one.cut = false;
        else if (name === "lose") one.loseWebRtc();
        else if (name === "open") one.put(one.route.setWebRtcOpen(true, one.nowMs));
        else if (name === "wait") one.pass(350);
        else one.put(one.route.want(name === "to-socket" ? "socket" : "webrtc", one.nowMs));
      }
      one.pass(2000);
      one.loseWebRtc();
      one.settle();
      expect(one.taken).toEqual(sent);
    }),
    { numRuns: 500 },
  );
});

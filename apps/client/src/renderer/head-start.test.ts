import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { HeadStart } from "./head-start.ts";

const URL = "ws://desk/ws";

class Socket extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSED = 3;
  readonly url: string;
  readyState = Socket.CONNECTING;

  constructor(url: string) {
    super();
    this.url = url;
    made.push(this);
  }

  open(): void {
    this.readyState = Socket.OPEN;
    this.dispatchEvent(new Event("open"));
  }

  close(): void {
    this.readyState = Socket.CLOSED;
  }
}

let made: Socket[] = [];

beforeEach(() => {
  made = [];
  vi.stubGlobal("WebSocket", Socket);
});
afterEach(() => vi.unstubAllGlobals());

/** A connection is in doubt, and its successor begun. */
function renewed(): { start: HeadStart; next: Socket | undefined; reached: () => number } {
  const start = new HeadStart();
  let reached = 0;
  start.renew(URL, () => (reached += 1));
  return { start, next: made[0], reached: () => reached };
}

it("hands over the successor of a dead connection, and tells when it reached the agent", () => {
  const { start, next, reached } = renewed();
  expect(reached()).toBe(0);
  next?.open();
  expect(reached()).toBe(1);
  start.settle(false);
  expect(start.socket(URL)).toBe(next);
  expect(start.socket(URL)).not.toBe(next);
});

it("closes the successor of a connection that lives", () => {
  const { start, next } = renewed();
  next?.open();
  start.settle(true);
  expect(next?.readyState).toBe(Socket.CLOSED);
  expect(start.socket(URL)).not.toBe(next);
});

it("begins anew where the successor has not opened either: it may be older than the network", () => {
  const { start, next } = renewed();
  start.settle(false);
  expect(next?.readyState).toBe(Socket.CLOSED);
  expect(start.socket(URL)).not.toBe(next);
});

it("takes no successor that the agent has refused", () => {
  const { start, next } = renewed();
  next?.open();
  next?.dispatchEvent(new Event("message"));
  start.settle(false);
  expect(start.socket(URL)).not.toBe(next);
});

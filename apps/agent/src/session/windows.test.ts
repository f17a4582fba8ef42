import type { Reason } from "@eglantine/protocol/reasons";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLog } from "../log.ts";
import { FakeDesktop } from "../testing/fake-desktop.ts";
import { Monitors } from "./monitors.ts";
import { type WindowPlace, Windows, type WindowSession } from "./windows.ts";

/** Ends as a session does. */
class FakeSession implements WindowSession {
  readonly place: WindowPlace;
  ended: Reason | undefined;

  constructor(place: WindowPlace | string) {
    if (typeof place === "string") throw new Error(place);
    this.place = place;
    place.take(this);
  }

  end(reason: Reason): void {
    this.ended ??= reason;
    this.place.left(this, reason);
  }

  ticket(): string {
    const answer = this.place.ticket();
    if ("why" in answer) throw new Error(answer.why);
    return answer.ticket;
  }
}

let desktop: FakeDesktop;
let monitors: Monitors;
let windows: Windows;
let clock: { nowMs: number };
const SIZE = { widthPx: 800, heightPx: 600 };
const FIRST = "the-first-window-of-one-viewer";

function windowsOf(max = 3, whyOne?: string): Windows {
  return new Windows({ monitors, max, whyOne, nowMs: () => clock.nowMs });
}
const first = (name: string | undefined = FIRST, viewOnly = false) =>
  new FakeSession(windows.first(name, { viewOnly, screen: undefined }));
const further = (ticket: string, window = "a-further-window") =>
  windows.further(ticket, { window, size: SIZE, screen: undefined });
async function joined(ticket: string, window?: string): Promise<FakeSession> {
  const session = new FakeSession(further(ticket, window));
  await session.place.plugged;
  return session;
}
const monitorsNow = () => desktop.layouts.at(-1)?.length ?? 1;
/** Timers, and what the desktop does about them. */
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  desktop = new FakeDesktop();
  monitors = new Monitors({ desktop, log: createLog("silent") });
  clock = { nowMs: 0 };
  windows = windowsOf();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a ticket lets one window in, once, and the viewer stays one", async () => {
  const one = first();
  const ticket = one.ticket();
  await joined(ticket);
  expect(monitorsNow()).toBe(2);
  expect(windows.viewers).toBe(1);
  expect(further(ticket, "yet-another-window")).toContain("spent");
});

test("tickets that are forged, too old, or of a viewer who has left are refused", () => {
  const one = first();
  expect(further("forged")).toContain("unknown");
  const old = one.ticket();
  clock.nowMs += 60_001;
  expect(further(old)).toContain("older than a minute");
  const late = one.ticket();
  one.end("viewer-left");
  expect(further(late)).toContain("unknown");
  expect(desktop.layouts).toEqual([]);
});

test("no more monitors than allowed, whatever the tickets", async () => {
  const one = first();
  const [second, third, fourth] = [one.ticket(), one.ticket(), one.ticket()];
  await joined(second, "second-window-of-it");
  await joined(third, "third-window-of-it-");
  expect(further(fourth, "fourth-window-of-it")).toBe("this desktop takes 3 monitors");
  expect(monitorsNow()).toBe(3);
});

test("who may only watch, and who is a further window, gets no ticket; each is told why", async () => {
  expect(first("somebody-else-watches", true).place.ticket()).toMatchObject({ why: expect.stringContaining("watch") });
  const second = await joined(first().ticket());
  expect(second.place.ticket()).toMatchObject({ why: expect.stringContaining("first window") });
  const other = first("another-viewer-s-window");
  expect(other.place.ticket()).toMatchObject({ why: expect.stringContaining("Another viewer") });
});

test("where there can be one monitor alone, it is said why", () => {
  windows = windowsOf(1, "Switched off.");
  expect(first().place.ticket()).toEqual({ why: "Switched off." });
});

test("a window that is closed loses its monitor, but not while its page is loaded again", async () => {
  const one = first();
  const second = await joined(one.ticket());
  second.end("viewer-left");
  await pass(2000);
  expect(monitorsNow()).toBe(2);
  const again = await joined(one.ticket());
  await pass(20_000);
  expect(monitorsNow()).toBe(2);
  expect(again.place.seat).toBe(second.place.seat);
  again.end("viewer-left");
  await pass(3000);
  expect(monitorsNow()).toBe(1);
  expect(one.ended).toBeUndefined();
});

test("one whose connection is lost keeps it for a while", async () => {
  const one = first();
  const second = await joined(one.ticket());
  second.end("connection-lost");
  await pass(14_000);
  expect(monitorsNow()).toBe(2);
  await pass(2000);
  expect(monitorsNow()).toBe(1);
});

test("one that sends nonsense loses it at once", async () => {
  const second = await joined(first().ticket());
  second.end("protocol-error");
  await pass(0);
  expect(monitorsNow()).toBe(1);
});

test("a window that comes again while its old connection is still there takes its place", async () => {
  const one = first();
  const second = await joined(one.ticket());
  const again = await joined(one.ticket());
  expect(second.ended).toBe("connection-lost");
  expect(again.ended).toBeUndefined();
  await pass(20_000);
  expect(monitorsNow()).toBe(2);
});

test("when the first window leaves, the others end with a reason, and one monitor is left", async () => {
  const one = first();
  const others = [await joined(one.ticket(), "second-window-of-it"), await joined(one.ticket(), "third-window-of-it-")];
  one.end("viewer-left");
  await pass(3000);
  expect(others.map(({ ended }) => ended)).toEqual(["first-window-left", "first-window-left"]);
  expect(desktop.layouts.at(-1)).toHaveLength(1);
  expect(desktop.layouts).toHaveLength(3);
  expect(windows.viewers).toBe(0);
});

test("a first window that is loaded again finds its others where they were", async () => {
  const one = first();
  const second = await joined(one.ticket());
  one.end("viewer-left");
  await pass(2000);
  first();
  await pass(20_000);
  expect(second.ended).toBeUndefined();
  expect(monitorsNow()).toBe(2);
});

test("one that sends nonsense takes the others along at once", async () => {
  const one = first();
  const second = await joined(one.ticket());
  one.end("protocol-error");
  expect(second.ended).toBe("first-window-left");
});

test("a first window that lost its connection finds its others where they were", async () => {
  const one = first();
  const second = await joined(one.ticket());
  one.end("connection-lost");
  await pass(5000);
  expect(windows.viewers).toBe(1);
  expect(windows.knows(FIRST, false)).toBe(true);
  const again = first();
  await pass(20_000);
  expect(second.ended).toBeUndefined();
  expect(again.place.seat).toBe(one.place.seat);
  expect(windows.viewers).toBe(1);
  expect(monitorsNow()).toBe(2);
});

test("one that does not come again takes the others along", async () => {
  const one = first();
  const second = await joined(one.ticket());
  one.end("connection-lost");
  await pass(15_000);
  expect(second.ended).toBe("first-window-left");
  expect(windows.viewers).toBe(0);
});

test("a viewer with one window leaves nothing behind, and its name is no key to another's", async () => {
  first().end("connection-lost");
  expect(windows.viewers).toBe(0);
  const one = first();
  await joined(one.ticket());
  expect(windows.knows("somebody-else-s-window", false)).toBe(false);
  // Of whom may only watch: its rights are others.
  expect(windows.knows(FIRST, true)).toBe(false);
});

test("a monitor that can't be plugged in leaves no place behind", async () => {
  desktop.onLayOut = () => {
    throw new Error("the X server will not");
  };
  const one = first();
  const second = new FakeSession(further(one.ticket()));
  await expect(second.place.plugged).rejects.toThrow("the X server will not");
  second.end("monitor-refused");
  desktop.onLayOut = () => undefined;
  await joined(one.ticket());
  expect(monitorsNow()).toBe(2);
});

test("an agent that ends leaves the monitors to the next one", async () => {
  const one = first();
  const second = await joined(one.ticket());
  one.end("agent-closing");
  expect(second.ended).toBeUndefined();
  second.end("agent-closing");
  windows.close();
  await pass(20_000);
  expect(monitorsNow()).toBe(2);
});

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Wake } from "./wake.ts";

class Page extends EventTarget {
  hidden = false;

  hide(hidden: boolean): void {
    this.hidden = hidden;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

const HOUR_MS = 3_600_000;
const woken: string[] = [];
const onWake = (why: string): void => void woken.push(why);
let page: Page;
let wake: Wake | undefined;

beforeEach(() => {
  vi.useFakeTimers();
  page = new Page();
  vi.stubGlobal("window", new EventTarget());
  vi.stubGlobal("document", page);
  woken.length = 0;
});
afterEach(() => {
  wake?.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function inBrowser(): Wake {
  wake = new Wake({ bridge: undefined, onWake });
  wake.watch(true);
  return wake;
}

/** The clock goes on, and timers don't. */
const sleep = (ms: number): void => void vi.setSystemTime(Date.now() + ms);

it("runs nothing where the shell tells of sleep", () => {
  let tell = (): void => undefined;
  let told = true;
  const on = (_name: string, listener: () => void) => {
    tell = listener;
    return () => void (told = false);
  };
  wake = new Wake({ bridge: { on } as never, onWake });
  wake.watch(true);
  expect(vi.getTimerCount()).toBe(0);
  tell();
  expect(woken).toEqual(["the computer woke up"]);
  sleep(HOUR_MS);
  window.dispatchEvent(new Event("pointermove"));
  expect(woken).toHaveLength(1);
  wake.close();
  expect(told).toBe(false);
});

it("looks at the clock as soon as somebody comes back", () => {
  inBrowser();
  vi.advanceTimersByTime(60_000);
  sleep(HOUR_MS);
  window.dispatchEvent(new Event("pointermove"));
  window.dispatchEvent(new Event("keydown"));
  expect(woken).toEqual(["the computer woke up"]);
});

it("finds out by itself within five seconds", () => {
  inBrowser();
  sleep(HOUR_MS);
  vi.advanceTimersByTime(5000);
  expect(woken).toEqual(["the computer woke up"]);
  vi.advanceTimersByTime(HOUR_MS);
  expect(woken).toHaveLength(1);
});

it("takes nobody's hands for a sleep", () => {
  inBrowser();
  for (let second = 0; second < 100; second += 1) {
    vi.advanceTimersByTime(1000);
    window.dispatchEvent(new Event("pointermove"));
  }
  expect(woken).toEqual([]);
});

it("runs nothing while the page is not seen, and asks once it is seen again after long", () => {
  inBrowser();
  page.hide(true);
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(5000);
  page.hide(false);
  expect(woken).toEqual([]);
  expect(vi.getTimerCount()).toBe(1);
  page.hide(true);
  vi.advanceTimersByTime(60_000);
  page.hide(false);
  expect(woken).toHaveLength(1);
});

it("runs nothing and tells nothing without a desktop, nor once it is closed", () => {
  const watching = inBrowser();
  watching.watch(false);
  expect(vi.getTimerCount()).toBe(0);
  sleep(HOUR_MS);
  window.dispatchEvent(new Event("focus"));
  watching.watch(true);
  watching.close();
  expect(vi.getTimerCount()).toBe(0);
  window.dispatchEvent(new Event("online"));
  expect(woken).toEqual([]);
});

it("hears of networks, whoever tells of sleep", () => {
  inBrowser().watch(false);
  window.dispatchEvent(new Event("online"));
  expect(woken).toEqual(["the network is back"]);
});

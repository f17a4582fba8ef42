import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DesktopProgress, DesktopState } from "../../shared/desktops.ts";
import { JsonFile } from "../json-file.ts";
import { Pins } from "../trust/pins.ts";
import { Trust } from "../trust/trust.ts";
import { Openings } from "./openings.ts";
import { HealthProbe } from "./probe.ts";
import { DesktopStore } from "./store.ts";
import { type OpenRoute, type Route, RouteFailure, type TargetOf } from "./types.ts";
import { urlRoute } from "./url-route.ts";

let folder = "";
let store: DesktopStore;
let told: DesktopProgress[];
/** What the ssh route does, in the order in which it does it. */
let done: string[];
let ssh: Route<TargetOf<"ssh">>;
let openings: Openings;
let health: HealthProbe;
/** By id. */
const passwords = new Map<string, string>();
/** What the user says where a server is to be trusted. */
let trusting: boolean;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "eglantine-openings-"));
  store = new DesktopStore(join(folder, "desktops.json"));
  passwords.clear();
  health = new HealthProbe();
  told = [];
  done = [];
  trusting = true;
  ssh = {
    area: "trust",
    open: ({ destination }, tell) => {
      tell({ step: "tunnel", parameters: { destination }, part: 0.5 });
      return Promise.resolve(way("http://127.0.0.1:9/"));
    },
  };
  const pins = new Pins(new JsonFile(join(folder, "trust.json")));
  const trust = new Trust({ pins, ask: () => Promise.resolve(trusting ? "accept" : "decline"), nowMs: Date.now });
  openings = new Openings({
    store,
    secrets: { read: (id) => Promise.resolve(passwords.get(id)) },
    trust,
    routes: {
      url: urlRoute(health),
      get ssh() {
        return ssh;
      },
    },
    tell: (progress) => told.push(progress),
  });
});

afterEach(async () => {
  health.close();
  await rm(folder, { recursive: true });
});

const way = (url: string): OpenRoute => ({
  url,
  password: "of the route",
  close: () => Promise.resolve(void done.push(`closed ${url}`)),
});

async function saved(target: Parameters<DesktopStore["save"]>[0]["target"]): Promise<string> {
  const outcome = await store.save({ name: "Workshop", user: "me", target });
  if (!("ok" in outcome)) throw new Error(outcome.failed.reason);
  return outcome.ok.id;
}

const tunnelled = () => saved({ kind: "ssh", destination: "me@desk", agent: "127.0.0.1:8080" });

it("leads nowhere that the user does not trust", async () => {
  trusting = false;
  const id = await saved({ kind: "url", url: "http://192.0.2.1/" });
  expect(await openings.open(id, 1)).toEqual({
    failed: { area: "trust", reason: "clear", parameters: { host: "192.0.2.1:80" } },
  });
  expect((await store.find(id))?.lastUsedMs).toBe(0);
});

it("leads nowhere that the user does not trust by whatever route, and leaves nothing open", async () => {
  trusting = false;
  const id = await tunnelled();
  ssh = { area: "ssh", open: () => Promise.resolve(way("http://192.0.2.1:8080/")) };
  expect(await openings.open(id, 1)).toEqual({
    failed: { area: "trust", reason: "clear", parameters: { host: "192.0.2.1:8080" } },
  });
  expect(done).toEqual(["closed http://192.0.2.1:8080/"]);
  await openings.close(1);
  expect(done).toHaveLength(1);
});

it("leads to an agent's own address, and remembers when", async () => {
  const id = await saved({ kind: "url", url: "http://192.0.2.1/" });
  const before = Date.now();
  expect(await openings.open(id, 1)).toEqual({ ok: { name: "Workshop", url: "http://192.0.2.1/", user: "me" } });
  expect((await store.find(id))?.lastUsedMs).toBeGreaterThanOrEqual(before);
});

it("tells what the route does, in the route's own words, and gives what it knows", async () => {
  const id = await tunnelled();
  const ok = { name: "Workshop", url: "http://127.0.0.1:9/", user: "me", password: "of the route" };
  expect(await openings.open(id, 1)).toEqual({ ok });
  expect(told).toEqual([{ id, area: "trust", step: "tunnel", parameters: { destination: "me@desk" }, part: 0.5 }]);
});

it("gives the password that is kept, where the route knows none", async () => {
  const [plain, behind] = [await saved({ kind: "url", url: "https://desk.example/" }), await tunnelled()];
  for (const id of [plain, behind]) passwords.set(id, "kept");
  expect(await openings.open(plain, 1)).toMatchObject({ ok: { password: "kept" } });
  expect(await openings.open(behind, 1)).toMatchObject({ ok: { password: "of the route" } });
});

it("can't know how a desktop is where the route does not say it, and asks nobody once it is closed", async () => {
  expect(await openings.probe(await tunnelled(), 1)).toEqual({ condition: "unknown" });
  expect(await openings.probe("00000000-0000-4000-8000-000000000000", 1)).toEqual({ condition: "unknown" });
  ssh = { ...ssh, probe: () => Promise.reject(new Error("was asked")) };
  await openings.closeAll();
  expect(await openings.probe(await tunnelled(), 1)).toEqual({ condition: "unknown" });
});

describe("of many cards", () => {
  /** Desktops that are asked, and how each is answered. */
  let asked: string[];
  let answers: Map<string, PromiseWithResolvers<DesktopState>>;

  beforeEach(() => {
    asked = [];
    answers = new Map();
    ssh = {
      ...ssh,
      place: ({ destination }) => destination.split("@")[1] ?? "",
      probe: ({ destination }, signal) => {
        const answer = Promise.withResolvers<DesktopState>();
        signal.addEventListener("abort", () => answer.reject(signal.reason as Error), { once: true });
        asked.push(destination);
        answers.set(destination, answer);
        return answer.promise;
      },
    };
  });

  const probe = async (destination: string, window = 1) =>
    openings.probe(await saved({ kind: "ssh", destination, agent: "127.0.0.1:8080" }), window);
  const areAsked = (...wanted: string[]) => expect.poll(() => asked).toEqual(wanted);
  const answer = (destination: string, condition: DesktopState["condition"]) =>
    answers.get(destination)?.resolve({ condition });

  it("asks those in one place one after the other, and those elsewhere meanwhile", async () => {
    const first = probe("a@one");
    await areAsked("a@one");
    const second = probe("b@one");
    const other = probe("c@two");
    await areAsked("a@one", "c@two");
    answer("c@two", "ready");
    expect(await other).toEqual({ condition: "ready" });
    expect(asked).not.toContain("b@one");
    answer("a@one", "stopped");
    await areAsked("a@one", "c@two", "b@one");
    answer("b@one", "gone");
    expect([await first, await second]).toEqual([{ condition: "stopped" }, { condition: "gone" }]);
  });

  it("asks a place that does not answer once for all that wait, and anew for whoever comes then", async () => {
    const first = probe("a@one");
    await areAsked("a@one");
    const id = await saved({ kind: "ssh", destination: "b@one", agent: "127.0.0.1:8080" });
    const waiting = openings.probe(id, 2);
    await store.list();
    answer("a@one", "engine-away");
    expect([await first, await waiting]).toEqual([{ condition: "engine-away" }, { condition: "engine-away" }]);
    const anew = openings.probe(id, 2);
    await areAsked("a@one", "b@one");
    answer("b@one", "ready");
    expect(await anew).toEqual({ condition: "ready" });
  });

  it("asks nobody any more once a window's cards are not seen, but for another window", async () => {
    const [left, stays] = [probe("a@one", 1), probe("b@two", 2)];
    await expect.poll(() => asked).toHaveLength(2);
    const waiting = probe("c@one", 1);
    const id = await saved({ kind: "ssh", destination: "d@one", agent: "127.0.0.1:8080" });
    const behind = openings.probe(id, 2);
    await store.list();
    openings.stopProbing(1);
    expect([await left, await waiting]).toEqual([{ condition: "unknown" }, { condition: "unknown" }]);
    await expect.poll(() => asked).toContain("d@one");
    expect(asked).not.toContain("c@one");
    answer("d@one", "ready");
    answer("b@two", "ready");
    expect([await behind, await stays]).toEqual([{ condition: "ready" }, { condition: "ready" }]);
    const again = probe("a@one", 1);
    await expect.poll(() => asked.filter((one) => one === "a@one")).toHaveLength(2);
    answer("a@one", "ready");
    expect(await again).toEqual({ condition: "ready" });
  });
});

it("says why there is no way, with the route's reason", async () => {
  ssh = { area: "trust", open: () => Promise.reject(new RouteFailure("host-key", { host: "desk" })) };
  expect(await openings.open(await tunnelled(), 1)).toEqual({
    failed: { area: "trust", reason: "host-key", parameters: { host: "desk" } },
  });
});

it("says that a desktop is gone, and that a kind has no route here", async () => {
  const gone = await openings.open("00000000-0000-4000-8000-000000000000", 1);
  expect(gone).toMatchObject({ failed: { area: "home", reason: "gone" } });
  const id = await saved({ kind: "pod", context: "c", namespace: "n", name: "p" });
  expect(await openings.open(id, 1)).toMatchObject({ failed: { area: "home", reason: "no-route" } });
});

it("closes the way with its window, once, and leaves other windows theirs", async () => {
  const id = await tunnelled();
  await openings.open(id, 1);
  await openings.open(id, 2);
  await openings.close(1);
  await openings.close(1);
  expect(done).toEqual(["closed http://127.0.0.1:9/"]);
  await openings.closeAll();
  expect(done).toHaveLength(2);
});

it("breaks off a way that is being made, also where the route opens it nevertheless", async () => {
  const stubborn = Promise.withResolvers<OpenRoute>();
  const begun = Promise.withResolvers<AbortSignal>();
  ssh = {
    area: "trust",
    open: (_target, _tell, signal) => {
      begun.resolve(signal);
      return stubborn.promise;
    },
  };
  const opening = openings.open(await tunnelled(), 1);
  const signal = await begun.promise;
  const closing = openings.close(1);
  expect(signal.aborted).toBe(true);
  stubborn.resolve(way("late"));
  expect(await opening).toMatchObject({ failed: { reason: "cancelled" } });
  await closing;
  expect(done).toEqual(["closed late"]);
});

it("closes the former way of a window before it makes the next", async () => {
  const id = await tunnelled();
  await openings.open(id, 1);
  ssh = {
    area: "trust",
    open: () => {
      done.push("opened");
      return Promise.resolve(way("second"));
    },
  };
  await openings.open(id, 1);
  expect(done).toEqual(["closed http://127.0.0.1:9/", "opened"]);
});

it("is broken by an error that is nobody's failure", async () => {
  ssh = { area: "trust", open: () => Promise.reject(new TypeError("a bug")) };
  await expect(openings.open(await tunnelled(), 1)).rejects.toThrow("a bug");
});

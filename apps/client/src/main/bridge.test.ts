// The bridge's proof: every call of the table, with the real parts behind it, from whom and with what it may not be made.

import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clipboardDouble, SafeStorageDouble, systemDouble } from "../renderer/testing/electron-double.ts";
import { BRIDGE, type CallName, EVENTS } from "../shared/bridge.ts";
import { emptyForm } from "../shared/launch-form.ts";
import { KUBERNETES_DEFAULTS } from "../shared/kubernetes-form.ts";
import { BridgeRefusal, createAnswers, type Sender, ShellBridge } from "./bridge.ts";
import { isOwnPage } from "./page-files.ts";
import { buildParts, type Parts } from "./parts.ts";

const NAMES = Object.keys(BRIDGE) as CallName[];
const PAGE: Sender = { isWindow: true, isMainFrame: true, url: "app://eglantine/?desktop=1#/" };
/** Of an engine that is not there. */
const NOWHERE = "unix:///nonexistent/docker.sock";
const UNKNOWN = "00000000-0000-4000-8000-000000000000";

const POD = { context: "test", namespace: "desks", name: "eglantine-desk" };

/** What is wrong for every parameter of the bridge. */
const WRONG: readonly unknown[] = [
  undefined,
  null,
  7,
  true,
  Symbol.iterator,
  [],
  [{}],
  "",
  "\0",
  "../../etc/passwd",
  () => 7,
];

/** Of each call that has a parameter: one that it takes, which the wrong ones are made from. */
const RIGHT: { readonly [Name in CallName]?: unknown } = {
  writeSettings: { scale: "native" },
  writeClipboard: { text: "hello" },
  storeFile: { set: "0".repeat(32), names: ["a.txt"], offsetBytes: 0, bytes: new Uint8Array(3) },
  dropFiles: "0".repeat(32),
  copyFiles: "0".repeat(32),
  saveDesktop: { name: "Workshop", user: "user", target: { kind: "url", url: "https://desk.example/" } },
  removeDesktop: UNKNOWN,
  restoreDesktop: UNKNOWN,
  openDesktop: UNKNOWN,
  answerQuestion: { id: 7, answer: "accept" },
  checkTrust: "https://127.0.0.1:1/",
  showNotification: { program: "mail", title: "A letter", body: "from Ada" },
  setStreaming: { on: true },
  holdKeys: { held: true },
  dragFiles: "0".repeat(32),
  addEngine: { engine: "ssh://user@desk.example" },
  forgetEngine: { engine: NOWHERE },
  inspectEngine: { engine: NOWHERE },
  writeLaunch: { ...emptyForm(), engine: NOWHERE, password: "long enough" },
  launch: { ...emptyForm(), engine: NOWHERE, password: "long enough" },
  listContainers: { engine: NOWHERE },
  startContainer: { engine: NOWHERE, container: "desk" },
  stopContainer: { engine: NOWHERE, container: "desk" },
  removeContainer: { engine: NOWHERE, container: "desk", volume: false },
  readContainerLog: { engine: NOWHERE, container: "desk" },
  readContainerStats: { engine: NOWHERE, container: "desk" },
  connectContainer: { engine: NOWHERE, container: "desk" },
  probeDesktop: UNKNOWN,
  readPicture: UNKNOWN,
  keepPicture: { id: UNKNOWN, jpeg: Uint8Array.of(0xff, 0xd8, 0xff) },
  whereIsPassword: UNKNOWN,
  keepPassword: { id: UNKNOWN, password: "hunter2" },
  forgetPassword: UNKNOWN,
  importDesktops: { text: '{"eglantine":"desktops","version":1,"desktops":[]}', replace: false },
  confirmKubernetesPlugin: { context: "test", fingerprint: "0".repeat(64) },
  readKubernetesChoices: { context: "test" },
  createKubernetesDesktop: { context: "test", namespace: "desks", ...KUBERNETES_DEFAULTS },
  watchKubernetesDesktops: { context: "test", namespace: "desks" },
  stopKubernetesDesktop: POD,
  startKubernetesDesktop: POD,
  removeKubernetesDesktop: { target: POD, home: false },
  readKubernetesLogs: POD,
};

/** An address of an engine may be any text: what it leads to is told. */
const ANY_ENGINE = { engine: ["../../etc/passwd"] };

/** Of those with fields of their own: what of WRONG is right in which field. */
const FITS: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>> = {
  storeFile: { offsetBytes: [7] },
  answerQuestion: { id: [7] },
  showNotification: Object.fromEntries(
    ["program", "title", "body"].map((field) => [field, ["", "\0", "../../etc/passwd"]]),
  ),
  setStreaming: { on: [true] },
  holdKeys: { held: [true] },
  saveDesktop: { name: ["../../etc/passwd"], user: ["", "../../etc/passwd"] },
  addEngine: ANY_ENGINE,
  forgetEngine: ANY_ENGINE,
  inspectEngine: ANY_ENGINE,
  listContainers: ANY_ENGINE,
  startContainer: ANY_ENGINE,
  stopContainer: ANY_ENGINE,
  removeContainer: { ...ANY_ENGINE, volume: [true] },
  readContainerLog: ANY_ENGINE,
  readContainerStats: ANY_ENGINE,
  connectContainer: ANY_ENGINE,
  keepPicture: {},
  keepPassword: { password: ["\0", "../../etc/passwd"] },
  // What is no list of desktops is told to the user.
  importDesktops: { text: ["", "\0", "../../etc/passwd"], replace: [true] },
  // A kubeconfig gives its contexts any name.
  confirmKubernetesPlugin: { context: ["../../etc/passwd"] },
  readKubernetesChoices: { context: ["../../etc/passwd"] },
  createKubernetesDesktop: {
    context: ["../../etc/passwd"],
    pullSecret: [""],
    gpuResource: [""],
    gpuCount: [7],
    renderGroup: [7],
    memoryRequestGibibytes: [7],
    memoryLimitGibibytes: [7],
    homeGibibytes: [7],
    storageClass: [""],
    idleMinutes: [7],
    ingressHost: [""],
    ingressSecret: [""],
    ingressClass: [""],
  },
  watchKubernetesDesktops: { context: ["../../etc/passwd"] },
  stopKubernetesDesktop: { context: ["../../etc/passwd"] },
  startKubernetesDesktop: { context: ["../../etc/passwd"] },
  removeKubernetesDesktop: { home: [true] },
  readKubernetesLogs: { context: ["../../etc/passwd"] },
};

/** It with one field wrong, in every way. */
function spoilt(right: object, fits: (typeof FITS)[string]): readonly object[] {
  return Object.keys(right).flatMap((field) =>
    WRONG.filter((value) => fits[field]?.includes(value) !== true).map((value) => ({ ...right, [field]: value })),
  );
}

let folder: string;
let parts: Parts;
let bridge: ShellBridge;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "eglantine-bridge-"));
  await writeFile(join(folder, "settings.json"), '{"scale":"native"}');
  parts = buildParts({
    folder,
    temporary: join(folder, "copied"),
    platform: "linux",
    env: {},
    home: folder,
    manifests: "",
    clipboard: clipboardDouble(),
    showFolder: () => Promise.resolve(),
    safeStorage: new SafeStorageDouble(),
    emit: () => undefined,
    ssh: { ssh: "/nowhere/ssh", environment: {}, askpassProgram: ["/nowhere/askpass"] },
    ...systemDouble(),
  });
  bridge = new ShellBridge(createAnswers(parts), isOwnPage);
});

afterEach(async () => {
  await parts.close();
  await rm(folder, { recursive: true });
});

const ask = (name: string, parameters: readonly unknown[], sender = PAGE) =>
  bridge.answer(name, sender, { window: 1, paste: () => undefined }, parameters);

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => "answered",
    (error: unknown) => (error instanceof BridgeRefusal ? error.reason : error),
  );

/** All that the application keeps. */
async function kept(): Promise<string> {
  const names = await readdir(folder, { recursive: true });
  const texts = await Promise.all(
    names.map(async (name) => `${name}: ${await readFile(join(folder, name), "utf8").catch(() => "a folder")}`),
  );
  return texts.sort().join("\n");
}

it("has a channel of its own for each call and each event", () => {
  const channels = [...Object.values(BRIDGE), ...Object.values(EVENTS)].map(({ channel }) => channel);
  expect(new Set(channels).size).toBe(channels.length);
  expect(channels.filter((channel) => !/^eglantine:[a-z]+(-[a-z]+)*$/.test(channel))).toEqual([]);
});

describe.each(NAMES)("%s", (name) => {
  it.each([
    ["other contents than a window", { ...PAGE, isWindow: false }, "sender"],
    ["a frame in the page", { ...PAGE, isMainFrame: false }, "sender"],
    ["a page that is gone", { ...PAGE, url: "" }, "origin"],
    ["another host of the scheme", { ...PAGE, url: "app://eglantine.evil/" }, "origin"],
    ["a web page", { ...PAGE, url: "https://eglantine/" }, "origin"],
    ["a file", { ...PAGE, url: "file:///app://eglantine/" }, "origin"],
    ["a host behind a name", { ...PAGE, url: "app://eglantine@evil/" }, "origin"],
  ])("is not answered for %s", async (_who, sender, reason) => {
    const before = await kept();
    expect(await refusal(ask(name, name in RIGHT ? [RIGHT[name]] : [], sender))).toBe(reason);
    expect(await kept()).toBe(before);
  });

  it("is not answered with more or less than it takes, whatever it is, and nothing is done", async () => {
    const before = await kept();
    const value = fc.oneof(fc.anything(), fc.constantFrom(...WRONG, RIGHT[name]));
    const others = fc.array(value, { maxLength: 4 }).filter(({ length }) => length !== BRIDGE[name].takes);
    await fc.assert(
      fc.asyncProperty(others, async (parameters) => {
        expect(await refusal(ask(name, parameters))).toBe("parameter");
      }),
    );
    expect(await kept()).toBe(before);
  });
});

describe.each(Object.entries(RIGHT))("%s", (name, right) => {
  it("takes what it is for", async () => {
    if (name === "copyFiles" || name === "dragFiles") await ask("storeFile", [RIGHT.storeFile]);
    expect(await refusal(ask(name, [right]))).toBe("answered");
  });

  it("is not answered with what it is not for, and nothing is done", async () => {
    const before = await kept();
    const wrong = [...WRONG, ...(name in FITS ? spoilt(right as object, FITS[name] ?? {}) : [])];
    for (const one of wrong) expect([one, await refusal(ask(name, [one]))]).toEqual([one, "parameter"]);
    expect(await kept()).toBe(before);
  });
});

it("has a right parameter here for every call that takes one, and for no other", () => {
  const takers = NAMES.filter((name) => BRIDGE[name].takes === 1);
  expect(Object.keys(RIGHT).toSorted()).toEqual(takers.toSorted());
});

it.each(NAMES.filter((name) => BRIDGE[name].takes === 0))("%s is answered without a parameter", async (name) => {
  expect(await refusal(ask(name, []))).toBe("answered");
});

it.each(["constructor", "__proto__", "toString", "then", "eglantine:read-settings", ""])(
  "knows no call %j",
  async (name) => {
    expect(await refusal(ask(name, []))).toBe("call");
  },
);

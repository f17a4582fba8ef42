// The home in the built page, in real Chromium, with the real shell behind it: what the user sees, and what it does to what is kept.

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { ShellBench } from "../../../../../../test/harness/shell-page.ts";
import type { DesktopDraft, SavedDesktop } from "../../../shared/desktops.ts";
import { SafeStorageDouble } from "../../testing/electron-double.ts";

const PASSWORD = "correct horse";
const safeStorage = new SafeStorageDouble();
let bench: ShellBench;
const pages: Page[] = [];

beforeAll(async () => {
  bench = await ShellBench.start({ safeStorage });
});
afterAll(() => bench?.close());
beforeEach(async () => {
  for (const { id } of await bench.parts.desktops.list()) await bench.parts.desktops.remove(id);
  safeStorage.isThere = true;
  bench.channel.calls.length = 0;
});
afterEach(async () => {
  for (const page of pages.splice(0)) await page.context().close();
});

async function open(path = ""): Promise<Page> {
  const page = await bench.open(path);
  pages.push(page);
  return page;
}

async function save(name: string, target: DesktopDraft["target"]): Promise<SavedDesktop> {
  const outcome = await bench.parts.desktops.save({ name, user: "user", target });
  if (!("ok" in outcome)) throw new Error(outcome.failed.reason);
  return outcome.ok;
}

const atUrl = (url: string) => ({ kind: "url", url }) as const;
/** Nobody listens there. */
const AWAY = atUrl("http://127.0.0.1:9/");
const names = (page: Page) => page.getByTestId("desktop-name").allInnerTexts();
const called = () => bench.channel.calls.map(({ name }) => name);
/** The machine may be busy. */
const focused = (page: Page, what: string) =>
  expect
    .poll(() =>
      page.evaluate(() => (document.activeElement === document.body ? "" : document.activeElement?.textContent)),
    )
    .toContain(what);

it("shows the desktops that are kept and how they are, at every size, light and dark, to everybody", async () => {
  const agent = await bench.startAgent();
  await save("A workshop with a name that is far too long for any card of any size in any language", AWAY);
  await save("Box", { kind: "container", engine: "unix:///nowhere/docker.sock", container: "eglantine-1" });
  await save("Attic", { kind: "ssh", destination: "me@attic.example", port: 2222, agent: "/run/user/1000/agent.sock" });
  await save("Pod", { kind: "pod", context: "cluster", namespace: "default", name: "eglantine-0" });
  await save("Desk", atUrl(agent.url));
  const page = await open();
  const condition = (name: string) =>
    page
      .getByTestId("desktop-card")
      .filter({ hasText: name })
      .getByTestId("desktop-state")
      .getAttribute("data-condition");
  await expect.poll(() => condition("Desk")).toBe("ready");
  await expect.poll(() => condition("A workshop")).toBe("away");
  await expect.poll(() => condition("Attic")).toBe("away");
  await expect.poll(() => condition("Box")).toBe("engine-away");
  await expect.poll(() => condition("Pod")).toBe("unknown");
  expect(await page.getByTestId("desktop-latency").innerText()).toMatch(/\d ms$/);
  expect(await bench.examine(page, "home")).toEqual([]);
});

it("tells of a list that was damaged, where it lies now, and once", async () => {
  await save("Desk", AWAY);
  const file = join(bench.folder, "desktops.json");
  writeFileSync(file, "{ half");
  const page = await open();
  const damaged = page.getByTestId("damaged");
  await damaged.waitFor();
  const [, aside = ""] = /aside unchanged as (\S+\.json);/.exec(await damaged.innerText()) ?? [];
  expect(readFileSync(aside, "utf8")).toBe("{ half");
  expect(await names(page)).toEqual(["Desk"]);
  expect(await bench.examine(page, "home-damaged")).toEqual([]);
  await damaged.getByRole("button").click();
  await damaged.waitFor({ state: "detached" });
  await page.reload();
  await expect.poll(() => names(page)).toEqual(["Desk"]);
  expect(await damaged.count()).toBe(0);
  rmSync(aside);
});

it("asks again and again how a desktop is while its card is seen, and not behind that", async () => {
  await save("Desk", AWAY);
  const page = await open("#/add");
  await page.getByTestId("add-form").waitFor();
  await page.clock.install();
  const probes = () => called().filter((name) => name === "probeDesktop").length;
  await page.evaluate(() => (location.hash = "#/"));
  await expect
    .poll(async () => {
      await page.clock.runFor(1000);
      return probes();
    })
    .toBeGreaterThanOrEqual(3);
  await page.evaluate(() => (location.hash = "#/add"));
  await page.getByTestId("add-form").waitFor();
  // Calls of a page come in their order: what it asked before is here.
  const settle = () => page.evaluate(async () => void (await window.eglantine?.listDesktops()));
  await settle();
  const before = probes();
  await page.clock.runFor(60_000);
  await settle();
  expect(probes()).toBe(before);
  expect(called()).toContain("stopProbing");
});

it("adds the first desktop with the keyboard alone", async () => {
  const page = await open();
  await page.getByTestId("no-desktops").waitFor();
  expect(await bench.examine(page, "home-empty")).toEqual([]);
  await page.getByTestId("add-desktop").focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("data-testid"))).toBe("add-address");
  await page.keyboard.type("nonsense://desk");
  await page.keyboard.press("Enter");
  await expect
    .poll(() => page.getByTestId("add-wrong").innerText())
    .toContain("This kind of address leads to no desktop. Use https://");
  expect(called()).not.toContain("saveDesktop");
  expect(await bench.examine(page, "home-add")).toEqual([]);
  await page.keyboard.press("Control+A");
  await page.keyboard.type("desk.example:8080/lab");
  await page.keyboard.press("Tab");
  await page.keyboard.type("Laboratory");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect.poll(() => names(page)).toEqual(["Laboratory"]);
  expect(await bench.parts.desktops.list()).toMatchObject([
    { name: "Laboratory", user: "user", target: atUrl("https://desk.example:8080/lab/") },
  ]);
});

it.each([
  [
    "ssh",
    { destination: "me@attic", port: "2222", agent: "8080" },
    { destination: "me@attic", port: 2222, agent: "8080" },
  ],
  ["container", { container: "eglantine-1", engine: "default" }, { container: "eglantine-1", engine: "default" }],
  ["pod", { pod: "desk-0", namespace: "lab", context: "c" }, { name: "desk-0", namespace: "lab", context: "c" }],
] as const)("adds one by %s", async (kind, fields, target) => {
  const page = await open("#/add");
  await page.getByTestId(`add-kind-${kind}`).check({ force: true });
  await page.getByTestId("add-save").click();
  await page.getByTestId("add-wrong").waitFor();
  for (const [name, text] of Object.entries(fields)) await page.getByTestId(`add-${name}`).fill(text);
  if (kind === "ssh") expect(await bench.examine(page, "home-add-ssh")).toEqual([]);
  await page.getByTestId("add-save").click();
  await page.getByTestId("desktop-card").waitFor();
  expect(await bench.parts.desktops.list()).toMatchObject([{ target: { kind, ...target } }]);
});

it("begins nothing for a link: the form is filled in, without the password that it held", async () => {
  const link = "eglantine://me:hunter2@evil.example:8443/x?a=b";
  const page = await open(`#/add?address=${encodeURIComponent(link)}`);
  await page.getByTestId("add-password-left-out").waitFor();
  await page.getByTestId("add-link").waitFor();
  expect(await page.getByTestId("add-address").inputValue()).toBe("https://evil.example:8443/x/");
  expect(await page.getByTestId("add-user").inputValue()).toBe("me");
  expect(await page.locator("#ui").innerHTML()).not.toContain("hunter2");
  expect(page.url()).not.toContain("hunter2");
  await focused(page, "Add a desktop");
  await page.keyboard.press("Enter");
  expect(await bench.examine(page, "home-link")).toEqual([]);
  expect(called().filter((name) => !/^(readSettings|closeDesktop|listDesktops|openQuestions)$/.test(name))).toEqual([]);
  expect(await bench.parts.desktops.list()).toEqual([]);
});

it.each([
  ["an option for ssh in the place of a host", "eglantine://connect?to=ssh://-oProxyCommand=touch", "address-host"],
  ["a script", "eglantine://connect?to=javascript://alert(1)", "address-scheme"],
  ["a password in no address", "eglantine://me:hunter2@desk.example:99999/", "address-port"],
])("begins nothing for a hostile link, and says what is wrong: %s", async (_what, link, reason) => {
  const page = await open(`#/add?address=${encodeURIComponent(link)}`);
  const refusal = page.getByTestId("add-refused").locator(`[data-reason=${reason}]`);
  await refusal.waitFor();
  expect((await refusal.innerText()).length).toBeGreaterThan(40);
  expect(await page.getByTestId("add-address").inputValue()).toBe("");
  expect(await page.locator("#ui").innerHTML()).not.toContain("hunter2");
  expect(page.url()).not.toContain("hunter2");
  await page.keyboard.press("Enter");
  expect(called().filter((name) => !/^(readSettings|closeDesktop|listDesktops|openQuestions)$/.test(name))).toEqual([]);
  expect(await bench.parts.desktops.list()).toEqual([]);
});

it("finds, opens, renames and removes with the keyboard alone, and brings back", async () => {
  for (const [index, name] of ["Workshop", "Attic", "Cellar"].entries())
    await save(name, atUrl(`https://${index}.example/`));
  const page = await open();
  await page.getByTestId("search").waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("attic user");
  await expect.poll(() => names(page)).toEqual(["Attic"]);
  expect(await page.getByTestId("found").innerText()).toBe("1 desktop found");
  await page.keyboard.press("Control+F");
  await page.keyboard.press("Delete");
  await expect.poll(() => names(page)).toEqual(["Cellar", "Attic", "Workshop"]);
  await page.keyboard.press("ArrowDown");
  await focused(page, "Cellar");
  await page.keyboard.press("ArrowRight");
  await focused(page, "Attic");
  await page.keyboard.press("F2");
  await page.getByTestId("edit-dialog").waitFor();
  expect(await bench.examine(page, "home-edit")).toEqual([]);
  await page.keyboard.press("Control+A");
  await page.keyboard.type("Roof");
  await page.keyboard.press("Enter");
  await expect.poll(() => names(page)).toContain("Roof");
  await focused(page, "Roof");
  const before = await names(page);
  await page.keyboard.press("Delete");
  await expect.poll(() => names(page)).toEqual(before.filter((name) => name !== "Roof"));
  expect(await page.getByTestId("removed").innerText()).toContain("Roof was removed.");
  await page.getByTestId("undo").focus();
  await page.keyboard.press("Enter");
  await expect.poll(async () => (await names(page)).sort()).toEqual(before.toSorted());
  await focused(page, "Roof");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\?desktop=/);
});

it("takes the list to another computer as a file, without passwords, and asks about names that differ", async () => {
  const desk = await save("Desk", AWAY);
  await bench.parts.secrets.keep(desk.id, PASSWORD);
  const page = await open();
  const downloading = page.waitForEvent("download");
  await page.getByTestId("export").click();
  const path = await (await downloading).path();
  const text = readFileSync(path, "utf8");
  expect(text).toContain("http://127.0.0.1:9/");
  expect(text).not.toContain(PASSWORD);
  await bench.parts.desktops.save({ ...desk, name: "Mine" });
  await page.getByTestId("import-file").setInputFiles(path);
  const told = page.getByTestId("import-told");
  await expect.poll(() => told.innerText()).toContain("left as they are: Mine.");
  expect(await bench.examine(page, "home-import")).toEqual([]);
  await page.getByTestId("import-replace").click();
  await expect.poll(() => names(page)).toEqual(["Desk"]);
  const buffer = Buffer.from("{ no list");
  await page.getByTestId("import-file").setInputFiles({ name: "x.json", mimeType: "application/json", buffer });
  await expect.poll(() => told.innerText()).toContain("can’t be read as JSON");
});

const connected = (page: Page) => page.waitForSelector('html[data-state="connected"]', { state: "attached" });

async function signIn(page: Page, keep: boolean): Promise<void> {
  await page.getByTestId("password-field").fill(PASSWORD);
  if (keep) await page.getByTestId("password-keep").check();
  await page.getByTestId("password-submit").click();
  await connected(page);
}

it("asks for a password once, keeps it in the keychain, and shows the desktop's last picture at home", async () => {
  const agent = await bench.startAgent({ password: PASSWORD });
  const desk = await save("Desk", atUrl(agent.url));
  const page = await open();
  await page.getByTestId("desktop-card").getByRole("link").click();
  await page.getByTestId("password-page").waitFor();
  expect(await page.getByTestId("password-place").innerText()).toContain("encrypted by the system");
  await signIn(page, true);
  await expect.poll(() => bench.parts.secrets.where(desk.id)).toBe("keychain");
  await page.getByTestId("toolbar-handle").click();
  await page.getByTestId("go-home").click();
  await page.getByTestId("desktop-picture").waitFor();
  const shown = () =>
    page
      .getByTestId("desktop-picture")
      .evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth > 100);
  await expect.poll(shown).toBe(true);
  expect(await bench.examine(page, "home-picture")).toEqual([]);
  await page.getByTestId("desktop-card").getByRole("link").click();
  await connected(page);
  expect(await page.getByTestId("password-page").count()).toBe(0);
});

it("keeps no picture of a desktop where the user wants none, and forgets those that it has", async () => {
  const agent = await bench.startAgent();
  const desk = await save("Desk", atUrl(agent.url));
  const page = await open(`?desktop=${desk.id}`);
  const goHome = async (): Promise<void> => {
    await connected(page);
    await page.getByTestId("toolbar-handle").click();
    await page.getByTestId("go-home").click();
    await page.getByTestId("desktop-card").waitFor();
  };
  await goHome();
  await page.getByTestId("desktop-picture").waitFor();
  await page.evaluate(() => (location.hash = "#/settings"));
  await page.getByTestId("toggle-keep-pictures").uncheck();
  await expect.poll(() => bench.parts.pictures.read(desk.id)).toBeUndefined();
  await page.evaluate(() => (location.hash = "#/"));
  await page.getByTestId("desktop-card").getByRole("link").click();
  await goHome();
  await expect.poll(called).toContain("readPicture");
  expect(called()).toContain("keepPicture");
  expect(await page.getByTestId("desktop-picture").count()).toBe(0);
  expect(await bench.parts.pictures.read(desk.id)).toBeUndefined();
  await bench.parts.settings.write({});
});

it("says where there is no keychain, and remembers the password until the application ends", async () => {
  safeStorage.isThere = false;
  const agent = await bench.startAgent({ password: PASSWORD });
  const desk = await save("Desk", atUrl(agent.url));
  const page = await open(`?desktop=${desk.id}`);
  await expect.poll(() => page.getByTestId("password-place").innerText()).toContain("no keychain");
  expect(await bench.examine(page, "home-no-keychain")).toEqual([]);
  await signIn(page, true);
  await expect.poll(() => bench.parts.secrets.where(desk.id)).toBe("memory");
  await page.reload();
  await connected(page);
});

it("keeps no password that the user does not wish kept", async () => {
  const agent = await bench.startAgent({ password: PASSWORD });
  const desk = await save("Desk", atUrl(agent.url));
  const page = await open(`?desktop=${desk.id}`);
  await signIn(page, false);
  await page.reload();
  await page.getByTestId("password-page").waitFor();
  expect(await bench.parts.secrets.where(desk.id)).toBeUndefined();
});

it("says why there is no way to a desktop, and leads home", async () => {
  const { id } = await save("Desk", AWAY);
  const page = await open(`?desktop=${id.replace(/^./, (digit) => (digit === "0" ? "1" : "0"))}`);
  await page.getByTestId("opening-failed").waitFor();
  expect(await page.getByTestId("opening-reason").innerText()).toBe("This desktop is no longer in your list.");
  expect(await bench.examine(page, "home-failed")).toEqual([]);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect.poll(() => names(page)).toEqual(["Desk"]);
});

it("speaks the user's language", async () => {
  const page = await bench.open("", { locale: "de-DE" });
  pages.push(page);
  await page.getByRole("heading", { name: "Noch keine Desktops" }).waitFor();
  expect(await bench.examine(page, "home-german")).toEqual([]);
});

it("is not answered where another page reaches for the shell", async () => {
  const stranger = createServer((_request, response) => {
    response.setHeader("content-type", "text/html");
    response.end("<!doctype html><title>stranger</title>");
  });
  await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
  try {
    const page = await (await open()).context().browser()?.newPage();
    if (page === undefined) throw new Error("no browser");
    pages.push(page);
    await page.goto(`http://127.0.0.1:${(stranger.address() as AddressInfo).port}/`);
    bench.channel.refused.length = 0;
    const answer = await page.evaluate(
      (url) =>
        new Promise<string>((resolve) => {
          const socket = new WebSocket(url);
          socket.addEventListener("open", () =>
            socket.send(JSON.stringify({ call: 1, name: "listDesktops", parameters: [] })),
          );
          socket.addEventListener("message", ({ data }: MessageEvent<string>) => resolve(data));
        }),
      `${bench.channel.url.replace(/^http/, "ws")}bridge`,
    );
    expect(answer).toContain("not the application's page");
    expect(bench.channel.refused.map(({ reason }) => reason)).toEqual(["origin"]);
  } finally {
    stranger.closeAllConnections();
    await new Promise((resolve) => stranger.close(resolve));
  }
});

it("is no part of what an agent's page loads", async () => {
  const agent = await bench.startAgent();
  const page = await open();
  await page.getByTestId("no-desktops").waitFor();
  const home = await loadedBy(page, bench.channel.url);
  const own = await loadedBy(page, agent.url);
  expect(home.filter((name) => /^(home|shell-pages|desktops-place)-/.test(name)).length).toBeGreaterThan(1);
  expect(own.filter((name) => /^(home|shell-pages|home-tool|desktops-place|add-place)-/.test(name))).toEqual([]);
});

/** Files of the page that come until it shows something of its own. */
async function loadedBy(page: Page, url: string): Promise<string[]> {
  const context = await page.context().browser()?.newContext();
  if (context === undefined) throw new Error("no browser");
  try {
    const isShell = url === bench.channel.url;
    if (isShell) return await assetsOf(page);
    const other = await context.newPage();
    await other.goto(url);
    await connected(other);
    await other.getByTestId("toolbar-handle").waitFor({ state: "attached" });
    return await assetsOf(other);
  } finally {
    await context.close();
  }
}

const assetsOf = (page: Page) =>
  page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name.replace(/^.*\/assets\//, "")));

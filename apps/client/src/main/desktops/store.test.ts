import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { DesktopDraft, SavedDesktop } from "../../shared/desktops.ts";
import { firstDesktops } from "./first-desktops.ts";
import { DesktopStore } from "./store.ts";

let folder = "";
let path = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "eglantine-desktops-"));
  path = join(folder, "desktops.json");
});

afterEach(() => rm(folder, { recursive: true }));

const draft = (name: string, url = `https://${name}.example/`): DesktopDraft => ({
  name,
  user: "user",
  target: { kind: "url", url },
});

async function save(store: DesktopStore, one: DesktopDraft): Promise<SavedDesktop> {
  const outcome = await store.save(one);
  if (!("ok" in outcome)) throw new Error(outcome.failed.reason);
  return outcome.ok;
}

it("keeps a desktop until the next start", async () => {
  const saved = await save(new DesktopStore(path), draft("workshop"));
  expect(await new DesktopStore(path).list()).toEqual([saved]);
});

it("keeps a target once: whoever saves it again changes the one that is there", async () => {
  const store = new DesktopStore(path);
  const first = await save(store, draft("workshop"));
  const again = await save(store, { ...draft("workshop"), name: "Attic" });
  expect(again.id).toBe(first.id);
  expect((await store.list()).map(({ name }) => name)).toEqual(["Attic"]);
});

it("shows the last used first, and behind those the newest", async () => {
  const store = new DesktopStore(path);
  const [one, two] = [await save(store, draft("one")), await save(store, draft("two"))];
  await save(store, draft("three"));
  await store.used(one.id, 1000);
  await store.used(two.id, 2000);
  expect((await new DesktopStore(path).list()).map(({ name }) => name)).toEqual(["two", "one", "three"]);
});

it("has no other desktop in the place of one that was removed meanwhile", async () => {
  const store = new DesktopStore(path);
  const { id } = await save(store, draft("one"));
  await store.remove(id);
  expect(await store.save({ ...draft("one"), id })).toMatchObject({ failed: { reason: "gone" } });
  expect(await store.list()).toEqual([]);
});

it("says when the list is full, and loses nothing", async () => {
  const desktops = Array.from({ length: 500 }, (_, index) => ({
    ...draft(`d${index}`),
    id: `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
    lastUsedMs: 0,
  }));
  await writeFile(path, JSON.stringify({ desktops }));
  const store = new DesktopStore(path);
  expect(await store.save(draft("more"))).toEqual({ failed: { reason: "full", parameters: { count: "500" } } });
  expect(await store.list()).toHaveLength(500);
});

it("leaves out what is damaged, and keeps the rest", async () => {
  const good = { ...draft("good"), id: "00000000-0000-4000-8000-000000000001", lastUsedMs: 5 };
  const desktops = [{ ...good, password: "hunter2" }, { ...good, id: "x" }, 7, null, good];
  await writeFile(path, JSON.stringify({ desktops }));
  expect(await new DesktopStore(path).list()).toEqual([good]);
  await writeFile(path, "{ half");
  expect(await new DesktopStore(path).list()).toEqual([]);
});

it("keeps every one of many that come at once", async () => {
  const store = new DesktopStore(path);
  const names = Array.from({ length: 20 }, (_, index) => `d${index}`);
  await Promise.all(names.map((name) => store.save(draft(name))));
  expect((await new DesktopStore(path).list()).map(({ name }) => name).sort()).toEqual(names.sort());
  expect(JSON.parse(await readFile(path, "utf8"))).toHaveProperty("desktops.length", 20);
});

it.each([
  "https://user:secret@desk.example/",
  "https://desk.example/?token=secret",
  "https://desk.example/#secret",
  "https://desk.example",
  "HTTPS://desk.example/",
  "javascript:alert(1)//",
  "file:///etc/",
])("takes no address %s", async (url) => {
  const { desktopDraft } = await import("./read.ts");
  expect(desktopDraft.safeParse(draft("x", url)).success).toBe(false);
});

it("begins with what an earlier version remembered, once", async () => {
  const hosts = [
    { url: "https://desk.example/", user: "me" },
    { url: "http://user:secret@127.0.0.1:8080/a?token=secret", user: "" },
    { url: "nonsense://", user: "x" },
  ];
  const first = () => Promise.resolve(firstDesktops(hosts));
  const store = new DesktopStore(path, first);
  const list = await store.list();
  expect(list.map(({ name, user, target }) => ({ name, user, target }))).toEqual([
    { name: "desk.example", user: "me", target: { kind: "url", url: "https://desk.example/" } },
    { name: "127.0.0.1:8080", user: "", target: { kind: "url", url: "http://127.0.0.1:8080/a/" } },
  ]);
  for (const { id } of list) await store.remove(id);
  expect(await new DesktopStore(path, first).list()).toEqual([]);
});

it("brings back what was removed, as it was and where it stood", async () => {
  const store = new DesktopStore(path);
  const [one, two] = [await save(store, draft("one")), await save(store, draft("two"))];
  await store.used(one.id, 1000);
  const before = await store.list();
  await store.remove(one.id);
  expect([...store.removed]).toEqual([one.id]);
  expect((await store.list()).map(({ id }) => id)).toEqual([two.id]);
  expect(await store.restore(one.id)).toMatchObject({ ok: { id: one.id, lastUsedMs: 1000 } });
  expect([...store.removed]).toEqual([]);
  expect(await store.list()).toEqual(before);
  expect(await new DesktopStore(path).list()).toEqual(before);
});

it("brings nothing back twice, nor beside one that has taken its place", async () => {
  const store = new DesktopStore(path);
  const { id } = await save(store, draft("one"));
  await store.remove(id);
  const other = await save(store, { ...draft("one"), name: "Other" });
  expect(await store.restore(id)).toEqual({ ok: other });
  expect(await store.restore("00000000-0000-4000-8000-000000000000")).toMatchObject({ failed: { reason: "gone" } });
  expect(await store.list()).toEqual([other]);
});

import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
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

describe("two instances on one file", () => {
  const names = async (store: DesktopStore) => (await store.list()).map(({ name }) => name).sort();

  it("have each what the other one saves and removes, and lose nothing of either", async () => {
    const [one, other] = [new DesktopStore(path), new DesktopStore(path)];
    expect([await one.list(), await other.list()]).toEqual([[], []]);
    const [attic, cellar] = [await save(one, draft("attic")), await save(other, draft("cellar"))];
    expect([await names(one), await names(other)]).toEqual([
      ["attic", "cellar"],
      ["attic", "cellar"],
    ]);
    await one.used(attic.id, 1000);
    await other.save({ ...cellar, name: "vault" });
    await one.remove(attic.id);
    // It does not come back with what the other one writes next.
    await other.used(attic.id, 2000);
    expect([await names(one), await names(other)]).toEqual([["vault"], ["vault"]]);
    await one.restore(attic.id);
    expect(await other.find(attic.id)).toMatchObject({ name: "attic", lastUsedMs: 1000 });
  });

  it("keep every one of many that both save at once", async () => {
    const stores = [new DesktopStore(path), new DesktopStore(path)] as const;
    const wanted = Array.from({ length: 40 }, (_, index) => `d${index}`).sort();
    await Promise.all(wanted.map((name, index) => stores[index % 2 === 0 ? 0 : 1].save(draft(name))));
    for (const store of [...stores, new DesktopStore(path)]) expect(await names(store)).toEqual(wanted);
    expect(await readdir(folder)).toEqual(["desktops.json"]);
  });

  it("leave in the file what only a newer one can read", async () => {
    const newer = { id: "00000000-0000-4000-8000-000000000009", target: { kind: "moon" } };
    await writeFile(path, JSON.stringify({ desktops: [newer] }));
    const store = new DesktopStore(path);
    expect(await names(store)).toEqual([]);
    const { id } = await save(store, draft("attic"));
    expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({ desktops: [{ id }, newer] });
    expect(await store.ids()).toEqual(new Set([id, newer.id]));
  });
});

describe("a list that can't be read", () => {
  const lying = async () => (await readdir(folder)).filter((name) => name !== "desktops.json");

  it.each(["{ half", "", "[]", '{"desktops":7}'])("is put aside and told, and never written over: %s", async (text) => {
    await writeFile(path, text);
    const store = new DesktopStore(path);
    const { id } = await save(store, draft("attic"));
    const aside = (await store.aside()) ?? "";
    expect(await lying()).toEqual([basename(aside)]);
    expect(await readFile(aside, "utf8")).toBe(text);
    expect((await new DesktopStore(path).list()).map((one) => one.id)).toEqual([id]);
    // Pictures and passwords of its desktops are forgotten by nobody.
    expect(await new DesktopStore(path).ids()).toBeUndefined();
    store.sawAside();
    expect(await store.aside()).toBeUndefined();
  });

  it("costs nothing of what is known already", async () => {
    const store = new DesktopStore(path);
    const saved = await save(store, draft("attic"));
    await writeFile(path, "{ half");
    await save(store, draft("cellar"));
    expect(await lying()).toHaveLength(1);
    expect(await new DesktopStore(path).find(saved.id)).toEqual(saved);
  });
});

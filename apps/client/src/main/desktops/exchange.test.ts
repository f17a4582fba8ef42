import fc from "fast-check";
import { expect, it } from "vitest";
import type { DesktopDraft, SavedDesktop } from "../../shared/desktops.ts";
import { mergeDesktops, readDesktops, writeDesktops } from "./exchange.ts";

const draft = (name: string, host = name): DesktopDraft => ({
  name,
  user: "user",
  target: { kind: "url", url: `https://${host}.example/` },
});
const saved = (one: DesktopDraft, index = 1): SavedDesktop => ({
  ...one,
  id: `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
  lastUsedMs: 1234,
});

it("writes what it reads again, for every kind of target, and nothing that is this computer's own", () => {
  const drafts: DesktopDraft[] = [
    draft("workshop"),
    { name: "Attic", user: "", target: { kind: "ssh", destination: "me@attic", port: 22, agent: "/run/agent.sock" } },
    { name: "Box", user: "user", target: { kind: "container", engine: "default", container: "eglantine-1" } },
    { name: "Pod", user: "user", target: { kind: "pod", context: "c", namespace: "n", name: "p" } },
  ];
  const text = writeDesktops(drafts.map(saved));
  expect(readDesktops(text)).toEqual({ ok: drafts });
  expect(text).not.toMatch(/00000000|1234|password|lastUsed/i);
});

it.each(["", "{", "hello", "\0"])("says that %j is no text of a list", (text) => {
  expect(readDesktops(text)).toMatchObject({ failed: { reason: "import-unreadable" } });
});

it.each(["7", "null", "[]", "{}", '{"eglantine":"desktops","version":2,"desktops":[]}'])(
  "says that %s is another thing",
  (text) => {
    expect(readDesktops(text)).toMatchObject({ failed: { reason: "import-other" } });
  },
);

it("passes over entries that are none, and those that carry a password", () => {
  const entries = [
    draft("good"),
    { ...draft("a"), password: "hunter2" },
    { ...draft("b"), target: { kind: "url", url: "https://u:hunter2@b.example/" } },
    { ...draft("c"), target: { kind: "ssh", destination: "-oProxyCommand=reboot", agent: "8080" } },
    7,
  ];
  const text = JSON.stringify({ eglantine: "desktops", version: 1, desktops: entries });
  expect(readDesktops(text)).toEqual({ ok: [draft("good")] });
});

it("never throws, whatever the file holds", () => {
  fc.assert(
    fc.property(fc.json(), fc.jsonValue(), (text, value) => {
      readDesktops(text);
      readDesktops(JSON.stringify({ eglantine: "desktops", version: 1, desktops: value }));
    }),
  );
});

it("adds what is new, leaves alone what is the same, and names what differs", () => {
  const here = [saved(draft("workshop")), saved(draft("Mine", "attic"), 2)];
  const { toSave, told } = mergeDesktops(here, [draft("workshop"), draft("Theirs", "attic"), draft("new")], false);
  expect(told).toEqual({ added: 1, same: 1, differing: ["Mine"] });
  expect(toSave).toEqual([draft("new")]);
});

it("takes the file's name and user where that is wished", () => {
  const here = [saved(draft("Mine", "attic"))];
  expect(mergeDesktops(here, [draft("Theirs", "attic")], true).toSave).toEqual([draft("Theirs", "attic")]);
});

it("gives two desktops of one name two, and takes a target once", () => {
  const here = [saved(draft("Workshop", "here"))];
  const file = [draft("Workshop", "one"), draft("Workshop", "two"), draft("Again", "one")];
  expect(mergeDesktops(here, file, false).toSave.map(({ name }) => name)).toEqual(["Workshop (2)", "Workshop (3)"]);
});

it("changes nothing when it is taken twice", () => {
  const first = mergeDesktops([], [draft("a"), draft("b")], false).toSave;
  const again = mergeDesktops(first.map(saved), [draft("a"), draft("b")], false);
  expect(again).toEqual({ toSave: [], told: { added: 0, same: 2, differing: [] } });
});

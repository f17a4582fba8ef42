import { expect, it } from "vitest";
import { Locks } from "./locks.ts";

const event = (key: string, ...on: readonly string[]) => ({
  key,
  getModifierState: (name: string) => on.includes(name),
});

function locks(platform: "mac" | "other" = "other") {
  const sent: string[] = [];
  return {
    sent,
    keys: new Locks(platform, ({ caps, num }) => sent.push(`${caps ? "caps" : "-"} ${num ? "num" : "-"}`)),
  };
}

it("tells what is locked with the first key, and then whatever changes", () => {
  const { keys, sent } = locks();
  keys.see(event("a"), false);
  keys.see(event("b"), false);
  keys.see(event("C", "CapsLock"), false);
  keys.see(event("7", "CapsLock", "NumLock"), false);
  expect(sent).toEqual(["- -", "caps -", "caps num"]);
  keys.forget();
  keys.see(event("7", "CapsLock", "NumLock"), false);
  expect(sent).toHaveLength(4);
});

it("does not trust what a lock key says of itself", () => {
  const { keys, sent } = locks();
  keys.see(event("CapsLock", "CapsLock"), false);
  keys.see(event("NumLock", "NumLock"), false);
  expect(sent).toEqual([]);
});

it("keeps Caps Lock off where characters carry their case", () => {
  const { keys, sent } = locks();
  keys.see(event("A", "CapsLock"), true);
  keys.see(event("A", "CapsLock"), false);
  expect(sent).toEqual(["- -", "caps -"]);
});

it("takes a Mac's keypad for one with Num Lock", () => {
  const { keys, sent } = locks("mac");
  keys.see(event("7"), false);
  expect(sent).toEqual(["- num"]);
});

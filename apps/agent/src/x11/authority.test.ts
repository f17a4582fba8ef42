import fc from "fast-check";
import { expect, test } from "vitest";
import { findCookie } from "./authority.ts";

function entry(family: number, number: string, name: string, data: string, host = "host"): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(family);
  const fields = [host, number, name, data].map((text) => {
    const size = Buffer.alloc(2);
    size.writeUInt16BE(text.length);
    return Buffer.concat([size, Buffer.from(text, "latin1")]);
  });
  return Buffer.concat([head, ...fields]);
}

const COOKIE = "MIT-MAGIC-COOKIE-1";

test("the entry of this display is taken", () => {
  const file = Buffer.concat([entry(256, "1", COOKIE, "one"), entry(256, "2", COOKIE, "t\xffo")]);
  expect(findCookie(file, 2, "host")).toEqual({ name: COOKIE, data: "t\xffo" });
});

test("an entry for any display is taken too", () => {
  expect(findCookie(entry(65535, "", COOKIE, "any"), 9, "host").data).toBe("any");
});

test("this host's entry goes before one for any host, and that before another host's", () => {
  const other = entry(256, "1", COOKIE, "other", "former-name");
  const wild = entry(65535, "1", COOKIE, "any", "");
  const own = entry(256, "1", COOKIE, "own");
  expect(findCookie(Buffer.concat([other, wild, own]), 1, "host").data).toBe("own");
  expect(findCookie(Buffer.concat([other, wild]), 1, "host").data).toBe("any");
  expect(findCookie(other, 1, "host").data).toBe("other");
});

test("other authorizations and other displays are no cookie", () => {
  const file = Buffer.concat([entry(256, "1", "XDM-AUTHORIZATION-1", "x"), entry(256, "3", COOKIE, "y")]);
  expect(findCookie(file, 1, "host")).toEqual({ name: "", data: "" });
});

test("no bytes make it throw", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void findCookie(Buffer.from(bytes), 1, "host")));
});

import { describe, expect, it } from "vitest";
import { KEYS, keyCode, keyId } from "./keys.ts";

describe("keys", () => {
  it("have each their own id and XKB name", () => {
    const keys = Object.values(KEYS);
    expect(new Set(keys.map(({ id }) => id)).size).toBe(keys.length);
    expect(new Set(keys.map(({ xkb }) => xkb)).size).toBe(keys.length);
  });

  it("go to their id and back", () => {
    for (const code of Object.keys(KEYS)) expect(keyCode(keyId(code))).toBe(code);
  });

  it("have XKB names that fit the protocol's four characters", () => {
    for (const { xkb } of Object.values(KEYS)) expect(xkb).toMatch(/^[A-Z0-9+-]{2,4}$/);
  });

  it("answer 0 for a code that is not in the table", () => {
    for (const code of ["", "Unidentified", "constructor", "keya"]) expect(keyId(code)).toBe(0);
  });
});

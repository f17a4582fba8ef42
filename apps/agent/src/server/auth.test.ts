import { expect, test } from "vitest";
import { basicCredentials, Gate, networkOf } from "./auth.ts";

const RIGHT = { user: "user", password: "secret" };
const WRONG = { user: "user", password: "guess" };

function gateAt(start = 0) {
  const clock = { nowMs: start };
  return { clock, gate: new Gate(RIGHT, () => clock.nowMs) };
}

test("the right user and password come in", () => {
  expect(gateAt().gate.check("10.0.0.1", RIGHT)).toBe("ok");
});

test("nobody comes in without credentials, and that is no wrong try", () => {
  const { gate } = gateAt();
  for (let tries = 0; tries < 20; tries += 1) expect(gate.check("10.0.0.1", undefined)).toBe("auth-required");
  expect(gate.check("10.0.0.1", RIGHT)).toBe("ok");
});

test("a right password under a wrong user name is refused", () => {
  expect(gateAt().gate.check("10.0.0.1", { user: "root", password: "secret" })).toBe("auth-failed");
});

test("five wrong passwords lock the address for a minute, even for the right one", () => {
  const { gate, clock } = gateAt();
  for (let tries = 0; tries < 5; tries += 1) expect(gate.check("10.0.0.1", WRONG)).toBe("auth-failed");
  expect(gate.check("10.0.0.1", RIGHT)).toBe("auth-locked");
  clock.nowMs += 59_999;
  expect(gate.check("10.0.0.1", RIGHT)).toBe("auth-locked");
  clock.nowMs += 1;
  expect(gate.check("10.0.0.1", RIGHT)).toBe("ok");
});

test("the view password lets its owner watch, and nothing more", () => {
  const gate = new Gate({ ...RIGHT, viewPassword: "look" }, () => 0);
  expect(gate.check("10.0.0.1", { user: "user", password: "look" })).toBe("view-only");
  expect(gate.check("10.0.0.1", { user: "root", password: "look" })).toBe("auth-failed");
  expect(gate.check("10.0.0.1", RIGHT)).toBe("ok");
  expect(gate.check("10.0.0.1", WRONG)).toBe("auth-failed");
});

test("without a view password none is right", () => {
  for (const password of ["", "look", "\0".repeat(32)]) {
    expect(gateAt().gate.check("10.0.0.1", { user: "user", password })).toBe("auth-failed");
  }
});

test("a lock does not touch other addresses", () => {
  const { gate } = gateAt();
  for (let tries = 0; tries < 6; tries += 1) gate.check("10.0.0.1", WRONG);
  expect(gate.check("10.0.0.2", RIGHT)).toBe("ok");
});

test("wrong passwords spread over more than a minute do not lock", () => {
  const { gate, clock } = gateAt();
  for (let tries = 0; tries < 20; tries += 1) {
    expect(gate.check("10.0.0.1", WRONG)).toBe("auth-failed");
    clock.nowMs += 20_000;
  }
});

test("a right password forgives the wrong ones before it", () => {
  const { gate } = gateAt();
  for (let round = 0; round < 3; round += 1) {
    for (let tries = 0; tries < 4; tries += 1) gate.check("10.0.0.1", WRONG);
    expect(gate.check("10.0.0.1", RIGHT)).toBe("ok");
  }
});

test("one IPv6 customer is one address", () => {
  const { gate } = gateAt();
  for (let host = 1; host <= 5; host += 1) gate.check(`2001:db8:1:2::${host}`, WRONG);
  expect(gate.check("2001:db8:1:2:ffff::9", RIGHT)).toBe("auth-locked");
  expect(gate.check("2001:db8:1:3::1", RIGHT)).toBe("ok");
});

test("an IPv4 address is the same one inside IPv6", () => {
  expect(networkOf("::ffff:10.1.2.3")).toBe("10.1.2.3");
});

test("basic authentication's header is read, colons in the password included", () => {
  const header = `Basic ${Buffer.from("user:a:b").toString("base64")}`;
  expect(basicCredentials(header)).toEqual({ user: "user", password: "a:b" });
  for (const other of [undefined, "", "Bearer x", "Basic", "Basic dXNlcg==", "Basic %%%"]) {
    expect(basicCredentials(other)).toBeUndefined();
  }
});

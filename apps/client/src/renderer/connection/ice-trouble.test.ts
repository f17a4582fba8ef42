import { expect, it } from "vitest";
import { say } from "../messages/say.ts";
import { describeIceErrors, type IceError } from "./ice-trouble.ts";

const told = (errors: readonly IceError[]): string => say(describeIceErrors(errors) ?? "");

const TURN = "turn:turn.example:3478?transport=udp";

it("says nothing when nothing went wrong", () => {
  expect(describeIceErrors([])).toBeUndefined();
});

it("names a wrong password before interfaces from which the server can't be reached", () => {
  const errors = [
    { url: TURN, code: 701, text: "timed out" },
    { url: TURN, code: 401, text: "Unauthorized" },
  ];
  expect(told(errors)).toMatch(/^The TURN server turn:turn\.example:3478\S* refused .*\(401\)\.$/);
});

it("says that a server does not answer, and over TLS that its certificate may be why", () => {
  expect(told([{ url: TURN, code: 701, text: "" }])).toBe(`The TURN server ${TURN} can't be reached (701).`);
  const tls = "turns:turn.example:5349?transport=tcp";
  expect(told([{ url: tls, code: 701, text: "" }])).toContain("certificate");
  expect(told([{ url: "stun:stun.example:3478", code: 701, text: "" }])).toMatch(/^The STUN server/);
});

it("repeats what a server says that it has no words for", () => {
  expect(told([{ url: TURN, code: 437, text: "Allocation Mismatch" }])).toContain('"Allocation Mismatch" (437)');
});

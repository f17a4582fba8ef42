import { expect, it } from "vitest";
import { describeIceErrors } from "./ice-trouble.ts";

const TURN = "turn:turn.example:3478?transport=udp";

it("says nothing when nothing went wrong", () => {
  expect(describeIceErrors([])).toBeUndefined();
});

it("names a wrong password before interfaces from which the server can't be reached", () => {
  const errors = [
    { url: TURN, code: 701, text: "timed out" },
    { url: TURN, code: 401, text: "Unauthorized" },
  ];
  expect(describeIceErrors(errors)).toMatch(/^The TURN server turn:turn\.example:3478\S* refused .*\(401\)\.$/);
});

it("says that a server does not answer, and over TLS that its certificate may be why", () => {
  expect(describeIceErrors([{ url: TURN, code: 701, text: "" }])).toBe(
    `The TURN server ${TURN} can't be reached (701).`,
  );
  const tls = "turns:turn.example:5349?transport=tcp";
  expect(describeIceErrors([{ url: tls, code: 701, text: "" }])).toContain("certificate");
  expect(describeIceErrors([{ url: "stun:stun.example:3478", code: 701, text: "" }])).toMatch(/^The STUN server/);
});

it("repeats what a server says that it has no words for", () => {
  expect(describeIceErrors([{ url: TURN, code: 437, text: "Allocation Mismatch" }])).toContain(
    '"Allocation Mismatch" (437)',
  );
});

import { expect, test } from "vitest";
import { answersTo, originAllowed } from "./origin.ts";

test.each([
  ["the agent's own page", "http://desk:8080", "desk:8080", [], true],
  ["its own page behind a proxy that ends TLS", "https://desk.example.org", "desk.example.org", [], true],
  ["a program that is no browser", undefined, "desk:8080", [], true],
  ["the desktop application", "app://eglantine", "desk:8080", [], true],
  ["an origin that is allowed", "https://portal.example.org", "desk:8080", ["https://portal.example.org"], true],
  ["another page", "https://evil.example", "desk:8080", [], false],
  ["another port of the same host", "http://desk:9000", "desk:8080", [], false],
  ["a sandboxed page or a file", "null", "desk:8080", [], false],
  ["another application", "app://other", "desk:8080", [], false],
  ["a name that only begins alike", "http://desk:8080.evil.example", "desk:8080", [], false],
  ["no host", "http://desk", undefined, [], false],
])("%s", (_, origin, host, allowed, expected) => {
  expect(originAllowed(origin, host, allowed)).toBe(expected);
});

test("where a trusted proxy says that the viewer came over TLS, a page in clear is another page", () => {
  expect(originAllowed("https://desk.example.org", "desk.example.org", [], "https:")).toBe(true);
  expect(originAllowed("https://desk.example.org", "desk.example.org:443", [], "https:")).toBe(true);
  expect(originAllowed("http://desk.example.org", "desk.example.org", [], "https:")).toBe(false);
  expect(originAllowed("https://desk.example.org", "desk.example.org", [], "http:")).toBe(false);
});

test("loopback names are known, with and without port, and others are not", () => {
  for (const host of ["localhost", "localhost:80", "127.0.0.1:9", "127.9.9.9", "[::1]:8080"]) {
    expect(answersTo(host, "loopback"), host).toBe(true);
  }
  for (const host of [undefined, "", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1"]) {
    expect(answersTo(host, "loopback"), host).toBe(false);
    expect(answersTo(host, "any"), host).toBe(true);
  }
});

test("addresses are no page's name, and names are those that are listed", () => {
  const names = ["desk.example.org"];
  for (const host of ["localhost", "10.0.0.1:8080", "[fe80::1]:8080", "[fe80::1]", "Desk.example.org:443"]) {
    expect(answersTo(host, names), host).toBe(true);
  }
  for (const host of [undefined, "", "evil.example", "10.0.0.1.evil.example", "desk.example.org.evil.example"]) {
    expect(answersTo(host, names), host).toBe(false);
  }
});

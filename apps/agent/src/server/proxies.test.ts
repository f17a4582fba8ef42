import type { IncomingMessage } from "node:http";
import fc from "fast-check";
import { expect, test } from "vitest";
import { UsageError } from "../errors.ts";
import { Proxies } from "./proxies.ts";

const PROXY = "10.0.0.1";
const proxies = new Proxies(["10.0.0.0/8", "192.0.2.7", "2001:db8:1::/48", "::1"]);

/** What of a request counts. */
const request = (remoteAddress: string | undefined, headers: object = {}) =>
  ({ socket: { remoteAddress }, headers }) as unknown as IncomingMessage;
const address = (remote: string, forwardedFor?: string) =>
  proxies.caller(request(remote, forwardedFor === undefined ? {} : { "x-forwarded-for": forwardedFor })).address;

test("a trusted proxy's word for the viewer's address counts, a stranger's does not", () => {
  expect(address(PROXY, "203.0.113.9")).toBe("203.0.113.9");
  expect(address("203.0.113.50", "203.0.113.9")).toBe("203.0.113.50");
  expect(address("::ffff:10.0.0.1", "2001:db8:2::9")).toBe("2001:db8:2::9");
  expect(address("::1", "203.0.113.9")).toBe("203.0.113.9");
});

test("what a viewer writes into the header itself is behind what the proxies wrote", () => {
  expect(address(PROXY, "127.0.0.1, 203.0.113.9")).toBe("203.0.113.9");
  expect(address(PROXY, "127.0.0.1, 203.0.113.9, 192.0.2.7, 10.2.3.4")).toBe("203.0.113.9");
});

test("a chain of trusted proxies alone ends at its first", () => {
  expect(address(PROXY, "10.9.9.9, 192.0.2.7")).toBe("10.9.9.9");
  expect(address(PROXY)).toBe(PROXY);
});

test.each([
  ["203.0.113.9:4711", "203.0.113.9"],
  ["[2001:db8:2::9]:4711", "2001:db8:2::9"],
  ["[2001:db8:2::9]", "2001:db8:2::9"],
  ["::ffff:203.0.113.9", "203.0.113.9"],
  ["unknown", PROXY],
  ["", PROXY],
  ["203.0.113.9, _hidden", PROXY],
  ["203.0.113.9, <script>", PROXY],
  ["203.0.113.9, ", PROXY],
  [`${"203.0.113.9, ".repeat(2000)}10.1.1.1`, "203.0.113.9"],
])("X-Forwarded-For: %.40s", (header, expected) => {
  expect(address(PROXY, header)).toBe(expected);
});

test("whatever the header says, the address is one, and never taken from a stranger", () => {
  const part = fc.oneof(fc.string(), fc.ipV4(), fc.ipV6(), fc.constantFrom("10.0.0.2", "::1"));
  const header = fc.array(part, { maxLength: 50 }).map((parts) => parts.join(","));
  fc.assert(
    fc.property(header, (text) => {
      expect(address(PROXY, text)).toMatch(/^[\da-f.:%]+$/i);
      expect(address("203.0.113.50", text)).toBe("203.0.113.50");
    }),
  );
});

test("name and scheme of the viewer's address come from a trusted proxy, else from the request", () => {
  const headers = {
    host: "127.0.0.1:8080",
    "x-forwarded-host": "invented.example, desk.example",
    "x-forwarded-proto": "http, https",
  };
  expect(proxies.caller(request(PROXY, headers))).toEqual({
    address: PROXY,
    host: "desk.example",
    protocol: "https:",
  });
  const stranger = { address: "203.0.113.50", host: "127.0.0.1:8080", protocol: undefined };
  expect(proxies.caller(request("203.0.113.50", headers))).toEqual(stranger);
  expect(proxies.caller(request(PROXY, { host: "h", "x-forwarded-proto": "gopher" })).protocol).toBeUndefined();
  expect(proxies.caller(request(undefined)).address).toBe("");
});

test.each(["desk.example", "10.0.0.0/33", "10.0.0.0/8/8", "::1/129", "10.0.0/8", "10.0.0.0/", "10.0.0.0/-1", "/8"])(
  "%s is no proxy",
  (entry) => {
    expect(() => new Proxies([entry])).toThrow(UsageError);
  },
);

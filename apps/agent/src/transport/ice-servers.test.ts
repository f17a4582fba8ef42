import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { UsageError } from "../errors.ts";
import { CREDENTIALS_S, type IceOptions, readIceServers } from "./ice-servers.ts";

const NONE: IceOptions = {
  stunServers: [],
  turnHost: undefined,
  turnPort: 3478,
  turnProtocol: "udp",
  turnTls: false,
  turnSharedSecret: undefined,
  turnUsername: undefined,
  turnPassword: undefined,
};
const read = (options: Partial<IceOptions>) => readIceServers({ ...NONE, ...options });
const told = (options: Partial<IceOptions>) => read(options).forViewer("session", 1_800_000_000);
const ALICE = { turnUsername: "alice", turnPassword: "pw1" };

test("nobody's server is asked unless one is named", () => {
  expect(told({})).toEqual([]);
  expect(read({})).toMatchObject({ forAgent: [], turnOverTcp: false, unused: [] });
});

test.each([
  ["udp", false, "turn:t.example:3478?transport=udp", false],
  ["tcp", false, "turn:t.example:3478?transport=tcp", true],
  ["udp", true, "turns:t.example:3478?transport=tcp", true],
  ["tcp", true, "turns:t.example:3478?transport=tcp", true],
] as const)("TURN over %s, TLS %s, is %s", (turnProtocol, turnTls, url, turnOverTcp) => {
  const options = { turnHost: "t.example", turnProtocol, turnTls, ...ALICE };
  expect(told(options)).toEqual([{ urls: [url], username: "alice", credential: "pw1" }]);
  expect(read(options).turnOverTcp).toBe(turnOverTcp);
});

test("a shared secret becomes credentials that name when they end, anew for each session", () => {
  const servers = read({ turnHost: "t.example", turnSharedSecret: "s3cret" });
  const [first] = servers.forViewer("a", 1_800_000_000.9);
  expect(first?.username).toBe(`${1_800_000_000 + CREDENTIALS_S}:a`);
  expect(first?.credential).toBe(createHmac("sha1", "s3cret").update(String(first?.username)).digest("base64"));
  const [later] = servers.forViewer("b", 1_800_000_060);
  expect(later?.username).toBe(`${1_800_000_060 + CREDENTIALS_S}:b`);
  expect(later?.credential).not.toBe(first?.credential);
});

test("the credential is the one of a worked example", () => {
  // openssl: printf %s 1800086400:session | openssl dgst -sha1 -hmac north -binary | base64
  const [server] = told({ turnHost: "t.example", turnSharedSecret: "north" });
  expect(server).toMatchObject({ username: "1800086400:session", credential: "OTt19dUJ0Rv4ztetu3LoXgzQdRU=" });
});

test("an IPv6 TURN server stands in brackets, and a port in its name is refused", () => {
  expect(told({ turnHost: "2001:db8::1", ...ALICE })[0]?.urls).toEqual(["turn:[2001:db8::1]:3478?transport=udp"]);
  expect(() => read({ turnHost: "t.example:3478", ...ALICE })).toThrow(/TURN_PORT/);
});

test("the agent asks the TURN server for its own address, unless a STUN server is named or it speaks TLS", () => {
  expect(read({ turnHost: "t.example", ...ALICE }).forAgent).toEqual(["stun:t.example:3478"]);
  expect(read({ turnHost: "t.example", turnTls: true, ...ALICE }).forAgent).toEqual([]);
  const both = read({ turnHost: "t.example", stunServers: ["s.example"], ...ALICE });
  expect(both.forAgent).toEqual(["stun:s.example:3478"]);
});

test("STUN servers are taken with and without scheme and port, and go to viewers too", () => {
  const stunServers = ["stun:a.example:1", "b.example", "[2001:db8::1]", "[::1]:5", "10.0.0.1:03478"];
  const urls = ["stun:a.example:1", "stun:b.example:3478", "stun:[2001:db8::1]:3478", "stun:[::1]:5"];
  expect(told({ stunServers })).toEqual([{ urls: [...urls, "stun:10.0.0.1:3478"] }]);
  expect(told({ stunServers: ["b.example"], turnHost: "t.example", ...ALICE })).toHaveLength(2);
});

test.each([
  ["both kinds of credentials", { turnHost: "t", turnSharedSecret: "s", ...ALICE }, /two ways to know a user/],
  ["a secret and a lone user name", { turnHost: "t", turnSharedSecret: "s", turnUsername: "a" }, /two ways/],
  ["a user without a password", { turnHost: "t", turnUsername: "alice" }, /^TURN_PASSWORD: is missing/],
  ["a password without a user", { turnHost: "t", turnPassword: "pw" }, /^TURN_USERNAME: is missing/],
  ["a host without credentials", { turnHost: "t" }, /^TURN_HOST: .*TURN_SHARED_SECRET/],
  ["no host at all in a STUN server", { stunServers: [":3478"] }, /^EGLANTINE_STUN_SERVERS: entry 1 /],
  ["a password among the STUN servers", { stunServers: ["turn:alice:pw1@t:1"] }, /^EGLANTINE_STUN_SERVERS: entry 1 /],
  ["a port beyond all", { stunServers: ["a:70000"] }, /^EGLANTINE_STUN_SERVERS/],
  ["brackets around no address", { stunServers: ["[1:2]:3"] }, /^EGLANTINE_STUN_SERVERS/],
  ["a TURN address among the STUN servers", { stunServers: ["turn:a:1"] }, /^EGLANTINE_STUN_SERVERS/],
  ["too many", { stunServers: Array.from({ length: 9 }, () => "a") }, /9 servers/],
])("%s is refused in words, and no secret is in them", (_, options, sentence) => {
  expect(() => read(options)).toThrow(UsageError);
  expect(() => read(options)).toThrow(sentence);
  expect(() => read(options)).not.toThrow(/pw1|\bs\b/);
});

test("credentials without a host do nothing and are named", () => {
  expect(read({ turnSharedSecret: "s" }).unused).toEqual(["TURN_SHARED_SECRET"]);
  expect(read(ALICE).unused).toEqual(["TURN_USERNAME", "TURN_PASSWORD"]);
  expect(told(ALICE)).toEqual([]);
});

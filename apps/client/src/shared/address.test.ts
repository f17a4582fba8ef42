import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ADDRESS_REASONS,
  type Address,
  addressOf,
  readAddress,
  readAgentPlace,
  readDestination,
  readLink,
} from "./address.ts";

function read(text: string): Address {
  const answer = readAddress(text);
  if (!("ok" in answer)) throw new Error(`${text} was refused: ${answer.failed.reason}`);
  return answer.ok;
}

const reasonOf = (text: string) => {
  const answer = readAddress(text);
  return "failed" in answer ? answer.failed.reason : undefined;
};

describe("an agent's page", () => {
  it.each([
    ["https://desk.example:8443/a/b", "https://desk.example:8443/a/b/"],
    ["desk.example:8443", "https://desk.example:8443/"],
    ["10.0.0.5", "https://10.0.0.5/"],
    ["localhost:8080", "http://localhost:8080/"],
    ["[::1]:8080/x", "http://[::1]:8080/x/"],
    ["http://10.0.0.5:8080", "http://10.0.0.5:8080/"],
    ["wss://desk.example/ws?x=1#y", "https://desk.example/ws/"],
    ["  HTTPS://DESK.example  ", "https://desk.example/"],
    ["https://schön.example", "https://xn--schn-7qa.example/"],
  ])("is %s", (text, url) => {
    expect(read(text)).toEqual({ target: { kind: "url", url }, passwordLeftOut: false });
  });

  it("keeps a user, and nothing of a password", () => {
    const address = read("https://ann:S3cret%40@desk.example/");
    expect(address).toEqual({
      target: { kind: "url", url: "https://desk.example/" },
      user: "ann",
      passwordLeftOut: true,
    });
    expect(JSON.stringify(address)).not.toContain("S3cret");
  });

  it("is what the browser makes of it, and not what it looks like", () => {
    expect(read("https://desk.example\\@evil.example/").target).toEqual({
      kind: "url",
      url: "https://desk.example/@evil.example/",
    });
    expect(read("https://desk.example%2f@evil.example/").target).toEqual({ kind: "url", url: "https://evil.example/" });
  });
});

describe("a desktop behind SSH", () => {
  it.each([
    ["ssh://host", { destination: "host", agent: "127.0.0.1:8080" }],
    ["ssh://ann@desk.example:2222/", { destination: "ann@desk.example", port: 2222, agent: "127.0.0.1:8080" }],
    ["ssh://ann@host?agent=9000", { destination: "ann@host", agent: "127.0.0.1:9000" }],
    ["ssh://host?agent=172.17.0.2:8080", { destination: "host", agent: "172.17.0.2:8080" }],
    ["ssh://host?agent=%5B::1%5D:8080", { destination: "host", agent: "[::1]:8080" }],
    [
      "ssh://host/run/user/1000/eglantine/agent.sock",
      { destination: "host", agent: "/run/user/1000/eglantine/agent.sock" },
    ],
    ["ssh://host?agent=/tmp/a.sock", { destination: "host", agent: "/tmp/a.sock" }],
    ["ssh://[2001:db8::1]:2222", { destination: "2001:db8::1", port: 2222, agent: "127.0.0.1:8080" }],
    ["ssh://ann%40corp.example@host", { destination: "ann@corp.example@host", agent: "127.0.0.1:8080" }],
  ])("is %s", (text, target) => {
    expect(read(text)).toEqual({ target: { kind: "ssh", ...target }, passwordLeftOut: false });
  });

  it("keeps nothing of a password", () => {
    const address = read("ssh://ann:S3:cret@host");
    expect(address).toEqual({
      target: { kind: "ssh", destination: "ann@host", agent: "127.0.0.1:8080" },
      passwordLeftOut: true,
    });
  });

  it.each([
    ["ssh://-oProxyCommand=touch%20x/", "address-host"],
    ["ssh://-oProxyCommand=x@host", "address-user"],
    ["ssh://%2doProxyCommand=x@host", "address-user"],
    ["ssh://-v@host", "address-user"],
    ["ssh://-v", "address-host"],
    ["ssh://host?agent=-v:80", "address-agent"],
    ["ssh://a b@host", "address-user"],
    ["ssh://$(id)@host", "address-user"],
    ["ssh://`id`@host", "address-user"],
    ["ssh://@host", "address-user"],
    ["ssh://ho;st", "address-host"],
    ["ssh://%68ost", "address-host"],
    ["ssh://", "address-host"],
    ["ssh://a:b:c", "address-port"],
    ["ssh://[::1", "address-host"],
    ["ssh://[host]", "address-host"],
    ["ssh://host:0", "address-port"],
    ["ssh://host:65536", "address-port"],
    ["ssh://host:", "address-port"],
    ["ssh://host:22x", "address-port"],
    ["ssh://host?agent=", "address-agent"],
    ["ssh://host?agent=0", "address-agent"],
    ["ssh://host?agent=x:y:1", "address-agent"],
    ["ssh://host?agent=-x:1", "address-agent"],
    ["ssh://host/run/a%20b", "address-agent"],
    ["ssh://host/run/a:b", "address-agent"],
    ["ssh://host/run/${HOME}", "address-agent"],
    ["ssh://host/run/a?agent=8080", "address-agent"],
    [`ssh://host/${"a".repeat(108)}`, "address-agent"],
  ])("is not %s", (text, reason) => {
    expect(reasonOf(text)).toBe(reason);
  });
});

describe("a link", () => {
  it.each([
    ["eglantine://desk.example:8443/a", { kind: "url", url: "https://desk.example:8443/a/" }],
    ["EGLANTINE://desk.example", { kind: "url", url: "https://desk.example/" }],
    ["eglantine://127.0.0.1:8080/", { kind: "url", url: "http://127.0.0.1:8080/" }],
    ["eglantine://connect.example/", { kind: "url", url: "https://connect.example/" }],
    ["eglantine://connect?to=http%3A%2F%2F10.0.0.5%3A8080", { kind: "url", url: "http://10.0.0.5:8080/" }],
    [
      "eglantine://connect/?x=1&to=ssh%3A%2F%2Fann%40host",
      { kind: "ssh", destination: "ann@host", agent: "127.0.0.1:8080" },
    ],
  ])("says %s", (link, target) => {
    expect(readLink(link)).toEqual({ ok: { target, passwordLeftOut: false } });
  });

  it.each([
    ["https://desk.example/", "address-link"],
    ["--inspect=0.0.0.0", "address-link"],
    ["eglantine:desk.example", "address-link"],
    ["eglantine://", "address-link"],
    ["eglantine://https://evil.example/", "address-link"],
    ["eglantine://connect?", "address-link"],
    ["eglantine://connect?url=https://x", "address-link"],
    ["eglantine://connect?to=eglantine://connect?to=x", "address-link"],
    ["eglantine://connect?to=javascript:alert(1)", "address-port"],
    ["eglantine://connect?to=file:///etc/passwd", "address-scheme"],
    ["eglantine://connect?to=ssh://-oProxyCommand=x", "address-host"],
    ["eglantine://connect?to=ssh%3A%2F%2Fa%0Ab", "address-characters"],
    ["eglantine://desk\u202Eelpmaxe.example", "address-characters"],
    [`eglantine://${"a".repeat(4000)}`, "address-long"],
  ])("is refused: %s", (link, reason) => {
    expect(readLink(link)).toEqual({ failed: { reason } });
  });

  it("leaves a password out", () => {
    expect(JSON.stringify(readLink("eglantine://ann:S3cret@desk.example/"))).toBe(
      '{"ok":{"target":{"kind":"url","url":"https://desk.example/"},"user":"ann","passwordLeftOut":true}}',
    );
  });
});

it.each([
  ["", "address-empty"],
  [" \n", "address-empty"],
  ["ftp://host", "address-scheme"],
  ["javascript://x", "address-scheme"],
  ["http://a b", "address-host"],
  ["https://host:99999", "address-port"],
  ["https://", "address-host"],
  ["https://me:secret@ho st/", "address-host"],
  ["https://ho\tst", "address-characters"],
])("knows no address in %j", (text, reason) => {
  expect(reasonOf(text)).toBe(reason);
});

describe("whatever comes", () => {
  const pieces = fc.constantFrom(
    "ssh://",
    "eglantine://",
    "connect?to=",
    "https://",
    "http:",
    "@",
    ":",
    "/",
    "?agent=",
    "-oProxyCommand=",
    "%2d",
    "%",
    "$(id)",
    "${HOME}",
    "%h",
    "\\",
    "[::1]",
    "[",
    "]",
    "#",
    "&",
    " ",
    "\n",
    "\0",
    "host",
    "user",
    "8080",
    "..",
    "é",
    "\u202E",
  );
  const hostile = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.oneof(pieces, fc.string()), { maxLength: 12 }).map((parts) => parts.join("")),
  );

  it("is answered, with a reason of the list or with what is safe to use", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const answer = readAddress(text);
        if ("failed" in answer) {
          expect(Object.keys(answer.failed)).toEqual(["reason"]);
          expect(ADDRESS_REASONS).toContain(answer.failed.reason);
          return;
        }
        const { target } = answer.ok;
        if (target.kind === "url") {
          const url = new URL(target.url);
          expect(["http:", "https:"]).toContain(url.protocol);
          expect([url.username, url.password, url.search, url.hash]).toEqual(["", "", "", ""]);
        } else {
          const { user, host } = readDestination(target.destination) ?? { user: "?", host: "?" };
          expect(`${user ?? ""}|${host}|${target.agent}`).toMatch(
            /^(?!-)[^\s$`;&<>()%'"]*\|(?!-)[\w.:-]+\|(?!-)[^\s$`;&<>()%'"]+$/,
          );
          expect(readAgentPlace(target.agent)).toBeDefined();
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("never gives back a password", () => {
    const linked = (address: string) => `eglantine://connect?to=${encodeURIComponent(address)}`;
    const forms: readonly ((rest: string) => string)[] = [
      (rest) => `https://${rest}`,
      (rest) => rest,
      (rest) => `ssh://${rest}`,
      (rest) => `eglantine://${rest}`,
      (rest) => linked(`http://${rest}`),
      (rest) => linked(`ssh://${rest}`),
    ];
    const password = fc.string({ minLength: 1, maxLength: 20 }).map((text) => `Pw${encodeURIComponent(text)}Pw`);
    fc.assert(
      fc.property(fc.constantFrom(...forms), password, (form, secret) => {
        const answer = readAddress(form(`ann:${secret}@desk.example:8080/`));
        expect("ok" in answer && answer.ok.passwordLeftOut).toBe(true);
        expect(JSON.stringify(answer)).not.toContain("Pw");
      }),
    );
  });

  it("is read again from its own text", () => {
    const name = fc.stringMatching(/^[a-z0-9_][a-z0-9_.-]{0,20}$/);
    const target = fc.record(
      {
        kind: fc.constant("ssh" as const),
        destination: fc.oneof(
          name,
          fc.tuple(name, name).map((parts) => parts.join("@")),
          fc
            .ipV6()
            .filter((ip) => readDestination(ip) !== undefined)
            .map((ip) => `ann@${ip}`),
        ),
        port: fc.integer({ min: 1, max: 65_535 }),
        agent: fc.constantFrom("127.0.0.1:8080", "127.0.0.1:9", "[::1]:8080", "/run/a.sock", "desk:1"),
      },
      { requiredKeys: ["kind", "destination", "agent"] },
    );
    fc.assert(
      fc.property(target, (one) => {
        expect(readAddress(addressOf(one))).toEqual({ ok: { target: one, passwordLeftOut: false } });
      }),
    );
    expect(addressOf({ kind: "url", url: "https://h/" })).toBe("https://h/");
  });
});

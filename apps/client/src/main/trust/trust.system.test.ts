// Trust against real TLS servers whose certificates change.

import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Question } from "../../shared/questions.ts";
import { JsonFile } from "../json-file.ts";
import type { Answer } from "../questions.ts";
import { Pins } from "./pins.ts";
import { type Identity, makeIdentity, opensslFingerprint, TlsServer } from "./testing/tls-server.ts";
import { Trust } from "./trust.ts";

const DAY_MS = 86_400_000;

let own: Identity;
let another: Identity;
let server: TlsServer;
let folder: string;
let asked: Question[];
let answer: Answer;
let nowMs: number;

beforeAll(() => {
  own = makeIdentity();
  another = makeIdentity();
});
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "eglantine-trust-"));
  server = await TlsServer.start(own);
  asked = [];
  answer = "decline";
  // Well within what the certificates say, which are made later.
  nowMs = Date.now() + 3_600_000;
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** As after a start of the application. */
function trust(): Trust {
  return new Trust({
    pins: new Pins(new JsonFile(join(folder, "trust.json"))),
    ask: (question) => {
      asked.push(question);
      return Promise.resolve(answer);
    },
    nowMs: () => nowMs,
  });
}

const kinds = () => asked.map(({ kind }) => kind);

describe("a self-signed certificate", () => {
  it("is shown by its fingerprint, and nothing is sent before the user has said yes", async () => {
    expect(await trust().check(server.url)).toBe("declined");
    expect(asked).toEqual([
      {
        kind: "certificate-unknown",
        certificate: {
          endpoint: `127.0.0.1:${server.port}`,
          fingerprint: opensslFingerprint(own),
          subject: "desk",
          issuer: "desk",
          validFromMs: Date.parse(new X509Certificate(own.cert).validFrom),
          validToMs: Date.parse(new X509Certificate(own.cert).validTo),
          problems: ["authority"],
        },
      },
    ]);
    expect(server.receivedBytes).toBe(0);
  });

  it("is asked for once, and again after a no", async () => {
    await trust().check(server.url);
    answer = "accept";
    expect(await trust().check(server.url)).toBeUndefined();
    expect(await trust().check(server.url)).toBeUndefined();
    expect(kinds()).toEqual(["certificate-unknown", "certificate-unknown"]);
  });

  it("is asked for once by many who want to know at the same time", async () => {
    answer = "accept";
    const same = trust();
    const pem = own.cert;
    const answers = await Promise.all([
      same.check(server.url),
      same.check(server.url),
      same.mayConnect(server.url.replace("https", "wss"), "net::ERR_CERT_AUTHORITY_INVALID", pem),
    ]);
    expect(answers).toEqual([undefined, undefined, true]);
    expect(kinds()).toEqual(["certificate-unknown"]);
  });

  it("is trusted at its own port alone", async () => {
    answer = "accept";
    await trust().check(server.url);
    const neighbour = await TlsServer.start(own);
    answer = "decline";
    expect(await trust().check(neighbour.url)).toBe("declined");
    await neighbour.close();
  });

  it("may be made anew with its old key, and be out of date: the key is what is trusted", async () => {
    answer = "accept";
    await trust().check(server.url);
    server.become(makeIdentity({ keyOf: own, names: "DNS:elsewhere.example" }));
    nowMs += 30 * DAY_MS;
    expect(await trust().check(server.url)).toBeUndefined();
    expect(kinds()).toEqual(["certificate-unknown"]);
  });

  it("is shown with everything that speaks against it", async () => {
    server.become(makeIdentity({ names: "DNS:elsewhere.example" }));
    nowMs += 30 * DAY_MS;
    await trust().check(server.url);
    expect(asked).toMatchObject([{ certificate: { problems: ["authority", "name", "date"] } }]);
  });
});

describe("a certificate with another key", () => {
  beforeEach(async () => {
    answer = "accept";
    await trust().check(server.url);
    asked = [];
    nowMs += DAY_MS;
    server.become(another);
  });

  it("stops the connection, and both fingerprints are told", async () => {
    answer = "decline";
    expect(await trust().check(server.url)).toBe("changed");
    expect(asked).toMatchObject([
      {
        kind: "certificate-changed",
        certificate: { fingerprint: opensslFingerprint(another) },
        knownFingerprint: opensslFingerprint(own),
        knownSinceMs: nowMs - DAY_MS,
      },
    ]);
    expect(server.receivedBytes).toBe(0);
  });

  it("does not take the old one's place until the user says so", async () => {
    answer = "decline";
    await trust().check(server.url);
    server.become(own);
    expect(await trust().check(server.url)).toBeUndefined();
    expect(kinds()).toEqual(["certificate-changed"]);
    server.become(another);
    answer = "accept";
    await trust().check(server.url);
    expect(await trust().check(server.url)).toBeUndefined();
    server.become(own);
    answer = "decline";
    expect(await trust().check(server.url)).toBe("changed");
  });

  it("stops a connection of Chromium's too, by the same judgement", async () => {
    const url = `wss://127.0.0.1:${server.port}/ws`;
    const error = "net::ERR_CERT_AUTHORITY_INVALID";
    answer = "decline";
    expect(await trust().mayConnect(url, error, another.cert)).toBe(false);
    expect(kinds()).toEqual(["certificate-changed"]);
    expect(await trust().mayConnect(url, error, own.cert)).toBe(true);
    expect(await trust().mayConnect(url, "net::ERR_CERT_REVOKED", own.cert)).toBe(false);
    expect(kinds()).toEqual(["certificate-changed"]);
  });
});

describe("a certificate of an authority", () => {
  it("that the system trusts is not asked for; without it, or for another name, it is", async () => {
    const authority = makeIdentity({ authority: true });
    server.become(makeIdentity({ issuer: authority }));
    const usual = getCACertificates("default");
    try {
      expect(await trust().check(server.url)).toBe("declined");
      setDefaultCACertificates([...usual, authority.cert]);
      expect(await trust().check(server.url)).toBeUndefined();
      expect(await trust().check(server.url.replace("127.0.0.1", "localhost"))).toBeUndefined();
      server.become(makeIdentity({ issuer: authority, names: "DNS:elsewhere.example" }));
      expect(await trust().check(server.url)).toBe("declined");
    } finally {
      setDefaultCACertificates(usual);
    }
    expect(asked).toMatchObject([
      { certificate: { problems: ["authority"] } },
      { certificate: { problems: ["name"] } },
    ]);
  });
});

describe("what is kept", () => {
  it("is trusted no more when the file is damaged", async () => {
    answer = "accept";
    await trust().check(server.url);
    writeFileSync(join(folder, "trust.json"), '{"keys":{"__proto__":1}}');
    answer = "decline";
    expect(await trust().check(server.url)).toBe("declined");
  });
});

describe("plain HTTP", () => {
  it("to another machine warns before anything is sent, until the user wants it so", async () => {
    expect(await trust().check("http://192.0.2.1:8080/")).toBe("clear");
    answer = "accept";
    expect(await trust().check("http://192.0.2.1:8080/")).toBeUndefined();
    expect(await trust().check("http://192.0.2.1:8080/x/")).toBeUndefined();
    answer = "decline";
    expect(await trust().check("http://192.0.2.1:8081/")).toBe("clear");
    expect(asked).toEqual([
      { kind: "clear-text", endpoint: "192.0.2.1:8080" },
      { kind: "clear-text", endpoint: "192.0.2.1:8080" },
      { kind: "clear-text", endpoint: "192.0.2.1:8081" },
    ]);
  });

  it("to this machine does not", async () => {
    for (const host of ["127.0.0.1", "localhost", "[::1]"]) {
      expect(await trust().check(`http://${host}:8080/`)).toBeUndefined();
    }
    expect(asked).toEqual([]);
  });
});

it("lets pass what can't be reached, and what speaks no TLS: connecting tells why", async () => {
  const mute = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.resume();
    socket.end("SSH-2.0-no TLS\r\n");
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => mute.once("listening", resolve));
  const { port } = mute.address() as { port: number };
  expect(await trust().check(`https://127.0.0.1:${port}/`)).toBeUndefined();
  await new Promise((resolve) => mute.close(resolve));
  expect(await trust().check(`https://127.0.0.1:${port}/`)).toBeUndefined();
  expect(asked).toEqual([]);
});

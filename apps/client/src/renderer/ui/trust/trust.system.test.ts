// The shell's questions in the built page, in real Chromium, asked by the real parts: a TLS server whose certificate changes, and ssh.

import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ShellBench } from "../../../../../../test/harness/shell-page.ts";
import { makeIdentity, opensslFingerprint, TlsServer } from "../../../main/trust/testing/tls-server.ts";
import type { Question } from "../../../shared/questions.ts";

let bench: ShellBench;
let page: Page;

beforeAll(async () => {
  bench = await ShellBench.start();
});
afterAll(() => bench?.close());
beforeEach(async () => {
  page = await bench.open();
  await page.getByTestId("home").waitFor();
});
afterEach(() => page.close());

const dialog = (kind: Question["kind"]) => page.locator(`[data-testid=question][data-kind=${kind}]`);
const fingerprints = () => page.getByTestId("fingerprint").allInnerTexts();

describe("a server's certificate", () => {
  it("is asked for once by its fingerprint; another key stops, and is trusted only on purpose", async () => {
    const [first, second] = [makeIdentity(), makeIdentity({ names: "DNS:elsewhere.example" })];
    const server = await TlsServer.start(first);
    const { trust } = bench.parts;

    let verdict = trust.check(server.url);
    await dialog("certificate-unknown").waitFor();
    expect(await fingerprints()).toEqual([opensslFingerprint(first)]);
    expect(await bench.examine(page, "certificate-unknown")).toEqual([]);
    await page.getByTestId("question-accept").click();
    expect(await verdict).toBeUndefined();
    await dialog("certificate-unknown").waitFor({ state: "detached" });
    expect(await trust.check(server.url)).toBeUndefined();

    server.become(second);
    verdict = trust.check(server.url);
    await dialog("certificate-changed").waitFor();
    expect(await fingerprints()).toEqual([opensslFingerprint(first), opensslFingerprint(second)]);
    expect(await page.locator("[data-problem]").count()).toBe(2);
    expect(await bench.examine(page, "certificate-changed")).toEqual([]);
    // Enter is what a user presses who does not read.
    expect(await page.getByTestId("question-accept").isEnabled()).toBe(false);
    await page.keyboard.press("Escape");
    expect(await verdict).toBe("changed");
    await dialog("certificate-changed").waitFor({ state: "detached" });

    verdict = trust.check(server.url);
    await page.getByTestId("question-sure").check();
    await page.getByTestId("question-accept").click();
    expect(await verdict).toBeUndefined();
    expect(server.receivedBytes).toBe(0);
    await server.close();
  });
});

it("asks before a password would travel in clear, and Enter is a no", async () => {
  const verdict = bench.parts.trust.check("http://192.0.2.1:8080/");
  await dialog("clear-text").waitFor();
  expect(await bench.examine(page, "clear-text")).toEqual([]);
  await page.keyboard.press("Enter");
  expect(await verdict).toBe("clear");
});

it("shows in a window that comes later what has not been answered, and the first answer counts for all", async () => {
  const answer = bench.parts.questions.ask({ kind: "clear-text", endpoint: "desk:80" });
  const later = await bench.open();
  await later.getByTestId("question-accept").click();
  expect(await answer).toBe("accept");
  await dialog("clear-text").waitFor({ state: "detached" });
  await later.close();
});

describe("what ssh asks", () => {
  it("a host key is shown by its fingerprint", async () => {
    const question = { kind: "ssh-host-key", host: "desk", keyType: "ED25519", fingerprint: "SHA256:abc" } as const;
    const answer = bench.parts.questions.ask(question);
    await dialog("ssh-host-key").waitFor();
    expect(await fingerprints()).toEqual(["SHA256:abc"]);
    expect(await bench.examine(page, "ssh-host-key")).toEqual([]);
    await page.getByTestId("question-accept").click();
    expect(await answer).toBe("accept");
  });

  it("a secret is typed at once, by keyboard alone, and stays out of the page", async () => {
    const answer = bench.parts.questions.ask({ kind: "ssh-password", account: "ann@desk", again: true });
    await dialog("ssh-password").getByRole("alert").waitFor();
    expect(await bench.examine(page, "ssh-password")).toEqual([]);
    await page.keyboard.type("S3cret 'x\"");
    expect(await page.getByTestId("question-secret").getAttribute("type")).toBe("password");
    await page.keyboard.press("Enter");
    expect(await answer).toEqual({ secret: "S3cret 'x\"" });
    await dialog("ssh-password").waitFor({ state: "detached" });
    expect(await page.content()).not.toContain("S3cret");
  });

  it("a host key that has changed under a tunnel is explained, with nothing to accept", async () => {
    const parameters = {
      host: "desk",
      agent: "127.0.0.1:8080",
      keyType: "ED25519",
      fingerprint: "SHA256:new",
      known: "~/known_hosts:3",
    };
    const answer = bench.parts.questions.ask({
      kind: "ssh-stopped",
      host: "desk",
      reason: "host-key-changed",
      parameters,
    });
    await dialog("ssh-stopped").waitFor();
    const text = await dialog("ssh-stopped").innerText();
    expect(text).toContain("SHA256:new");
    expect(text).toContain("ssh-keygen -R");
    expect(text).not.toMatch(/[{}]/);
    expect(await page.getByTestId("question-accept").count()).toBe(0);
    expect(await bench.examine(page, "ssh-stopped")).toEqual([]);
    await page.getByTestId("question-decline").click();
    expect(await answer).toBe("decline");
  });
});

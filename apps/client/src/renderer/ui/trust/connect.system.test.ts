// The application's plain connect page, for an address that is typed or named at the start: the same questions as for a saved desktop, and nothing sent before
// they are answered. The page is made to believe every certificate, as in the application, where the shell is asked for each that nobody signed.

import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ShellBench } from "../../../../../../test/harness/shell-page.ts";
import { type Identity, makeIdentity, opensslFingerprint, TlsServer } from "../../../main/trust/testing/tls-server.ts";
import type { Question } from "../../../shared/questions.ts";
import type { TrustReason } from "../../../shared/trust.ts";
import type { AgentDouble } from "../../testing/agent-double.ts";

const PASSWORD = "hunter2 of the test";

let bench: ShellBench;
let first: Identity;
let second: Identity;
let agent: AgentDouble;
let server: TlsServer;
let page: Page;

beforeAll(async () => {
  bench = await ShellBench.start();
  [first, second] = [makeIdentity(), makeIdentity()];
});
afterAll(() => bench?.close());
beforeEach(async () => {
  agent = await bench.startAgent({ password: PASSWORD });
  server = await TlsServer.start(first, Number(new URL(agent.url).port));
});
afterEach(async () => {
  await page.close();
  await server.close();
});

const open = async (url: string) => {
  page = await bench.open(`?${new URLSearchParams({ url }).toString()}`, { ignoreHTTPSErrors: true });
};
const dialog = (kind: Question["kind"]) => page.locator(`[data-testid=question][data-kind=${kind}]`);
const fingerprints = () => page.getByTestId("fingerprint").allInnerTexts();
const say = (answer: "accept" | "decline") => page.getByTestId(`question-${answer}`).click();
const stopped = (reason: TrustReason) => page.locator(`[data-testid=opening-reason][data-reason=${reason}]`).waitFor();
const reaches = (state: string) => page.waitForSelector(`html[data-state="${state}"]`, { state: "attached" });

async function type(url: string, password: string): Promise<void> {
  await page.getByTestId("connect-url").fill(url);
  await page.getByTestId("connect-password").fill(password);
  await page.getByTestId("connect-submit").click();
}

describe("a server that nobody vouches for", () => {
  it("is shown by its fingerprint before it hears anything, and the password goes there after a yes alone", async () => {
    await open(server.url);
    await dialog("certificate-unknown").waitFor();
    expect(await fingerprints()).toEqual([opensslFingerprint(first)]);
    expect(server.receivedBytes).toBe(0);
    await say("accept");
    await page.getByTestId("connect-form").waitFor();
    await type(server.url, PASSWORD);
    await reaches("connected");
    // It was trusted a moment ago.
    expect(await dialog("certificate-unknown").count()).toBe(0);
  });

  it("gets no password that was typed where the user says no, is explained, and asked about again", async () => {
    await open("https://127.0.0.1:1/");
    await page.getByTestId("end-page").waitFor();
    await page.getByRole("button", { name: "Another desktop" }).click();
    await type(server.url, PASSWORD);
    await dialog("certificate-unknown").waitFor();
    await say("decline");
    await stopped("declined");
    expect(await bench.examine(page, "distrust-page")).toEqual([]);
    await page.getByTestId("connect-again").click();
    await dialog("certificate-unknown").waitFor();
    await say("decline");
    await stopped("declined");
    await page.getByTestId("another-desktop").click();
    expect(await page.getByTestId("connect-url").inputValue()).toBe(server.url);
    expect(server.receivedBytes).toBe(0);
    expect(agent.connections).toBe(0);
  });

  it("is stopped with both fingerprints where it has become another", async () => {
    await open(server.url);
    await say("accept");
    await page.getByTestId("connect-form").waitFor();
    server.become(second);
    server.cut();
    const before = server.receivedBytes;
    await type(server.url, PASSWORD);
    await dialog("certificate-changed").waitFor();
    expect(await fingerprints()).toEqual([opensslFingerprint(first), opensslFingerprint(second)]);
    await say("decline");
    await stopped("changed");
    expect(server.receivedBytes).toBe(before);
    expect(agent.control.filter((message) => message.type === "hello" && "password" in message)).toEqual([]);
  });

  it("is looked at again where it could not be reached any more and comes back as another", async () => {
    await open(server.url);
    await say("accept");
    await page.getByTestId("connect-form").waitFor();
    await type(server.url, PASSWORD);
    await reaches("connected");
    server.become(second);
    const asked = () => bench.channel.calls.filter(({ name }) => name === "checkTrust").length;
    const askedBefore = asked();
    server.admits = () => asked() > askedBefore;
    const before = server.receivedBytes;
    server.cut();
    await dialog("certificate-changed").waitFor();
    await say("decline");
    await stopped("changed");
    expect(server.receivedBytes).toBe(before);
  });
});

describe("a way without encryption", () => {
  const SAID: string[] = [];

  beforeEach(() => SAID.splice(0));

  /** Nobody is there; what the page would tell is heard. */
  async function listen(): Promise<void> {
    await page.routeWebSocket(/^ws:\/\/[a-z]+\.example/, (socket) => {
      SAID.push(new URL(socket.url()).host);
      socket.onMessage((message) => void SAID.push(String(message)));
    });
    await page.reload();
  }

  it("is asked about before a socket is opened, and a no is explained", async () => {
    await open("http://vault.example:8080/");
    await listen();
    await dialog("clear-text").waitFor();
    await page.keyboard.press("Enter");
    await stopped("clear");
    expect(SAID).toEqual([]);
  });

  it("takes the password that was typed once the user says yes, and not before", async () => {
    await open("https://127.0.0.1:1/");
    await listen();
    await page.getByRole("button", { name: "Another desktop" }).click();
    await type("http://desk.example/", PASSWORD);
    await dialog("clear-text").waitFor();
    expect(SAID).toEqual([]);
    await say("accept");
    await expect.poll(() => SAID.find((said) => said.includes(PASSWORD))).toMatch(/"type":"hello"/);
    expect(SAID[0]).toBe("desk.example");
  });
});

// The SSH route against the system's own ssh and a real sshd.

import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SshTarget } from "../../shared/address.ts";
import type { Question } from "../../shared/questions.ts";
import { type OpenRoute, RouteFailure } from "../desktops/types.ts";
import type { Answer } from "../questions.ts";
import { sshRoute } from "./ssh-route.ts";
import { ASKPASS, Sshd } from "./testing/sshd.ts";

let sshd: Sshd;
let temporary: string;
let agent: Server;
let agentPort: number;
/** What the user was asked, and how it is answered. */
let asked: Question[];
let answers: (question: Question, signal: AbortSignal) => Answer | Promise<Answer>;
const open: OpenRoute[] = [];

beforeAll(async () => {
  sshd = await Sshd.start();
  // In the agent's place: whoever answers /health.
  agent = createServer((request, response) => response.end(`${request.url} of the agent`));
  agentPort = await listening(agent);
});
afterAll(async () => {
  agent?.close();
  await sshd?.close();
});
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "eglantine-route-"));
  asked = [];
  answers = (question) => {
    throw new Error(`unexpected: ${question.kind}`);
  };
  sshd.allowKey("id");
  sshd.trust("desk");
});
afterEach(async () => {
  for (const route of open.splice(0)) await route.close();
  expect(readdirSync(temporary)).toEqual([]);
  rmSync(temporary, { recursive: true });
});

async function listening(server: Server, path?: string): Promise<number> {
  await new Promise<void>((resolve) =>
    path === undefined ? server.listen(0, "127.0.0.1", resolve) : server.listen(path, resolve),
  );
  return path === undefined ? (server.address() as AddressInfo).port : 0;
}

interface Trial {
  readonly target?: Partial<SshTarget>;
  readonly ssh?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

async function connect({
  target = {},
  ssh = sshd.userSsh(),
  environment = {},
  signal = new AbortController().signal,
}: Trial = {}) {
  const { SSH_AUTH_SOCK: _agent, ...own } = process.env;
  const route = await sshRoute({
    ssh,
    environment: { ...own, ...environment },
    platform: process.platform,
    temporary,
    askpassProgram: ASKPASS,
    ask: async (question, questionSignal) => {
      asked.push(question);
      return answers(question, questionSignal);
    },
  }).open({ kind: "ssh", destination: "desk", agent: `127.0.0.1:${agentPort}`, ...target }, () => undefined, signal);
  open.push(route);
  return route;
}

/** The failure that the user is told. */
async function failure(trial: Trial): Promise<RouteFailure> {
  const error = await connect(trial).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof RouteFailure)) throw new Error("it did not fail as it should", { cause: error });
  return error;
}

const page = async (route: OpenRoute) => (await fetch(new URL("hello", route.url))).text();

describe("a tunnel", () => {
  it("leads to the agent's port, by the user's own key and configuration, and asks nothing", async () => {
    const route = await connect();
    expect(route.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect(await page(route)).toBe("/hello of the agent");
    expect(asked).toEqual([]);
  });

  it("leads to the agent's Unix socket", async () => {
    const path = join(sshd.folder, "agent.sock");
    const socketAgent = createServer((_request, response) => response.end("by the socket"));
    await listening(socketAgent, path);
    const route = await connect({ target: { agent: path } });
    expect(await page(route)).toBe("by the socket");
    await route.close();
    socketAgent.close();
  });

  it("begins in a folder that nobody else can enter", async () => {
    await connect();
    const [folder = ""] = readdirSync(temporary);
    expect(statSync(join(temporary, folder)).mode & 0o777).toBe(0o700);
    expect(statSync(join(temporary, folder, "end")).mode & 0o777).toBe(0o600);
  });

  it("goes through a jump host", async () => {
    sshd.trust("desk", "behind");
    const ssh = sshd.userSsh([
      "Host behind",
      "  ProxyJump desk",
      "  HostName 127.0.0.1",
      "  HostKeyAlias behind",
      `  Port ${sshd.port}`,
      `  User ${sshd.user}`,
      `  IdentityFile ${join(sshd.folder, "id")}`,
    ]);
    expect(await page(await connect({ ssh, target: { destination: "behind" } }))).toBe("/hello of the agent");
  });

  it("takes user and port of the address before those of the configuration", async () => {
    const error = await failure({
      ssh: sshd.userSsh(["Host *", "  PasswordAuthentication no"]),
      target: { destination: "nobody-here@desk" },
    });
    expect(error.reason).toBe("denied");
    expect(sshd.log).toContain("nobody-here");
    expect((await failure({ target: { port: 1 } })).reason).toBe("unreachable");
  });

  it("ends with the desktop: ssh is gone, and so is the port", async () => {
    const route = await connect();
    const processes = (): string => execFileSync("ps", ["-eo", "args"], { encoding: "utf8" });
    expect(processes()).toContain(temporary);
    await route.close();
    await route.close();
    expect(processes()).not.toContain(temporary);
    await expect(fetch(route.url)).rejects.toThrow();
  });

  it("is opened again under the same address when it was lost", async () => {
    const route = await connect();
    await sshd.restart();
    await expect.poll(() => page(route).catch(() => ""), { timeout: 30_000 }).toBe("/hello of the agent");
    expect(asked).toEqual([]);
  });

  it("is not opened again, with an explanation, when the host key has changed meanwhile", async () => {
    const before = sshd.fingerprint("host");
    await connect();
    const told = new Promise<Question>((resolve) => {
      answers = (question) => {
        resolve(question);
        return "decline";
      };
    });
    await sshd.stop();
    sshd.makeHostKey();
    await sshd.restart();
    expect(await told).toMatchObject({ kind: "ssh-stopped", reason: "host-key-changed", host: "desk" });
    expect(sshd.fingerprint("host")).not.toBe(before);
  });
});

describe("the user is asked", () => {
  it("whether an unknown host key is right, by its fingerprint, and once", async () => {
    sshd.trust();
    answers = () => "accept";
    await (await connect()).close();
    expect(asked).toEqual([
      {
        kind: "ssh-host-key",
        host: expect.stringContaining("desk"),
        keyType: "ED25519",
        fingerprint: sshd.fingerprint("host"),
      },
    ]);
    expect(sshd.knownHosts).toContain("ssh-ed25519");
    await connect();
    expect(asked).toHaveLength(1);
  });

  it("and a no goes no further", async () => {
    sshd.trust();
    answers = () => "decline";
    expect((await failure({})).reason).toBe("host-key-declined");
    expect(sshd.knownHosts).toBe("");
    expect(sshd.log).not.toMatch(/Accepted publickey.*\n[\s\S]*Accepted publickey.*\n$/);
  });

  it("for a key's passphrase, again when it was wrong", async () => {
    sshd.makeKey("locked", "correct horse ' \" $x");
    sshd.allowKey("locked");
    const ssh = sshd.userSsh(["Host *", `  IdentityFile ${join(sshd.folder, "locked")}`]);
    const secrets = ["wrong", "correct horse ' \" $x"];
    answers = () => ({ secret: secrets.shift() ?? "" });
    expect(await page(await connect({ ssh }))).toBe("/hello of the agent");
    const key = join(sshd.folder, "locked");
    expect(asked).toEqual([
      { kind: "ssh-passphrase", key, again: false },
      { kind: "ssh-passphrase", key, again: true },
    ]);
  });

  it("for a password, and one who asks for no more is not asked again", async () => {
    const ssh = sshd.userSsh(["Host *", "  PubkeyAuthentication no"]);
    answers = () => (asked.length === 1 ? { secret: "wrong" } : "decline");
    expect((await failure({ ssh })).reason).toBe("cancelled");
    const account = `${sshd.user}@desk`;
    expect(asked).toEqual([
      { kind: "ssh-password", account, again: false },
      { kind: "ssh-password", account, again: true },
    ]);
  });

  it("nothing any more when the desktop is no longer wanted", async () => {
    sshd.trust();
    const stop = new AbortController();
    let questionEnded = false;
    answers = (_question, signal) => {
      signal.addEventListener("abort", () => {
        questionEnded = true;
      });
      stop.abort();
      return new Promise(() => undefined);
    };
    await expect(connect({ signal: stop.signal })).rejects.toMatchObject({ name: "AbortError" });
    expect(questionEnded).toBe(true);
  });

  it("nothing where an ssh agent has the key", async () => {
    sshd.makeKey("held", "");
    sshd.allowKey("held");
    const socket = join(sshd.folder, "ssh-agent.sock");
    const sshAgent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
    await expect.poll(() => existsSync(socket)).toBe(true);
    const environment = { SSH_AUTH_SOCK: socket };
    execFileSync("ssh-add", ["-q", join(sshd.folder, "held")], {
      env: { ...process.env, ...environment },
      stdio: "ignore",
    });
    rmSync(join(sshd.folder, "held"));
    const ssh = sshd.userSsh(["Host *", `  IdentityFile ${join(sshd.folder, "held.pub")}`]);
    expect(await page(await connect({ ssh, environment }))).toBe("/hello of the agent");
    sshAgent.kill();
  });
});

describe("what fails is told apart", () => {
  it("a host key that has changed: stopped, with the new fingerprint and where the old key stands", async () => {
    const own = sshd.fingerprint("host");
    sshd.makeKey("another", "");
    const known = join(sshd.folder, "known_hosts");
    execFileSync("sh", ["-c", `echo "desk $(cut -d' ' -f1,2 '${sshd.folder}/another.pub')" > '${known}'`]);
    const error = await failure({});
    expect(error.reason).toBe("host-key-changed");
    expect(error.parameters).toMatchObject({ host: "desk", fingerprint: own, keyType: "ED25519", known: `${known}:1` });
    expect(asked).toEqual([]);
  });

  it("an unknown host key where the user's configuration wants none", async () => {
    sshd.trust();
    expect((await failure({ ssh: sshd.userSsh(["Host *", "  StrictHostKeyChecking yes"]) })).reason).toBe(
      "host-key-strict",
    );
  });

  it("nobody listens, and nobody has that name", async () => {
    expect((await failure({ target: { destination: "127.0.0.1", port: 1 } })).reason).toBe("unreachable");
    expect((await failure({ target: { destination: "no-such-host.invalid" } })).reason).toBe("host-unknown");
  });

  it("the key is not let in", async () => {
    sshd.makeKey("stranger", "");
    sshd.allowKey("stranger");
    const error = await failure({ ssh: sshd.userSsh(["Host *", "  PasswordAuthentication no"]) });
    expect(error).toMatchObject({ reason: "denied", parameters: { methods: expect.stringContaining("publickey") } });
  });

  it("no agent listens there, and something else does", async () => {
    expect((await failure({ target: { agent: "127.0.0.1:1" } })).reason).toBe("agent-refused");
    expect((await failure({ target: { agent: "/nowhere/agent.sock" } })).reason).toBe("agent-refused");
    expect((await failure({ target: { agent: `127.0.0.1:${sshd.port}` } })).reason).toBe("agent-silent");
  });

  it("the server allows no tunnels", async () => {
    const strict = await Sshd.start({ config: ["AllowTcpForwarding no", "AllowStreamLocalForwarding no"] });
    strict.trust("desk");
    expect((await failure({ ssh: strict.userSsh() })).reason).toBe("agent-forbidden");
    await strict.close();
  });

  it("there is no ssh, or its configuration is broken", async () => {
    expect((await failure({ ssh: "/nowhere/ssh" })).reason).toBe("no-ssh");
    const error = await failure({ ssh: sshd.userSsh(["NoSuchOption yes"]) });
    expect(error).toMatchObject({ reason: "config", parameters: { detail: expect.stringContaining("nosuchoption") } });
  });

  it("a target that is no plain name: nothing is started", async () => {
    const proof = join(sshd.folder, "proof");
    for (const target of [
      { destination: `-oProxyCommand=touch ${proof}` },
      { destination: `x@-oProxyCommand=touch ${proof}` },
      { destination: `-oProxyCommand=touch ${proof}@desk` },
      { destination: "desk", agent: `127.0.0.1:1 -oProxyCommand=touch ${proof}` },
      { destination: "$(touch x)" },
      { destination: "desk\nProxyCommand touch x" },
    ]) {
      expect((await failure({ target, ssh: "/nowhere/ssh" })).reason).toBe("address");
    }
    expect(existsSync(proof)).toBe(false);
  });
});

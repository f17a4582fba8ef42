// `serve` as users run it: a process, a port, a real X server behind it.

import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LIMITS } from "@eglantine/protocol/limits";
import { mismatchSentence, PROTOCOL_VERSION } from "@eglantine/protocol/version";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type AgentProcess, ControlClient, rawRequest, runAgent } from "../testing/agent-process.ts";
import { NO_DISPLAY, startXvnc, type XServer } from "../testing/xvnc.ts";

const PASSWORD = "a long secret";
const RIGHT = { user: "user", password: PASSWORD };
let server: XServer;
let directory: string;
const running: { close(): Promise<unknown> }[] = [];

const closing = <T extends { close(): Promise<unknown> }>(part: T): T => {
  running.push(part);
  return part;
};
const serve = async (
  flags: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<AgentProcess> =>
  closing(
    await runAgent(
      ["serve", "--display", server.display, "--port", "0", "--client-dir", join(directory, "client"), ...flags],
      {
        XDG_RUNTIME_DIR: directory,
        BASIC_AUTH_PASSWORD: PASSWORD,
        ...env,
      },
    ),
  );
const visit = (agent: AgentProcess, options = {}): Promise<ControlClient> => {
  if (agent.url === "") throw new Error(`the agent did not start:\n${agent.stderr}`);
  return closing(new ControlClient(agent.url, options)).opened();
};
async function byeOf(client: ControlClient) {
  const bye = await client.message("bye");
  await client.closed;
  return bye;
}

beforeAll(async () => {
  server = await startXvnc("", "640x480");
  directory = mkdtempSync(join(tmpdir(), "eglantine-serve-"));
  mkdirSync(join(directory, "client/assets"), { recursive: true });
  writeFileSync(
    join(directory, "client/index.html"),
    "<!doctype html><script>let own;</script><title>Eglantine</title>",
  );
  writeFileSync(join(directory, "client/assets/main-abcdef12.js"), `// ${"x".repeat(5000)}`);
  writeFileSync(join(directory, "secret"), "outside");
});
afterEach(async () => {
  for (const part of running.splice(0).reverse()) await part.close();
});
afterAll(async () => {
  await server.close();
  rmSync(directory, { recursive: true, force: true });
});

test("--help and --version need nothing else", async () => {
  const help = await runAgent(["--help"]);
  expect(await help.exitCode).toBe(0);
  expect(help.stdout).toMatch(/--display/);
  const version = await runAgent(["--version"]);
  expect(version.stdout).toMatch(/^eglantine-agent \d+\.\d+\.\d+\n$/);
});

test("a wrong value ends with code 2 and a sentence", async () => {
  const agent = await serve(["--refresh", "fast"]);
  expect(await agent.exitCode).toBe(2);
  expect(agent.stderr).toBe('eglantine-agent: --refresh: "fast" must be a whole number from 1 to 240 Hz\n');
});

test("health says what is reachable and who may connect, without a password; what was turned away, with it", async () => {
  const agent = await serve();
  const client = await visit(agent);
  client.send({ type: "nonsense" });
  expect((await byeOf(client)).reason).toBe("protocol-error");
  const authorization = `Basic ${Buffer.from(`user:${PASSWORD}`).toString("base64")}`;
  const trusted = await fetch(`${agent.url}health`, { headers: { authorization } });
  expect(await trusted.json()).toMatchObject({ refused: { "protocol-error": 1 }, ended: {}, ignored: {}, http: {} });
  const response = await fetch(`${agent.url}health`);
  expect(response.status).toBe(200);
  const health: unknown = await response.json();
  expect(health).not.toHaveProperty("refused");
  expect(health).not.toHaveProperty("ended");
  expect(health).toMatchObject({
    ok: true,
    display: { name: server.display, reachable: true, widthPx: 640, heightPx: 480 },
    viewers: 0,
    mayConnect: true,
  });
});

test("health answers 503 while there is no X server, and the agent waits for it", async () => {
  const agent = await serve(["--display", NO_DISPLAY]);
  const response = await fetch(`${agent.url}health`);
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ ok: false, mayConnect: false });
});

test("the page comes with a strict policy and is not cached, its hashed parts are for ever", async () => {
  const agent = await serve();
  const page = await fetch(agent.url);
  expect(await page.text()).toContain("<title>Eglantine");
  expect(page.headers.get("cache-control")).toBe("no-store");
  const policy = page.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe|\*/);
  const own = createHash("sha256").update("let own;").digest("base64");
  expect(policy).toContain(`script-src 'self' 'sha256-${own}';`);
  expect(page.headers.get("x-content-type-options")).toBe("nosniff");
  const part = await fetch(`${agent.url}assets/main-abcdef12.js`, { headers: { "accept-encoding": "gzip, br" } });
  expect(part.headers.get("cache-control")).toMatch(/immutable/);
  expect(part.headers.get("content-security-policy")).toContain("script-src 'self';");
  expect(part.headers.get("content-encoding")).toBe("br");
  expect(await part.text()).toHaveLength(5003);
});

test.each([
  "/../secret",
  "/%2e%2e/secret",
  "/..%2fsecret",
  "/assets/../../secret",
  "//etc/passwd",
  "/assets\\..\\..\\secret",
  "/client/../secret%00.html",
  "file:///etc/passwd",
  "http://127.0.0.1/../secret",
])("no request leaves the page: %s", async (path) => {
  const agent = await serve();
  const answer = await rawRequest(agent.port, `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 40[04] /);
  expect(answer).not.toMatch(/outside|root:/);
});

test("only reading is allowed", async () => {
  const agent = await serve();
  expect((await fetch(agent.url, { method: "POST", body: "x" })).status).toBe(405);
});

test("the right password is let in, and gets the desktop's size and the encoder", async () => {
  const client = await visit(await serve());
  client.hello(RIGHT);
  expect(await client.message("hello")).toMatchObject({ version: PROTOCOL_VERSION, resize: true });
  expect(await client.message("display")).toMatchObject({ widthPx: 640, heightPx: 480 });
  expect(await client.message("encoder")).toMatchObject({ codec: "h264" });
});

test("HTTP basic authentication is taken too", async () => {
  const authorization = `Basic ${Buffer.from(`user:${PASSWORD}`).toString("base64")}`;
  const client = await visit(await serve(), { headers: { authorization } });
  client.hello();
  await client.message("hello");
});

test("no password, a wrong one and too many are told apart", async () => {
  const agent = await serve();
  const attempt = async (fields: object) => {
    const client = await visit(agent);
    client.hello(fields);
    return (await byeOf(client)).reason;
  };
  expect(await attempt({})).toBe("auth-required");
  for (let tries = 0; tries < 5; tries += 1) expect(await attempt({ user: "user", password: "x" })).toBe("auth-failed");
  expect(await attempt(RIGHT)).toBe("auth-locked");
  expect(agent.stderr).not.toContain(PASSWORD);
});

test("another page's origin is refused, an allowed one and the desktop application's are not", async () => {
  const agent = await serve(["--allowed-origins", "https://portal.example.org"]);
  expect((await byeOf(await visit(agent, { origin: "https://evil.example" }))).reason).toBe("origin-refused");
  for (const origin of ["https://portal.example.org", "app://eglantine", agent.url.replace(/\/$/, "")]) {
    const client = await visit(agent, { origin });
    client.hello(RIGHT);
    await client.message("hello");
    await client.close();
  }
});

test("another protocol version is refused in words", async () => {
  const client = await visit(await serve());
  const version = { major: 99, minor: 0 };
  client.send({ type: "hello", version, anything: true });
  const detail = mismatchSentence(PROTOCOL_VERSION, version);
  expect(await byeOf(client)).toMatchObject({ reason: "version-mismatch", detail });
});

test("who says nothing is sent away", async () => {
  const client = await visit(await serve());
  expect((await byeOf(client)).reason).toBe("hello-timeout");
});

test.each([
  ["no JSON", "{"],
  ["another message first", JSON.stringify({ type: "offer", peer: 0, sdp: "v=0" })],
  ["a hello that is too long", JSON.stringify({ type: "hello", x: "x".repeat(LIMITS.controlBytesBeforeHello) })],
  ["a binary frame", Buffer.from([1, 2, 3])],
])("%s before hello is a protocol error", async (_, frame) => {
  const client = await visit(await serve());
  client.socket.send(frame);
  expect((await byeOf(client)).reason).toBe("protocol-error");
});

test("a frame beyond all limits closes the connection, and the agent serves on", async () => {
  const agent = await serve();
  const client = await visit(agent);
  client.socket.send("x".repeat(LIMITS.controlBytes + 1));
  expect(await client.closed).toBe(1009);
  expect((await fetch(`${agent.url}health`)).status).toBe(200);
});

test("a flood of messages ends its session alone", async () => {
  const agent = await serve();
  const [quiet, loud] = [await visit(agent), await visit(agent)];
  for (const client of [quiet, loud]) client.hello(RIGHT);
  await Promise.all([quiet.message("hello"), loud.message("hello")]);
  for (let count = 0; count <= LIMITS.controlPerSecond; count += 1) {
    loud.send({ type: "candidate", peer: 0, candidate: "", mid: "" });
  }
  expect(["rate-limited", "protocol-error"]).toContain((await byeOf(loud)).reason);
  expect(quiet.socket.readyState).toBe(quiet.socket.OPEN);
});

test("waiting connections are counted, and more than a few are not taken", async () => {
  const agent = await serve();
  const waiting = await Promise.all(Array.from({ length: 20 }, () => visit(agent)));
  expect(waiting.filter((client) => client.socket.readyState === client.socket.OPEN)).toHaveLength(16);
});

test("a WebSocket elsewhere or without the subprotocol is refused", async () => {
  const agent = await serve();
  const upgrade = (path: string, more = "") =>
    rawRequest(
      agent.port,
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${more}\r\n`,
    );
  expect(await upgrade("/other", "Sec-WebSocket-Protocol: eglantine.control\r\n")).toMatch(/^HTTP\/1\.1 404/);
  expect(await upgrade("/ws")).toMatch(/^HTTP\/1\.1 400/);
});

test("without a password it stays on loopback, and answers under loopback names alone", async () => {
  const open = await serve(["--host", "0.0.0.0"], { ENABLE_BASIC_AUTH: "false" });
  expect(await open.exitCode).toBe(2);
  expect(open.stderr).toMatch(/ENABLE_BASIC_AUTH: "false" is accepted only on a loopback address/);
  const agent = await serve([], { ENABLE_BASIC_AUTH: "false" });
  const get = (host: string) =>
    rawRequest(agent.port, `GET /health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  expect(await get("localhost")).toMatch(/^HTTP\/1\.1 200/);
  expect(await get("evil.example")).toMatch(/^HTTP\/1\.1 403/);
  const rebound = await visit(agent, { headers: { host: "evil.example" }, origin: "http://evil.example" });
  expect(rebound.messages).toEqual([]);
  expect(await rebound.closed).toBe(1006);
  const client = await visit(agent);
  client.hello();
  await client.message("hello");
});

test("in a container it may stand behind a proxy that asks: under addresses, and under the names that are allowed", async () => {
  const agent = await serve([], {
    ENABLE_BASIC_AUTH: "false",
    EGLANTINE_CONTAINER: "true",
    EGLANTINE_HOST: "127.0.0.1",
    EGLANTINE_ALLOWED_ORIGINS: "https://desk.example.org",
  });
  const get = (host: string) =>
    rawRequest(agent.port, `GET /health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  expect(await get("10.1.2.3:8080")).toMatch(/^HTTP\/1\.1 200/);
  expect(await get("desk.example.org")).toMatch(/^HTTP\/1\.1 200/);
  const refused = await get("evil.example");
  expect(refused).toMatch(/^HTTP\/1\.1 403/);
  expect(refused).toContain("EGLANTINE_ALLOWED_ORIGINS");
  const rebound = await visit(agent, { headers: { host: "evil.example" }, origin: "http://evil.example" });
  expect(rebound.messages).toEqual([]);
  const behind = await visit(agent, { headers: { host: "desk.example.org" }, origin: "https://desk.example.org" });
  behind.hello();
  await behind.message("hello");
  await expect.poll(() => agent.stderr).toContain("whoever reaches this port has the desktop");
});

test("without any password one is made, shown once, kept private, and is the same after a restart", async () => {
  const none = { BASIC_AUTH_PASSWORD: "", EGLANTINE_RUN_DIR: join(directory, "run") };
  const first = await serve([], none);
  const password = readFileSync(join(directory, "run/password"), "utf8").trim();
  expect(password).toMatch(/^([b-z2-9]{4}-){6}[b-z2-9]{4}$/);
  await expect.poll(() => first.stdout).toContain(password);
  expect(first.stderr).not.toContain(password);
  expect(statSync(join(directory, "run/password")).mode & 0o777).toBe(0o600);
  expect(statSync(join(directory, "run")).mode & 0o777).toBe(0o700);
  await first.close();
  const second = await serve([], none);
  expect(second.stdout).toBe("");
  const client = await visit(second);
  client.hello({ user: "user", password });
  await client.message("hello");
});

test("a port that is taken is named", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  closing({ close: () => new Promise((resolve) => other.close(resolve)) });
  const port = String((other.address() as { port: number }).port);
  const agent = await serve(["--port", port]);
  expect(await agent.exitCode).toBe(1);
  expect(agent.stderr).toContain(`port ${port} on 127.0.0.1 is taken by another program`);
});

test("TLS needs files that can be read and belong together", async () => {
  const make = (name: string) => {
    const [key, cert] = [join(directory, `${name}.key`), join(directory, `${name}.pem`)];
    const subject = ["-subj", "/CN=localhost", "-days", "2", "-nodes"];
    execFileSync(
      "openssl",
      [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        ...subject,
        "-keyout",
        key,
        "-out",
        cert,
      ],
      { stdio: "ignore" },
    );
    return { key, cert };
  };
  const [one, two] = [make("one"), make("two")];
  const https = (cert: string, key: string) => serve(["--https", "true", "--https-cert", cert, "--https-key", key]);
  const missing = await https("/nowhere.pem", one.key);
  expect(await missing.exitCode).toBe(1);
  expect(missing.stderr).toMatch(/HTTPS_WEB_CERT: \/nowhere\.pem can't be read/);
  expect((await https(one.cert, two.key)).stderr).toMatch(/is not the key of the certificate/);
  const agent = await https(one.cert, one.key);
  expect(agent.url).toMatch(/^https:/);
  // What the desktop application shows of it: made by other code than ours.
  const key = execFileSync("openssl", ["x509", "-in", one.cert, "-pubkey", "-noout"]);
  const der = execFileSync("openssl", ["pkey", "-pubin", "-outform", "der"], { input: key });
  const hash = execFileSync("openssl", ["dgst", "-sha256", "-binary"], { input: der }).toString("base64");
  expect(agent.stderr).toContain(`"fingerprint":"SHA256:${hash.replace("=", "")}"`);
  const client = await visit(agent, { rejectUnauthorized: false });
  client.hello(RIGHT);
  await client.message("hello");
});

test.each(["SIGTERM", "SIGINT"] as const)("%s says bye to viewers, and ends", async (signal) => {
  const agent = await serve();
  const client = await visit(agent);
  client.hello(RIGHT);
  await client.message("encoder");
  agent.signal(signal);
  expect((await byeOf(client)).reason).toBe("agent-closing");
  expect(await agent.exitCode).toBe(0);
});

test("an option that does nothing yet is warned about once", async () => {
  const agent = await serve([], { NOVNC_ENABLE: "true" });
  expect(agent.stderr.split("\n").filter((line) => line.includes("NOVNC_ENABLE"))).toHaveLength(1);
});

test("an encoder that is not in this version is replaced, and the viewer told", async () => {
  const client = await visit(await serve([], { WEBRTC_ENCODER: "vp9enc" }));
  client.hello(RIGHT);
  expect(await client.message("encoder")).toMatchObject({ fallback: true, why: expect.stringContaining("vp9enc") });
});

test("a Unix socket alone: no port, no UDP, and for the agent's user only", async () => {
  const path = join(directory, "sockets", "agent.sock");
  const agent = await serve(["--listen", `unix:${path}`]);
  expect(agent.url).toBe(`unix:${path}`);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(directory, "sockets")).mode & 0o777).toBe(0o700);
  const sockets = execFileSync("ss", ["-Htulpn"], { encoding: "utf8" }).split("\n");
  expect(sockets.filter((line) => line.includes(`pid=${agent.pid},`))).toEqual([]);
  const client = closing(new ControlClient(`ws+unix:${path}:/ws`, { headers: { host: "127.0.0.1:4711" } }));
  await client.opened();
  client.hello(RIGHT);
  const hello = await client.message("hello");
  expect(hello.paths).toEqual(["socket"]);
  await agent.close();
  expect(existsSync(path)).toBe(false);
});

test("a Unix socket beside the port, which is there as before", async () => {
  const path = join(directory, "beside.sock");
  const agent = await serve(["--listen", `tcp,unix:${path}`]);
  for (const where of [{ socketPath: path }, { host: "127.0.0.1", port: agent.port }]) {
    const [answer] = (await once(get({ ...where, path: "/health" }), "response")) as [IncomingMessage];
    expect(answer.statusCode).toBe(200);
    answer.resume();
  }
});

test("a socket that an agent left behind is taken, and nothing else that stands there", async () => {
  const path = join(directory, "left.sock");
  const killed = await serve(["--listen", `unix:${path}`]);
  killed.signal("SIGKILL");
  await killed.exitCode;
  expect(statSync(path).isSocket()).toBe(true);
  await serve(["--listen", `unix:${path}`]);
  const second = await serve(["--listen", `unix:${path}`]);
  expect(await second.exitCode).not.toBe(0);
  expect(second.stderr).toContain(`EGLANTINE_LISTEN: another program listens on ${path}`);
  const file = join(directory, "secret");
  const third = await serve(["--listen", `unix:${file}`]);
  expect(third.stderr).toContain(`EGLANTINE_LISTEN: ${file} is there and is no socket`);
  expect(readFileSync(file, "utf8")).toBe("outside");
});

test("a place to listen that leaves no way for the picture is refused in words", async () => {
  const agent = await serve(["--listen", "unix:/tmp/x.sock", "--paths", "webrtc"]);
  expect(agent.stderr).toContain("EGLANTINE_PATHS: names WebRTC alone");
});

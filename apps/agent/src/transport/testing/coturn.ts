// A real TURN server on an address of this machine: UDP, TCP, and TLS with a certificate that the test's browser is told to accept.
// Used by `turn.system.test.ts` and the doctor's.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Coturn {
  readonly port: number;
  readonly tlsPort: number;
  /** For Chromium's `--ignore-certificate-errors-spki-list`. */
  readonly certificatePin: string;
  /** File, PEM; gone when it is closed. */
  readonly certificate: string;
  close(): Promise<void>;
}

/** Above those that the kernel gives outgoing connections by default. */
const RELAY_PORTS = [61_000, 62_999] as const;

/** `address`: of this machine. `credentials`: coturn's own arguments. */
export async function startCoturn(address: string, credentials: readonly string[]): Promise<Coturn> {
  const directory = mkdtempSync(join(tmpdir(), "eglantine-coturn-"));
  const [cert, key] = [join(directory, "cert.pem"), join(directory, "key.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", `subjectAltName=IP:${address}`, "-days", "2"];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...subject, "-keyout", key, "-out", cert], {
    stdio: "ignore",
  });
  const [port, tlsPort] = [await freeTcpPort(address), await freeTcpPort(address)];
  const child = spawn(
    "turnserver",
    [
      "-n",
      "--no-cli",
      `--listening-ip=${address}`,
      `--relay-ip=${address}`,
      `--listening-port=${port}`,
      `--tls-listening-port=${tlsPort}`,
      `--min-port=${RELAY_PORTS[0]}`,
      `--max-port=${RELAY_PORTS[1]}`,
      "--realm=test.local",
      "--no-dtls",
      `--cert=${cert}`,
      `--pkey=${key}`,
      "--allow-loopback-peers",
      "--fingerprint",
      "--log-file=stdout",
      `--pidfile=${join(directory, "pid")}`,
      `--userdb=${join(directory, "db")}`,
      ...credentials,
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await listening(child, address, [port, tlsPort]);
  const publicKey = new X509Certificate(readFileSync(cert)).publicKey.export({ type: "spki", format: "der" });
  return {
    port,
    tlsPort,
    certificate: cert,
    certificatePin: createHash("sha256").update(publicKey).digest("base64"),
    close: async () => {
      child.kill("SIGTERM");
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Rejects with what it said when it ends instead. */
async function listening(child: ChildProcess, host: string, ports: readonly number[]): Promise<void> {
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data) => (said += String(data)));
  const ended = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`turnserver ended:\n${said}`)));
  });
  for (const port of ports) await Promise.race([taken(host, port), ended]);
}

async function taken(host: string, port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, host);
    const outcome = await Promise.race([once(socket, "connect").then(() => "open"), once(socket, "error")]).catch(
      () => "refused",
    );
    socket.destroy();
    if (outcome === "open") return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function freeTcpPort(host: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

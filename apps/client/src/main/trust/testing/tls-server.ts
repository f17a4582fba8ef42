// A real TLS server on loopback whose certificate can change, and the certificates for it. For tests of trust.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type Server, type TLSSocket } from "node:tls";

export interface Identity {
  readonly cert: string;
  readonly key: string;
}

export interface Wish {
  /** Made with the key of this one. */
  readonly keyOf?: Identity;
  /** As openssl writes it: `DNS:localhost,IP:127.0.0.1`. */
  readonly names?: string;
  /** Who signs it; itself, otherwise. */
  readonly issuer?: Identity;
  /** It may sign others. */
  readonly authority?: boolean;
}

const FILES = {
  key: "key.pem",
  cert: "cert.pem",
  oldKey: "old-key.pem",
  issuerCert: "issuer.pem",
  issuerKey: "issuer-key.pem",
};

export function makeIdentity({
  keyOf,
  names = "DNS:localhost,IP:127.0.0.1",
  issuer,
  authority = false,
}: Wish = {}): Identity {
  const folder = mkdtempSync(join(tmpdir(), "eglantine-tls-"));
  const at = (file: keyof typeof FILES) => join(folder, FILES[file]);
  try {
    const key =
      keyOf === undefined
        ? ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", at("key")]
        : ["-key", at("oldKey")];
    if (keyOf !== undefined) writeFileSync(at("oldKey"), keyOf.key);
    const signer = issuer === undefined ? [] : ["-CA", at("issuerCert"), "-CAkey", at("issuerKey")];
    if (issuer !== undefined) {
      writeFileSync(at("issuerCert"), issuer.cert);
      writeFileSync(at("issuerKey"), issuer.key);
    }
    const basic = authority
      ? ["-addext", "basicConstraints=critical,CA:TRUE"]
      : ["-addext", "basicConstraints=critical,CA:FALSE"];
    const subject = ["-subj", authority ? "/CN=Eglantine test authority" : "/CN=desk"];
    execFileSync(
      "openssl",
      [
        "req",
        "-x509",
        ...key,
        ...signer,
        ...subject,
        "-addext",
        `subjectAltName=${names}`,
        ...basic,
        "-days",
        "2",
        "-out",
        at("cert"),
      ],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    return { cert: readFileSync(at("cert"), "utf8"), key: keyOf?.key ?? readFileSync(at("key"), "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What openssl says of the key, by other code than ours. */
export function opensslFingerprint({ cert }: Identity): string {
  const publicKey = execFileSync("openssl", ["x509", "-pubkey", "-noout"], { input: cert });
  const der = execFileSync("openssl", ["pkey", "-pubin", "-outform", "der"], { input: publicKey });
  const hash = execFileSync("openssl", ["dgst", "-sha256", "-binary"], { input: der });
  return `SHA256:${hash.toString("base64").replace(/=+$/, "")}`;
}

export class TlsServer {
  readonly #server: Server;
  /** Bytes of application data that clients sent. */
  receivedBytes = 0;
  /** Asked of each connection; who is not admitted is cut off. */
  admits: () => boolean = () => true;
  readonly #sockets = new Set<TLSSocket>();

  private constructor(identity: Identity, agentPort: number | undefined) {
    this.#server = createServer({ ...identity }, (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      socket.on("error", () => undefined);
      socket.on("data", (data) => {
        this.receivedBytes += data.length;
        if (agentPort === undefined) socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
      });
      if (agentPort === undefined) return;
      const agent = connect(agentPort, "127.0.0.1");
      socket.pipe(agent).pipe(socket);
      agent.on("error", () => socket.destroy());
      agent.on("close", () => socket.destroy());
      socket.on("close", () => agent.destroy());
    });
    this.#server.on("connection", (socket) => {
      if (!this.admits()) socket.destroy();
    });
    this.#server.on("tlsClientError", () => undefined);
  }

  /** `agentPort`: whom it stands in front of; without one it answers by itself. */
  static async start(identity: Identity, agentPort?: number): Promise<TlsServer> {
    const server = new TlsServer(identity, agentPort);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}/`;
  }

  /** For connections from now on. */
  become(identity: Identity): void {
    this.#server.setSecureContext({ ...identity });
  }

  /** Who is connected is cut off. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

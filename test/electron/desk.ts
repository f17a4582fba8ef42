// What the stories connect to: an X server with a coloured window on it, and real agents that stream it. Used by stories.ts.

import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer, type Server as TlsServer, type TLSSocket } from "node:tls";
import { type RunningAgent, startAgent } from "../harness/agent.ts";
import { type Certificate, makeCertificate } from "../harness/certificate.ts";
import { startXvnc, type XServer } from "../harness/processes-xvnc.ts";
import { type Colour, XScreen } from "../harness/x-screen.ts";

export const COLOUR: Colour = [30, 140, 80];

/** TLS in front of an agent, with a certificate that nobody signed. */
export class TlsDoor {
  readonly #server: TlsServer;
  readonly #sockets = new Set<TLSSocket>();
  readonly #folder = mkdtempSync(join(tmpdir(), "eglantine-door-"));

  private constructor(agent: RunningAgent) {
    this.#server = createTlsServer((socket) => {
      this.#sockets.add(socket);
      const inner = connect(agent.port, "127.0.0.1");
      socket.pipe(inner).pipe(socket);
      // Whoever is cut off ends the other.
      for (const [one, other] of [
        [socket, inner],
        [inner, socket],
      ] as const) {
        one.on("error", () => other.destroy());
        one.on("close", () => other.destroy());
      }
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  static async open(agent: RunningAgent): Promise<TlsDoor> {
    const door = new TlsDoor(agent);
    await new Promise<void>((resolve) => door.#server.listen(0, "127.0.0.1", resolve));
    return door;
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Another certificate from now on; who is connected is cut off. Answers its fingerprint, as the user is shown it. */
  renew(): string {
    const { certFile, keyFile, pin }: Certificate = makeCertificate(this.#folder);
    this.#server.setSecureContext({ cert: readFileSync(certFile), key: readFileSync(keyFile) });
    this.#cut();
    return `SHA256:${pin.replace(/=+$/, "")}`;
  }

  async close(): Promise<void> {
    this.#cut();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#folder, { recursive: true });
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

export class Desk {
  readonly #xServer: XServer;
  readonly #screen: XScreen;
  readonly #agents: RunningAgent[] = [];
  readonly #strangers: Server[] = [];
  readonly #doors: TlsDoor[] = [];

  private constructor(xServer: XServer, screen: XScreen) {
    this.#xServer = xServer;
    this.#screen = screen;
  }

  static async open(): Promise<Desk> {
    const xServer = await startXvnc(1000, 700);
    try {
      const screen = await XScreen.open(xServer.display);
      await screen.openWindow(0, 0, 1000, 700, COLOUR);
      return new Desk(xServer, screen);
    } catch (error) {
      await xServer.close();
      throw error;
    }
  }

  /** The application's own windows may stand here too: nothing of them is looked at. */
  get display(): string {
    return this.#xServer.display;
  }

  /** Ended by `rest`. `origin`: of the page that may connect. */
  async startAgent(origin: string, env: Readonly<Record<string, string>> = {}): Promise<RunningAgent> {
    const allowed = origin.startsWith("http") ? { EGLANTINE_ALLOWED_ORIGINS: origin } : {};
    const agent = await startAgent({ display: this.display, env: { ...allowed, ...env } });
    this.#agents.push(agent);
    return agent;
  }

  async openDoor(agent: RunningAgent): Promise<TlsDoor> {
    const door = await TlsDoor.open(agent);
    this.#doors.push(door);
    return door;
  }

  /** A page of somebody else. */
  async stranger(): Promise<string> {
    const server = createServer((_request, response) => {
      response.setHeader("content-type", "text/html");
      response.end("<!doctype html><title>stranger</title>");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.#strangers.push(server);
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  /** What one story has started. */
  async rest(): Promise<void> {
    for (const door of this.#doors.splice(0)) await door.close();
    for (const agent of this.#agents.splice(0)) await agent.close();
    for (const server of this.#strangers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  async close(): Promise<void> {
    await this.rest();
    await this.#screen.close();
    await this.#xServer.close();
  }
}

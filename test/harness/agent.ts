// The built agent on an existing X display, as operators and third-party tools drive it headless:
// `node apps/agent/dist/main.js serve`. Its page is opened by bench/ and e2e/ with browser.ts.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { untilAnswer } from "./health.ts";
import { freePort } from "./ports.ts";
import { Process } from "./processes.ts";

/** EGLANTINE_AGENT in the environment: another build, to compare two. */
export const AGENT_MAIN =
  process.env["EGLANTINE_AGENT"] ?? fileURLToPath(new URL("../../apps/agent/dist/main.js", import.meta.url));

export interface AgentOptions {
  /** ":80" */
  readonly display: string;
  /** TCP and UDP; without it, one that is free. */
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Without it, the loopback address. */
  readonly host?: string;
  /** What the command becomes, e.g. to run in a network namespace; the process must stay the same. */
  readonly within?: (argv: readonly string[]) => readonly string[];
}

export interface RunningAgent {
  /** "http://127.0.0.1:25000" */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  log(): string;
  /** Every line since it started. */
  allLines(): readonly string[];
  close(): Promise<void>;
}

/**
 * Resolves when `/health` says that a viewer may connect, within `timeoutMs`. Rejects with the log, at once when the agent ends
 * (a port that is taken).
 */
export async function startAgent(options: AgentOptions, timeoutMs = 15_000): Promise<RunningAgent> {
  if (!existsSync(AGENT_MAIN)) throw new Error("the agent is not built: pnpm build");
  const port = options.port ?? (await freePort());
  const home = mkdtempSync(join(tmpdir(), "eglantine-agent-"));
  const host = options.host ?? "127.0.0.1";
  const where = ["--display", options.display, "--host", host, "--port", String(port)];
  const argv = [process.execPath, AGENT_MAIN, "serve", ...where];
  const agent = new Process(options.within?.(argv) ?? argv, {
    env: { ENABLE_BASIC_AUTH: "false", XDG_RUNTIME_DIR: home, ...options.env },
  });
  const url = `http://${host}:${port}`;
  const close = async () => {
    await agent.close();
    rmSync(home, { recursive: true, force: true });
  };
  try {
    await untilAnswer(`${url}/health`, 200, { server: agent, limitMs: timeoutMs });
  } catch (error) {
    await close();
    throw error;
  }
  return { url, port, pid: agent.pid, log: () => agent.log(), allLines: () => agent.allLines(), close };
}

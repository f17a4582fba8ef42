// The built agent on an existing X display, as operators and third-party tools drive it headless:
// `node apps/agent/dist/main.js serve`. Its page is opened by bench/ and e2e/ with browser.ts.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Process } from "./processes.ts";

/** EGLANTINE_AGENT in the environment: another build, to compare two. */
export const AGENT_MAIN =
  process.env["EGLANTINE_AGENT"] ?? fileURLToPath(new URL("../../apps/agent/dist/main.js", import.meta.url));

export interface AgentOptions {
  /** ":80" */
  readonly display: string;
  readonly port: number;
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunningAgent {
  /** "http://127.0.0.1:25000" */
  readonly url: string;
  readonly pid: number;
  log(): string;
  close(): Promise<void>;
}

/** Resolves when `/health` says that a viewer may connect, within `timeoutMs`. */
export async function startAgent(options: AgentOptions, timeoutMs = 15_000): Promise<RunningAgent> {
  if (!existsSync(AGENT_MAIN)) throw new Error("the agent is not built: pnpm build");
  const home = mkdtempSync(join(tmpdir(), "eglantine-agent-"));
  const where = ["--display", options.display, "--host", "127.0.0.1", "--port", String(options.port)];
  const agent = new Process([process.execPath, AGENT_MAIN, "serve", ...where], {
    env: { ENABLE_BASIC_AUTH: "false", XDG_RUNTIME_DIR: home, ...options.env },
  });
  const url = `http://127.0.0.1:${options.port}`;
  const close = async () => {
    await agent.close();
    rmSync(home, { recursive: true, force: true });
  };
  try {
    await untilHealthy(`${url}/health`, agent, timeoutMs);
  } catch (error) {
    await close();
    throw error;
  }
  return { url, pid: agent.pid, log: () => agent.log(), close };
}

/** Asks until the answer is 200. A refused connection only means that it is not there yet. */
export async function untilHealthy(url: string, server: Process, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let last = "no answer";
  for (;;) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(1000) });
      await response.arrayBuffer();
      if (response.ok) return;
      last = `status ${response.status}`;
    } catch (error) {
      last = String((error as Error).cause ?? error);
    }
    if (Date.now() > deadline) throw new Error(`${url}: ${last} after ${timeoutMs} ms:\n${server.log()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

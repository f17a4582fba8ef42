// `npm start`: installs what is missing, starts a session (../rootfs/usr/bin/eglantine-session) with the agent of this tree, waits until a
// viewer may connect, opens the client. Ctrl+C ends all of it, a second one at once. Plain JavaScript for any Node from 18.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { findElectron } from "./electron.mjs";
import { InstallError, install, ROOT } from "./install.mjs";
import { isFree, nextFree } from "./ports.mjs";
import { killSession } from "./session-tree.mjs";
import { isHttps, passwordState, readArguments, USAGE } from "./start-options.mjs";

const FIRST_PORT = 8080;
const READY_WITHIN_MS = 60_000;
const KEPT_LINES = 30;
/** Within this time a second signal is the first one again: the terminal sends Ctrl+C to this process, and npm passes its own on. */
const SAME_SIGNAL_MS = 500;

/** What went wrong, for the person at the prompt: printed without a stack. */
class StartError extends Error {}

/**
 * @param {string} host
 * @param {string | undefined} wanted by flag or environment
 */
async function choosePort(host, wanted) {
  if (wanted !== undefined) {
    const port = Number(wanted);
    if (!Number.isInteger(port) || port < 1 || port > 65535) throw new StartError(`--port ${wanted}: not a port`);
    if (!(await isFree(host, port)))
      throw new StartError(`Port ${port} on ${host} is taken (TCP or UDP): choose another with --port.`);
    return port;
  }
  const port = await nextFree(host, FIRST_PORT);
  if (port === undefined)
    throw new StartError(`No free port on ${host} from ${FIRST_PORT} on: choose one with --port.`);
  return port;
}

/**
 * The supervised session as one process; its output is kept for error messages.
 * @param {{ args: readonly string[], env: NodeJS.ProcessEnv, verbose: boolean }} options
 */
function startSession({ args, env, verbose }) {
  const program = join(ROOT, "image/rootfs/usr/bin/eglantine-session");
  // A session of its own, since Ctrl+C reaches the whole foreground group and this script ends it in order; and should this script be
  // killed, the kernel tells the session to end.
  const child = spawn("setpriv", ["--pdeathsig", "TERM", program, ...args], {
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  /** @type {string[]} */
  const lines = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      if (verbose) console.log(line);
    });
  }
  const ended = new Promise((resolve) => {
    child.once("error", (error) => {
      lines.push(error.message);
      resolve(undefined);
    });
    child.once("exit", resolve);
  });
  let isOver = false;
  void ended.then(() => (isOver = true));
  return {
    ended,
    isOver: () => isOver,
    /** @param {string} runDir */
    kill: async (runDir) => {
      if (!isOver && child.pid !== undefined) await killSession(child.pid, runDir);
    },
    lastLines: () => lines.join("\n"),
    close: async () => {
      if (!isOver) child.kill("SIGTERM");
      await ended;
    },
  };
}

/**
 * @param {string} url http or https; any certificate will do, since this is the agent just started here
 * @returns {Promise<number | undefined>} undefined: no answer
 */
function statusOf(url) {
  const get = url.startsWith("https:") ? https.get : http.get;
  return new Promise((resolve) => {
    const request = get(url, { rejectUnauthorized: false, timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.once("timeout", () => request.destroy());
    request.once("error", () => resolve(undefined));
    request.once("close", () => resolve(undefined));
  });
}

/**
 * Asks until the answer is 200.
 * @param {string} url
 * @param {() => boolean} isPointless
 */
async function untilReady(url, isPointless) {
  const endMs = Date.now() + READY_WITHIN_MS;
  while (Date.now() < endMs && !isPointless()) {
    if ((await statusOf(url)) === 200) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

/** Where the run directory goes: the user's own place for such things, when there is one that can be written to. */
function baseFolder() {
  const own = process.env["XDG_RUNTIME_DIR"];
  if (own === undefined || own === "") return tmpdir();
  try {
    accessSync(own, constants.W_OK | constants.X_OK);
    return statSync(own).isDirectory() ? own : tmpdir();
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === undefined) throw error;
    return tmpdir();
  }
}

/**
 * Opens the client's window.
 * @param {string} binary Electron
 * @param {NodeJS.ProcessEnv} env
 */
function startClient(binary, env) {
  const args = [...(process.getuid?.() === 0 ? ["--no-sandbox"] : []), join(ROOT, "apps/client")];
  const child = spawn(binary, args, { stdio: ["ignore", "ignore", "inherit"], env });
  /** @type {Promise<string | undefined>} undefined: its window was closed; else why there is none */
  const ended = new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(code === 0 ? undefined : `ended with ${signal ?? code}`));
  });
  return { ended, kill: (/** @type {NodeJS.Signals} */ signal) => child.kill(signal) };
}

/** @param {string} runDir the agent's own last lines, where it came so far */
function agentLog(runDir) {
  try {
    return readFileSync(join(runDir, "log/agent/current"), "utf8").trimEnd().split("\n").slice(-KEPT_LINES).join("\n");
  } catch (error) {
    return `no log of the agent (${/** @type {NodeJS.ErrnoException} */ (error).code})`;
  }
}

/** @param {ReturnType<typeof readArguments>} options */
async function start({ values, switches, agentArguments }) {
  const { node, env: toolsEnv } = install();
  const host = values.get("host") ?? (process.env["EGLANTINE_HOST"] || "127.0.0.1");
  const port = await choosePort(
    host,
    values.get("port") ?? (process.env["EGLANTINE_PORT"] || process.env["SELKIES_PORT"] || undefined),
  );
  const display = values.get("display");
  const ownRunDir = process.env["EGLANTINE_RUN_DIR"] ? undefined : mkdtempSync(join(baseFolder(), "eglantine-"));
  const runDir = ownRunDir ?? process.env["EGLANTINE_RUN_DIR"] ?? "";
  const passwords = passwordState(process.env, agentArguments);
  const password = passwords === "unset" ? randomBytes(9).toString("base64url") : undefined;

  const args = ["--host", host, "--port", String(port), ...agentArguments];
  if (display !== undefined) args.unshift("--display", display);
  const desktop = values.get("desktop");
  if (desktop !== undefined) args.unshift("--desktop", desktop);
  const session = startSession({
    args,
    verbose: switches.has("verbose"),
    env: {
      ...process.env,
      EGLANTINE_RUN_DIR: runDir,
      // Not the user's own home: a desktop here must not change the settings of the desktop there.
      EGLANTINE_HOME: process.env["EGLANTINE_HOME"] || join(ROOT, ".run/home"),
      EGLANTINE_NODE: node,
      ...(password === undefined ? {} : { BASIC_AUTH_PASSWORD: password }),
    },
  });

  let isEnding = false;
  /** @type {ReturnType<typeof startClient> | undefined} */
  let client;
  const asked = new Promise((resolve) => {
    let askedMs = 0;
    const onSignal = () => {
      if (askedMs === 0) {
        askedMs = performance.now();
        if (!isEnding)
          console.log("\nEnding the desktop; programs have a few seconds to save. Ctrl+C again ends it at once.");
        isEnding = true;
        resolve(undefined);
      } else if (performance.now() - askedMs > SAME_SIGNAL_MS) {
        console.log("\nEnding the desktop at once.");
        client?.kill("SIGKILL");
        void session.kill(runDir);
      }
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, onSignal);
  });
  try {
    console.log(display === undefined ? "Starting the desktop" : `Streaming ${display}`);
    const shownHost = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
    const scheme = isHttps(process.env, agentArguments) ? "https" : "http";
    const url = `${scheme}://${shownHost.includes(":") ? `[${shownHost}]` : shownHost}:${port}/`;
    if (!(await untilReady(`${url}health`, () => isEnding || session.isOver()))) {
      if (isEnding) return;
      const what = session.isOver()
        ? "The session ended at once"
        : `Nobody could connect within ${READY_WITHIN_MS / 1000} s`;
      throw new StartError(`${what}. Its last lines:\n${session.lastLines()}\n\nThe agent's:\n${agentLog(runDir)}`);
    }
    const user = process.env["BASIC_AUTH_USER"] || process.env["SELKIES_BASIC_AUTH_USER"] || "user";
    const electron = switches.has("no-open") ? { why: "--no-open" } : findElectron(ROOT, process.env, display);
    const lines = [`  address   ${url}`];
    if (passwords !== "none") lines.push(`  user      ${user}`, `  password  ${password ?? "the one you set"}`);
    console.log(`\nThe desktop is ready.\n\n${lines.join("\n")}\n`);
    /** @type {string | undefined} why there is no window */
    let why;
    if ("binary" in electron) {
      client = startClient(electron.binary, {
        ...toolsEnv,
        EGLANTINE_CONNECT_URL: url,
        EGLANTINE_CONNECT_USER: user,
        ...(password === undefined ? {} : { EGLANTINE_CONNECT_PASSWORD: password }),
      });
      console.log("The client opens in a window of its own; closing it ends the desktop, and so does Ctrl+C.");
      const other = Promise.race([asked, session.ended]).then(() => undefined);
      why = await Promise.race([other, client.ended]);
    } else {
      why = electron.why;
    }
    if (why !== undefined && !isEnding) {
      const reason = why === "--no-open" ? "Open" : `The desktop application cannot open (${why}); open`;
      console.log(`${reason} the address in a browser: it is the same client. Ctrl+C ends the desktop.`);
      if (client !== undefined) console.log(lines.join("\n"));
      await Promise.race([asked, session.ended]);
    }
    if (session.isOver() && !isEnding)
      throw new StartError(`The session has ended. Its last lines:\n${session.lastLines()}`);
  } finally {
    isEnding = true;
    client?.kill("SIGTERM");
    await session.close();
    if (ownRunDir !== undefined) rmSync(ownRunDir, { recursive: true, force: true });
  }
}

try {
  const options = readArguments(process.argv.slice(2));
  if (options.switches.has("help")) console.log(USAGE);
  else await start(options);
  process.exit(0);
} catch (error) {
  if (!(error instanceof StartError || error instanceof InstallError || error instanceof RangeError)) throw error;
  console.error(error.message);
  process.exit(1);
}

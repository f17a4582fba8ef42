// Lets `ssh` ask its user through the application: a socket that nobody else can open, and a script for SSH_ASKPASS that brings each question
// there (`askpass-program.ts`). From `ssh-route.ts`; the questions go to `questions.ts` by way of `prompt.ts`.

import { randomBytes, timingSafeEqual } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { z } from "zod";
import type { Question } from "../../shared/questions.ts";
import type { Answer } from "../questions.ts";
import { readPrompt } from "./prompt.ts";

export interface AskpassQuestion {
  readonly token: string;
  readonly prompt: string;
  readonly hint: string | undefined;
}

/** Without an answer: declined. */
export interface AskpassAnswer {
  readonly answer?: string;
}

export interface AskpassOptions {
  /** The application's own, for one tunnel; nobody else may enter it. */
  readonly folder: string;
  /** What runs `askpass-program.ts`: program and arguments. */
  readonly program: readonly [string, ...string[]];
  readonly platform: NodeJS.Platform;
  readonly ask: (question: Question, signal: AbortSignal) => Promise<Answer>;
  /** The user declined: `ssh` need not go on with other ways. */
  readonly declined: (question: Question) => void;
}

const QUESTION_BYTES_MAX = 16 * 1024;

const questionSchema = z.object({
  token: z.string(),
  prompt: z.string(),
  hint: z.string().optional(),
});

export class Askpass {
  readonly #options: AskpassOptions;
  readonly #token = randomBytes(32).toString("hex");
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Prompts that were answered with a secret: one that comes again was answered wrongly. */
  readonly #answered = new Set<string>();
  readonly #path: string;

  private constructor(options: AskpassOptions) {
    this.#options = options;
    this.#path =
      options.platform === "win32"
        ? `\\\\.\\pipe\\eglantine-askpass-${randomBytes(16).toString("hex")}`
        : join(options.folder, "ask");
    this.#server = createServer((socket) => void this.#serve(socket));
  }

  static async start(options: AskpassOptions): Promise<Askpass> {
    const askpass = new Askpass(options);
    await new Promise<void>((resolve, reject) => {
      askpass.#server.once("error", reject);
      askpass.#server.listen(askpass.#path, resolve);
    });
    return askpass;
  }

  /** For the environment of `ssh`. */
  get environment(): Readonly<Record<string, string>> {
    const { folder, program, platform } = this.#options;
    const windows = platform === "win32";
    const script = join(folder, windows ? "askpass.cmd" : "askpass");
    const quoted = program.map((word) => (windows ? `"${word}"` : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
    writeFileSync(script, windows ? `@${quoted} %*\r\n` : `#!/bin/sh\nexec ${quoted} "$@"\n`, { mode: 0o700 });
    return {
      SSH_ASKPASS: script,
      SSH_ASKPASS_REQUIRE: "force",
      EGLANTINE_ASKPASS: this.#path,
      EGLANTINE_ASKPASS_TOKEN: this.#token,
    };
  }

  /** Another connection begins: nothing was answered yet. */
  startAfresh(): void {
    this.#answered.clear();
  }

  /** Idempotent. What is being asked is declined. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(socket: Socket): Promise<void> {
    this.#sockets.add(socket);
    const gone = new AbortController();
    socket.on("error", () => gone.abort());
    socket.on("close", () => {
      this.#sockets.delete(socket);
      gone.abort();
    });
    const line = await firstLine(socket);
    const answer = line === undefined ? undefined : await this.#answer(line, gone.signal);
    socket.end(JSON.stringify(answer === undefined ? {} : { answer }));
  }

  async #answer(line: string, signal: AbortSignal): Promise<string | undefined> {
    const asked = questionSchema.safeParse(parsed(line)).data;
    if (asked === undefined || !this.#isOurs(asked.token)) return undefined;
    const hint = asked.hint === "confirm" || asked.hint === "none" ? asked.hint : undefined;
    const question = readPrompt(asked.prompt, hint, this.#answered.has(asked.prompt));
    const answer = await this.#options.ask(question, signal);
    const yes = question.kind === "ssh-host-key" || question.kind === "ssh-confirm";
    if (yes && answer === "accept") return "yes";
    if (!yes && typeof answer === "object") {
      this.#answered.add(asked.prompt);
      return answer.secret;
    }
    // The prompt of a security key ends by itself.
    if (!signal.aborted && question.kind !== "ssh-touch") this.#options.declined(question);
    return yes ? "no" : undefined;
  }

  #isOurs(token: string): boolean {
    const [given, own] = [Buffer.from(token), Buffer.from(this.#token)];
    return given.length === own.length && timingSafeEqual(given, own);
  }
}

/** Undefined when there is none, or one that is too long. */
function firstLine(socket: Socket): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = "";
    socket.setEncoding("utf8");
    socket.on("close", () => resolve(undefined));
    socket.on("data", (piece: string) => {
      text += piece;
      const end = text.indexOf("\n");
      if (end >= 0) resolve(text.slice(0, end));
      else if (text.length > QUESTION_BYTES_MAX) resolve(undefined);
    });
  });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

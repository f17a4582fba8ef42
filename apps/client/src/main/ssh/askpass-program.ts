// The program that `ssh` starts to ask its user (SSH_ASKPASS in ssh(1)): carries the question to the application (`askpass.ts`) and prints the
// answer. It is the application itself, started with EGLANTINE_ASKPASS set: see `main.ts`.

import { createConnection } from "node:net";
import { text } from "node:stream/consumers";
import type { AskpassAnswer, AskpassQuestion } from "./askpass.ts";

/** Resolves to the exit code: 0 and the answer written, or 1 for a question that the user declined. */
export async function askpass(
  environment: Readonly<Record<string, string | undefined>>,
  prompt: string,
  write: (answer: string) => void,
): Promise<number> {
  const socket = createConnection(environment["EGLANTINE_ASKPASS"] ?? "");
  const question: AskpassQuestion = {
    token: environment["EGLANTINE_ASKPASS_TOKEN"] ?? "",
    prompt,
    hint: environment["SSH_ASKPASS_PROMPT"],
  };
  socket.write(`${JSON.stringify(question)}\n`);
  const reply = await text(socket);
  // The application is gone, or takes us for somebody else.
  if (reply === "") return 1;
  const { answer } = JSON.parse(reply) as AskpassAnswer;
  if (answer === undefined) return 1;
  write(`${answer}\n`);
  return 0;
}

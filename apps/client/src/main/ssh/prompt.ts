// What `ssh` asks, told from its words: it asks in English, and has no other way to say what it wants. PURE. From `askpass.ts`, to the user.

import type { Question } from "../../shared/questions.ts";

/** SSH_ASKPASS_PROMPT of OpenSSH 8.4 and newer: `confirm` wants a yes, `none` nothing. */
export type PromptHint = "confirm" | "none" | undefined;

/** Shown as it came: control characters could draw what is not there. */
const PROMPT_CHARS_MAX = 1000;

export function readPrompt(text: string, hint: PromptHint, again: boolean): Question {
  // Line breaks separate the parts of a question about a host key.
  const prompt = text
    .replaceAll(/[^\P{C}\n]/gu, "")
    .trim()
    .slice(0, PROMPT_CHARS_MAX);
  if (hint === "none") return { kind: "ssh-touch", prompt };
  const fingerprint = /key fingerprint is:?\s*(SHA256:[A-Za-z0-9+/=]+|MD5:[0-9a-f:]+)/.exec(prompt)?.[1];
  if (fingerprint !== undefined && /\(yes\/no/.test(prompt)) {
    const [, host = "", keyType = ""] =
      /authenticity of host '([^']*)'[\s\S]*?\n([A-Z0-9-]+) key fingerprint/.exec(prompt) ?? [];
    return { kind: "ssh-host-key", host, keyType, fingerprint };
  }
  if (hint === "confirm" || /\(yes\/no/.test(prompt)) return { kind: "ssh-confirm", prompt };
  const key = /^Enter passphrase for (?:key )?'?(.*?)'?: ?$/.exec(prompt)?.[1];
  if (key !== undefined) return { kind: "ssh-passphrase", key, again };
  // "ann@host's password:" and, asked by the server, "(ann@host) Password:".
  const account = /^(\S+)'s password:$/.exec(prompt)?.[1] ?? /^\((\S+)\) [Pp]assword: ?$/.exec(prompt)?.[1];
  if (account !== undefined) return { kind: "ssh-password", account, again };
  return { kind: "ssh-secret", prompt, again };
}

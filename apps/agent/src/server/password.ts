// The password that the agent makes when none is set: random, kept in the run directory, so that a restarted agent
// has the same one. Used by `agent.ts`.

import { randomInt } from "node:crypto";
import { constants, closeSync, fchmodSync, lstatSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { codeOf, messageOf, StartError } from "../errors.ts";

/** Without 0 O 1 l I and vowels: read aloud and typed without mistakes, and no words. 28 of them are 134 bits. */
const ALPHABET = "bcdfghjkmnpqrstvwxyz23456789";
const GROUPS = 7;
const GROUP_CHARS = 4;

export interface KeptPassword {
  readonly password: string;
  readonly file: string;
  /** True when it was made now: it is shown to the user once. */
  readonly made: boolean;
}

/** Throws StartError when the directory is not ours alone or can't be written. */
export function keptPassword(runDir: string): KeptPassword {
  const file = join(runDir, "password");
  try {
    makePrivate(runDir);
    const known = readKept(file);
    if (known !== undefined) return { password: known, file, made: false };
    const password = randomPassword();
    const handle = openSync(
      file,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
      0o600,
    );
    try {
      fchmodSync(handle, 0o600);
      writeFileSync(handle, `${password}\n`);
    } finally {
      closeSync(handle);
    }
    return { password, file, made: true };
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`EGLANTINE_RUN_DIR: no password can be kept in ${runDir}: ${messageOf(error)}`);
  }
}

export function randomPassword(): string {
  const group = () => Array.from({ length: GROUP_CHARS }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
  return Array.from({ length: GROUPS }, group).join("-");
}

function makePrivate(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const found = lstatSync(directory);
  if (!found.isDirectory() || found.uid !== (process.getuid?.() ?? found.uid)) {
    throw new StartError(`EGLANTINE_RUN_DIR: ${directory} belongs to somebody else`);
  }
}

function readKept(file: string): string | undefined {
  let handle: number;
  try {
    handle = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    const text = readFileSync(handle, "utf8").trim();
    if (text === "") throw new StartError(`${file} is empty: remove it, and a new password is made`);
    return text;
  } finally {
    closeSync(handle);
  }
}

// The password that the agent makes when none is set: random, kept in the run directory, so that a restarted agent
// has the same one. Used by `agent.ts`.

import { randomInt } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  type Stats,
  writeFileSync,
} from "node:fs";
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

/** Whatever lets the group or others in. */
const NOT_PRIVATE = 0o077;

/** Throws StartError when the directory or the file is not ours alone, or can't be written. Makes both, private, if missing. */
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
  if (!found.isDirectory()) throw new StartError(`EGLANTINE_RUN_DIR: ${directory} is no directory`);
  if (!isOurs(found)) throw new StartError(`EGLANTINE_RUN_DIR: ${directory} belongs to somebody else`);
  if ((found.mode & NOT_PRIVATE) !== 0) {
    throw new StartError(
      `EGLANTINE_RUN_DIR: others may look into ${directory}, and the password is kept there: chmod 0700 ${directory}`,
    );
  }
}

function isOurs({ uid }: Stats): boolean {
  return uid === (process.getuid?.() ?? uid);
}

function readKept(file: string): string | undefined {
  let handle: number;
  try {
    handle = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    const found = fstatSync(handle);
    if (!found.isFile() || !isOurs(found) || (found.mode & NOT_PRIVATE) !== 0) {
      throw new StartError(`${file} is no file of this user alone: remove it, and a new password is made`);
    }
    const text = readFileSync(handle, "utf8").trim();
    if (text === "") throw new StartError(`${file} is empty: remove it, and a new password is made`);
    return text;
  } finally {
    closeSync(handle);
  }
}

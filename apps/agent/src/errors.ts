// Errors that are expected: each carries what the user is told and the exit code of the process. Anything else is a bug.

/** The user asked for something that can't be: a bad flag, a bad value, two options that exclude each other. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly exitCode = 2;
}

/** The agent can't start as asked: the port is taken, a certificate can't be read. */
export class StartError extends Error {
  override readonly name = "StartError";
  readonly exitCode = 1;
}

/** Exit code after a bug, EX_SOFTWARE of sysexits.h. The supervisor starts the agent again. */
export const BUG_EXIT_CODE = 70;

/** What a caught value says, for a log field or a sentence. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The system's code of an error (EADDRINUSE, ENOENT, …), or undefined. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

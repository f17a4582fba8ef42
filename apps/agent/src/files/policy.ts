// Which way a viewer's files may go. Pure. Worked out from the options by `files.ts`, told in the agent's `hello`.

export const FILES_WAYS = ["both", "up", "down", "off"] as const;
export type FilesWays = (typeof FILES_WAYS)[number];

export interface FilesPolicy {
  /** To the desktop. */
  readonly up: boolean;
  readonly down: boolean;
  /** Of the desktop, as its user would name it. */
  readonly folder: string;
}

export const NO_FILES: FilesPolicy = { up: false, down: false, folder: "" };

/** Who may only watch neither puts anything in nor takes anything out. */
export const policyOf = (ways: FilesWays, folder: string, viewOnly: boolean): FilesPolicy => ({
  up: !viewOnly && (ways === "both" || ways === "up"),
  down: !viewOnly && (ways === "both" || ways === "down"),
  folder,
});

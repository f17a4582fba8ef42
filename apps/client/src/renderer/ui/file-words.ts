// What is said of files on their way. PURE. Used by `files-panel.tsx`.

import type { FileQueueState, MovingFile } from "../files/file-queue.ts";
import type { Text } from "../messages/areas.ts";
import type { Formats } from "../messages/number-formats.ts";
import type { Sentence } from "../messages/said.ts";

/** The user's language. */
interface Tongue {
  readonly t: Text<"files">;
  readonly say: (sentence: Sentence) => string;
  readonly formats: Formats;
}

export function fileWords({ sizeBytes, bytes, state, trouble }: MovingFile, { t, say, formats }: Tongue): string {
  const [all, some] = [formats.bytes(sizeBytes), formats.bytes(bytes)];
  switch (state) {
    case "waiting":
      return bytes > 0 ? t("waits-some", { some, all }) : t("waits", { all });
    case "moving":
      return t("moving", { some, all });
    case "paused":
      return trouble === undefined ? t("paused", { some, all }) : t("paused-why", { some, all, why: say(trouble) });
    case "asking":
      return t("asking");
    case "done":
      return t("complete", { all });
    case "failed":
      return trouble === undefined ? t("not-arrived") : say(trouble);
  }
}

export function queueWords(
  { shown, hidden, left, done }: FileQueueState,
  { t, formats }: Pick<Tongue, "t" | "formats">,
): string {
  if (shown.length === 0) return "";
  const failed = shown.filter(({ state }) => state === "failed").length;
  const parts = [
    left > 0 ? t("on-the-way", { count: left }) : "",
    done > 0 ? t("count-complete", { count: done }) : "",
    failed > 0 ? t("count-failed", { count: failed }) : "",
    hidden > 0 ? t("count-hidden", { count: hidden }) : "",
  ].filter((part) => part !== "");
  return t("queue", { parts: formats.listed(parts) });
}

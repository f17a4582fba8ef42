// What is said of files on their way. Pure. Used by `files-panel.tsx`.

import type { FileQueueState, MovingFile } from "../files/file-queue.ts";
import { sizeIn } from "./clipboard-words.ts";

export function fileWords({ sizeBytes, bytes, state, trouble }: MovingFile): string {
  const [all, some] = [sizeIn(sizeBytes), sizeIn(bytes)];
  switch (state) {
    case "waiting":
      return bytes > 0 ? `Waits, ${some} of ${all}` : `Waits, ${all}`;
    case "moving":
      return `${some} of ${all}`;
    case "paused":
      return trouble === undefined ? `Paused, ${some} of ${all}` : `Paused, ${some} of ${all}. ${trouble}`;
    case "asking":
      return "Waits for your answer";
    case "done":
      return `${all}, complete and checked`;
    case "failed":
      return trouble ?? "It did not arrive.";
  }
}

export function queueWords({ shown, hidden, left, done }: FileQueueState): string {
  if (shown.length === 0) return "";
  const failed = shown.filter(({ state }) => state === "failed").length;
  const parts = [
    left > 0 ? `${left} on the way` : "",
    done > 0 ? `${done} complete` : "",
    failed > 0 ? `${failed} failed` : "",
    hidden > 0 ? `${hidden} not shown` : "",
  ].filter((part) => part !== "");
  return `${parts.join(", ")}.`;
}

// What the checks that ask `eglantine-probe` say when it has no answer.

import type { NoAnswer } from "../probe.ts";
import type { Finding } from "../types.ts";

export function withoutProbe({ why, missing }: NoAnswer): Finding {
  if (missing) {
    return {
      verdict: "skip",
      seen: why,
      means: "It comes with the image, and can be built beside the sources; without it this was not looked at",
      fix: "make -C image/graphics",
    };
  }
  return {
    verdict: "fail",
    seen: why,
    means: "A graphics driver hangs or crashes when a program loads it",
    fix: "the rows above say which driver this is; eglantine-probe prints the same by hand",
  };
}

// Check that measures: the encoder's time for a picture at 1920x1080, on an X server of its own, beside x264 in the same minute, which is what
// software looks like here.

import { FORMATS } from "@eglantine/protocol/formats";
import { createLog } from "../../log.ts";
import { loadNativeAddon, NativeAddonError } from "../../video/native.ts";
import { createVideoPipeline } from "../../video/pipeline.ts";
import type { AccessUnit } from "../../video/types.ts";
import { startMovingScreen } from "../moving-screen.ts";
import { findProgram } from "../program.ts";
import type { Check, Finding } from "../types.ts";

const SIZE = { widthPx: 1920, heightPx: 1080 };
const SOFTWARE = "x264enc";
const FRAMES_PER_SECOND = 60;
const BITRATE_BPS = 10_000_000;
/** The first ones are larger than the others. */
const WARM_UP = 10;
const PICTURES = 45;
const EACH_MS = 12_000;

export const encoderTime: Check = {
  name: "encoder-time",
  group: "measured",
  title: "Time for a picture",
  doc: "The encoder that viewers get, at 1920x1080 with half of it moving: ms a picture, beside x264's.",
  limitMs: 40_000,
  alone: true,
  run: async (place, signal) => {
    const program = findProgram("Xvnc", place.environment());
    if (program === undefined) {
      return {
        verdict: "skip",
        seen: "Xvnc is not installed",
        means: "There is no X server to measure on without disturbing the desktop",
        fix: "install the Debian package tigervnc-standalone-server",
      };
    }
    try {
      loadNativeAddon();
    } catch (error) {
      if (!(error instanceof NativeAddonError)) throw error;
      return { verdict: "skip", seen: error.message, means: "There is nothing to measure: see “Video encoders”" };
    }
    const screen = await startMovingScreen({ program, ...SIZE, env: place.environment(), signal });
    try {
      const own = await measure(screen.display, place.config.encoder, signal);
      const software =
        "why" in own || own.encoder === SOFTWARE ? undefined : await measure(screen.display, SOFTWARE, signal);
      return judgeTime(own, software, place.config.framesPerSecond);
    } finally {
      await screen.close();
    }
  },
};

export type Measured = { readonly encoder: string; readonly ms: number } | { readonly why: string };

/** `software`: the scale; undefined: what was measured is software itself, or nothing. */
export function judgeTime(own: Measured, software: Measured | undefined, framesPerSecond: number): Finding {
  if ("why" in own) {
    return { verdict: "fail", seen: own.why, means: "There is no picture to measure: see “Video encoders”" };
  }
  const frameMs = 1000 / framesPerSecond;
  const scale = software === undefined || "why" in software ? undefined : software;
  const seen = `${own.encoder} ${own.ms.toFixed(1)} ms${scale === undefined ? "" : `; software (${scale.encoder}) ${scale.ms.toFixed(1)} ms`}`;
  const figures = {
    encodeMs: own.ms,
    ...(scale === undefined
      ? own.encoder === SOFTWARE
        ? { softwareEncodeMs: own.ms }
        : {}
      : { softwareEncodeMs: scale.ms }),
  };
  if (own.ms > frameMs) {
    return {
      verdict: "warn",
      seen,
      means: `Longer than a picture may take at ${framesPerSecond} a second (${frameMs.toFixed(1)} ms): viewers get fewer of them`,
      fix: "more processors (docker run --cpus 4), REFRESH=30, a smaller desktop (EGLANTINE_MAX_SIZE=1920x1080), or a GPU that encodes",
      figures,
    };
  }
  const means =
    scale === undefined
      ? `This is what software looks like; a picture may take ${frameMs.toFixed(1)} ms at ${framesPerSecond} a second`
      : `${(scale.ms / Math.max(own.ms, 0.01)).toFixed(1)} times as fast as software; a picture may take ${frameMs.toFixed(1)} ms`;
  return { verdict: "pass", seen, means, figures };
}

/** The median of the time from pixels to an access unit, of moving pictures. */
function measure(display: string, encoder: string, signal: AbortSignal): Promise<Measured> {
  const times: number[] = [];
  let taken = encoder;
  return new Promise((resolve, reject) => {
    const done = (result: Measured): void => {
      clearTimeout(late);
      signal.removeEventListener("abort", abort);
      pipeline.close().then(() => resolve(result), reject);
    };
    const abort = (): void => done({ why: "it was broken off" });
    const late = setTimeout(
      () =>
        done(
          times.length > WARM_UP
            ? resultOf(taken, times)
            : { why: `${taken} gave ${times.length} pictures in ${EACH_MS / 1000} s` },
        ),
      EACH_MS,
    );
    signal.addEventListener("abort", abort, { once: true });
    const pipeline = createVideoPipeline(
      {
        display,
        encoder,
        formats: FORMATS,
        chroma: "420",
        framesPerSecond: FRAMES_PER_SECOND,
        bitrateBps: BITRATE_BPS,
      },
      {
        onAccessUnit: (unit) => {
          if (!counts(unit)) return;
          times.push((unit.timing.encodeUs - unit.timing.convertUs) / 1000);
          if (times.length === WARM_UP + PICTURES) done(resultOf(taken, times));
        },
        onSize: () => undefined,
        onEncoder: ({ name }) => {
          taken = name;
          times.length = 0;
        },
        onCard: () => undefined,
        onFailed: (reason) => done({ why: reason }),
      },
      createLog("silent"),
    );
  });
}

function counts({ last, keyframe, refinement }: AccessUnit): boolean {
  return last && !keyframe && !refinement;
}

function resultOf(encoder: string, times: readonly number[]): Measured {
  const sorted = times.slice(WARM_UP).toSorted((a, b) => a - b);
  return { encoder, ms: sorted[sorted.length >> 1] ?? 0 };
}

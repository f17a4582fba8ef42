// The contract of the encoder families: one file each beside this one, `select.ts` goes through them.

import type { NativeAddon, NativeEncoder } from "../native.ts";
import type { Chroma, Codec } from "../types.ts";

export interface VideoSource {
  /** The name in WEBRTC_ENCODER. */
  readonly name: string;
  readonly codec: Codec;
  /** It has 4:4:4, where the machine has it. */
  readonly chroma444: boolean;
  /** The name in the add-on. */
  readonly native: NativeEncoder;
  /** One sentence part: why this one is taken when it can be had. */
  readonly merit: string;
  /** Why it can't be had on this machine, or undefined when it can. */
  probe(addon: NativeAddon, chroma: Chroma): Promise<string | undefined>;
}

/** One that the add-on opens to see whether it can be had. */
export function nativeSource(source: Omit<VideoSource, "probe" | "chroma444"> & { chroma444?: true }): VideoSource {
  return {
    ...source,
    chroma444: source.chroma444 ?? false,
    probe: (addon, chroma) => addon.probeEncoder(source.native, chroma === "444"),
  };
}

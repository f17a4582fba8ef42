// The contract of the encoder families: one file each beside this one, `select.ts` goes through them.

import type { Codec } from "../types.ts";
import type { NativeAddon, NativeEncoder } from "../native.ts";

export interface VideoSource {
  /** The name in WEBRTC_ENCODER. */
  readonly name: string;
  readonly codec: Codec;
  /** The name in the add-on. */
  readonly native: NativeEncoder;
  /** One sentence part: why this one is taken when it can be had. */
  readonly merit: string;
  /** Why it can't be had on this machine, or undefined when it can. */
  probe(addon: NativeAddon): Promise<string | undefined>;
}

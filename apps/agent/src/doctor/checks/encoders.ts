// Check: every encoder, opened for real as for a viewer (`video/select.ts`).

import { messageOf } from "../../errors.ts";
import { loadNativeAddon, NativeAddonError } from "../../video/native.ts";
import { offers } from "../../video/select.ts";
import type { EncoderOffer } from "../../video/types.ts";
import { type Gpus, usableGpu } from "../gpu.ts";
import type { Check, Finding } from "../types.ts";

export const encoders: Check = {
  name: "encoders",
  group: "video",
  title: "Video encoders",
  doc: "Every encoder of the agent is opened for real: NVENC, VA-API and those in software.",
  limitMs: 60_000,
  run: async ({ config, gpus }) => {
    try {
      return judgeEncoders(await offers(loadNativeAddon()), gpus, config.encoder);
    } catch (error) {
      if (!(error instanceof NativeAddonError)) throw error;
      return {
        verdict: "fail",
        seen: messageOf(error),
        means: "The agent does not start: it has neither capture nor encoders",
        fix: "pnpm --filter ./apps/agent build:native, or the packages whose libraries are named here",
      };
    }
  },
};

/** On a GPU, by the name's first letters. */
const NVENC = /^nv/;
const VAAPI = /^va/;

export function judgeEncoders(found: readonly EncoderOffer[], gpus: Gpus, wanted: string): Finding {
  const details = found.map(({ name, usable, chroma444, why }) =>
    usable ? `${name}: opens${chroma444 ? ", also for 4:4:4" : ""}` : `${name}: ${why}`,
  );
  const usable = found.filter((offer) => offer.usable);
  const [best] = usable;
  if (best === undefined) {
    return {
      verdict: "fail",
      seen: "No encoder opens",
      means: "Viewers see nothing but over noVNC",
      fix: "install the software encoders (Debian packages libx264-164 libvpx7 or libvpx9)",
      details,
    };
  }
  const seen = `${best.name} first; ${usable.length} of ${found.length} open`;
  const figures = { usable: usable.length };
  const named = found.find(({ name }) => name === wanted);
  if (named?.usable === false) {
    return {
      verdict: "warn",
      seen: `WEBRTC_ENCODER is ${wanted}: ${named.why}; ${seen}`,
      means: "Another one is taken in its place",
      fix: "WEBRTC_ENCODER=auto, or what the reason asks for",
      details,
      figures,
    };
  }
  const onGpu = usable.some(({ name }) => NVENC.test(name) || VAAPI.test(name));
  if (onGpu || usableGpu(gpus) === undefined) {
    const means = onGpu ? "The GPU encodes, beside the processor" : "The processor encodes";
    return { verdict: "pass", seen, means, details, figures };
  }
  const nvidia = gpus.nvidia.length > 0;
  const first = found.find(({ name }) => (nvidia ? NVENC : VAAPI).test(name));
  return {
    verdict: "warn",
    seen: `A GPU is here, and no encoder of it opens (${first?.name}: ${first?.why}); ${seen}`,
    means:
      "The processor encodes beside an idle GPU. Some GPUs for computing (A100, H100, H200) have no encoder at all",
    fix: nvidia
      ? "NVIDIA_DRIVER_CAPABILITIES=all (its parts video and compute)"
      : "install the GPU's VA-API driver (Debian packages intel-media-va-driver, mesa-va-drivers)",
    details,
    figures,
  };
}

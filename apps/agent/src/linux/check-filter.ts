// ICE checks with the tie-breaker 0 never reach libjuice's own socket: the kernel drops them there. libjuice would refuse them with
// 400, for which Chromium gives the whole connection up before `transport/stun-relay.ts` has had its turn.
// Used by `transport/webrtc.ts`; done by native/check_filter.cc.

import { loadNativeAddon } from "../video/native.ts";

/** On every socket of this process that is bound to the port and waits for anybody. False where the system has no such filter. */
export function dropZeroTieBreakers(udpPort: number): boolean {
  return loadNativeAddon().dropZeroTieBreakers(udpPort) > 0;
}

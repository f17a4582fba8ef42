// What the browser's own offer leaves out about sound (RFC 7587 section 6.1): that this side takes stereo, and where the user wants more
// channels, Chromium's own name for Opus with several. PURE. Applied by `peer.ts` to its offer.

import type { SoundChannels } from "@eglantine/protocol/formats";

/** Streams, pairs among them, and which channel is where, in the order that browsers play: left, right, centre, LFE, the back, the sides. */
const MULTICHANNEL: Readonly<Record<6 | 8, string>> = {
  6: "channel_mapping=0,1,4,5,2,3;coupled_streams=2;minptime=10;num_streams=4;useinbandfec=1",
  8: "channel_mapping=0,1,6,7,4,5,2,3;coupled_streams=3;minptime=10;num_streams=5;useinbandfec=1",
};

export function offerSound(sdp: string, channels: SoundChannels): string {
  const opus = /^a=rtpmap:(\d+) opus\/48000\/2\r?$/im.exec(sdp)?.[1];
  if (opus === undefined) return sdp;
  const stereo = sdp.replace(new RegExp(`^(a=fmtp:${opus} )(?!.*stereo=)`, "m"), "$1stereo=1;sprop-stereo=1;");
  if (channels === 2) return stereo;
  const used = new Set([...sdp.matchAll(/^a=rtpmap:(\d+) /gm)].map(([, payloadType]) => Number(payloadType)));
  let free = 35;
  while (used.has(free)) free += 1;
  if (free > 63) return stereo;
  const lines = `a=rtpmap:${free} multiopus/48000/${channels}\r\na=fmtp:${free} ${MULTICHANNEL[channels]}\r\na=rtcp-fb:${free} transport-cc\r\n`;
  return stereo
    .replace(/^(m=audio \d+ \S+ .*?)(\r?)$/m, `$1 ${free}$2`)
    .replace(new RegExp(`^(a=rtpmap:${opus} )`, "m"), `${lines}$1`);
}

// What picture and sound can be, and which ways the picture can take: the words that `control.ts` and both programs share.
// Without zod, so that the page needs none.

/** Formats that a viewer may be able to decode; `h264-444` is the High 4:4:4 Predictive profile. */
export const FORMATS = ["h264", "h264-444", "h265", "av1", "vp8", "vp9"] as const;
export const CODECS = ["h264", "h265", "av1", "vp8", "vp9"] as const;
/** Ways that the picture can take: WebRTC, this WebSocket, the X server's own RFB. */
export const PATHS = ["webrtc", "socket", "vnc"] as const;
/** What gives way first when the network gets narrower: see the agent's `congestion/steer.ts`. */
export const PRESETS = ["balanced", "games", "text", "metered"] as const;
export const CHROMAS = ["auto", "420", "444"] as const;

/** Sound: stereo, 5.1, 7.1. */
export const SOUND_CHANNELS = [2, 6, 8] as const;

export type SoundChannels = (typeof SOUND_CHANNELS)[number];
export type Codec = (typeof CODECS)[number];
export type Format = (typeof FORMATS)[number];
export type Path = (typeof PATHS)[number];
export type Preset = (typeof PRESETS)[number];
export type ChromaWish = (typeof CHROMAS)[number];

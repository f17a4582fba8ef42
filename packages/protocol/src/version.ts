// The version rule. Both sides send `PROTOCOL_VERSION` in their `hello`; see `control.ts`.

/** Major: the two sides must agree on it. Minor: additions that the other side may ignore. */
export const PROTOCOL_VERSION = { major: 2, minor: 3 } as const;

export interface ProtocolVersion {
  readonly major: number;
  readonly minor: number;
}

/** Agents send `iceServers` to viewers from this minor version on: older ones take it for nonsense. */
export const ICE_SERVERS_SINCE_MINOR = 1;
/** The same of `clipboard` and `clipboardWanted`. */
export const CLIPBOARD_SINCE_MINOR = 2;
/** The same of `grabs`, `pen`, and feedback `pointerAt`. */
export const GRABS_SINCE_MINOR = 2;

/** Agents take the input messages `held`, `text` and `locks` from this minor version on. */
export const HELD_AND_TEXT_SINCE_MINOR = 2;

/** Agents answer a viewer's `ping` from this minor version on. */
export const PING_SINCE_MINOR = 3;

/** Agents send `gamepads` to viewers from this minor version on, and take gamepads' input. */
export const GAMEPADS_SINCE_MINOR = 2;

/** True when two sides can talk: equal majors. Unknown JSON fields and unknown minor additions are ignored. */
export function isCompatible(ours: ProtocolVersion, theirs: ProtocolVersion): boolean {
  return ours.major === theirs.major;
}

/** What the user is told when two sides can't talk: names both versions and the older side. */
export function mismatchSentence(agent: ProtocolVersion, viewer: ProtocolVersion): string {
  const older = agent.major < viewer.major ? "agent" : "client";
  return `The agent speaks version ${agent.major}.${agent.minor}, this client ${viewer.major}.${viewer.minor}: update the ${older}.`;
}

// Why a session ends: the closed list that `bye` carries, each with a sentence for the user and what to do about it.
// Shown by the client's end page; logged by the agent under the same name.

export interface ReasonDefinition {
  /** For the user: what happened. */
  readonly sentence: string;
  /** For the user: what to do about it. */
  readonly remedy: string;
  /** True when the client tries again by itself. */
  readonly retry: boolean;
}

export const REASONS = {
  "viewer-left": {
    sentence: "You left the desktop.",
    remedy: "Connect again whenever you like; it keeps running.",
    retry: false,
  },
  "auth-required": {
    sentence: "This desktop asks for a user name and a password.",
    remedy: "Enter them and connect.",
    retry: false,
  },
  "auth-failed": {
    sentence: "The user name or the password is wrong.",
    remedy: "Check both. The agent prints the password once when it starts, unless you set one.",
    retry: false,
  },
  "auth-locked": {
    sentence: "There were too many wrong passwords from your address.",
    remedy: "Wait a minute, then try again.",
    retry: false,
  },
  "version-mismatch": {
    sentence: "This client and the agent speak different versions of the protocol.",
    remedy: "Update the older of the two, or open the page that the agent itself serves.",
    retry: false,
  },
  "protocol-error": {
    sentence: "The agent received something that this client should never send, and closed the session.",
    remedy: "Reload the client; if it happens again, report it with the agent's log.",
    retry: false,
  },
  "rate-limited": {
    sentence: "The client sent more messages than a desktop needs, and the agent closed the session.",
    remedy: "Connect again; if it happens again, report it.",
    retry: false,
  },
  "not-reading": {
    sentence: "The client did not read what the agent sent it, and the agent closed the session.",
    remedy: "Connect again; if it happens again, look for what keeps the client busy or its network slow.",
    retry: true,
  },
  "origin-refused": {
    sentence: "The agent does not accept connections from this page's address.",
    remedy: "Open the agent's own page, or name this origin in EGLANTINE_ALLOWED_ORIGINS.",
    retry: false,
  },
  "too-many-viewers": {
    sentence: "The desktop has as many viewers as it accepts.",
    remedy: "Close another one, or raise EGLANTINE_MAX_VIEWERS.",
    retry: false,
  },
  "hello-timeout": { sentence: "The client did not introduce itself in time.", remedy: "Try again.", retry: true },
  "no-common-codec": {
    sentence: "The agent and this client have no video format in common.",
    remedy: "Use a browser that decodes H.264 in WebRTC: Chromium, Chrome, Edge, Safari or Firefox with OpenH264.",
    retry: false,
  },
  "media-failed": {
    sentence: "The picture could not be sent: no path for WebRTC between you and the agent was found, or it broke.",
    remedy: "Open the agent's UDP port (the same number as its TCP port) in the firewall between you.",
    retry: true,
  },
  "monitor-refused": {
    sentence: "This window's monitor could not be added to the desktop.",
    remedy: "Open it again from the toolbar of the desktop's first window, which must be connected.",
    retry: false,
  },
  "first-window-left": {
    sentence: "The desktop's first window has left, and its further monitors with it.",
    remedy: "Connect again in the first window, then try again here.",
    retry: false,
  },
  "display-lost": {
    sentence: "The desktop's X server went away.",
    remedy: "It is started again by itself; the client keeps trying.",
    retry: true,
  },
  "agent-closing": {
    sentence: "The agent is shutting down.",
    remedy: "Start it again; the client keeps trying.",
    retry: true,
  },
  "connection-lost": {
    sentence: "The connection to the agent broke.",
    remedy: "The client keeps trying. Check the network between you.",
    retry: true,
  },
} as const satisfies Record<string, ReasonDefinition>;

export type Reason = keyof typeof REASONS;

export const REASON_NAMES = Object.keys(REASONS) as [Reason, ...Reason[]];

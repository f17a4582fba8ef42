// The channels of one session. The WebSocket carries `control.ts` as JSON text, and, where WebRTC has no path, `socket.ts`
// as binary frames; the data channels carry binary
// messages of `input.ts` (viewer to agent) and `feedback.ts` (agent to viewer). All data channels are negotiated:
// both sides create them with the same id, and nothing is announced in band.

export interface ChannelDefinition {
  readonly id: number;
  readonly label: string;
  readonly ordered: boolean;
  /** Absent: reliable. 0: never sent again. */
  readonly maxRetransmits?: number;
  readonly direction: "viewer-to-agent" | "agent-to-viewer";
  readonly doc: string;
}

export const CHANNELS = {
  input: {
    id: 0,
    label: "input",
    ordered: true,
    direction: "viewer-to-agent",
    doc: "Keys, buttons, wheel, gamepads: everything that must arrive, in order. The peer's own first channel.",
  },
  motion: {
    id: 1,
    label: "motion",
    ordered: false,
    maxRetransmits: 0,
    direction: "viewer-to-agent",
    doc: "Motion of the pointer and of gamepads' sticks: a lost one is healed by the next, since positions and totals are absolute.",
  },
  feedback: {
    id: 2,
    label: "feedback",
    ordered: true,
    direction: "agent-to-viewer",
    doc: "Cursor shapes, rumble, answers to pings.",
  },
} as const satisfies Record<string, ChannelDefinition>;

export type ChannelName = keyof typeof CHANNELS;

/** Path of the WebSocket below the agent's URL. */
export const CONTROL_PATH = "ws";
/** Path of the RFB WebSocket below the agent's URL. */
export const VNC_PATH = "vnc";
/** Bulk bytes below the agent's URL, see transfer.ts. */
export const TRANSFER_PATH = "transfer";
/** WebSocket subprotocols of the RFB path: this one, and this prefix with a ticket of control `vnc` behind it. */
export const VNC_SUBPROTOCOL = "binary";
export const VNC_TICKET_PREFIX = "eglantine.ticket.";
/** WebSocket subprotocol of the control channel. */
export const CONTROL_SUBPROTOCOL = "eglantine.control";

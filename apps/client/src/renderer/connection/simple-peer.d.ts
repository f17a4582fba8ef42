// The part of simple-peer that `peer.ts` uses. Its published types pull in Node's; its bundle is what a page can load.
// `_pc` and `_channel` are not public: the version is pinned in the catalog.

declare module "simple-peer/simplepeer.min.js" {
  interface SignalDescription {
    readonly type: "offer" | "answer";
    readonly sdp: string;
  }

  interface SignalCandidate {
    readonly type: "candidate";
    readonly candidate: { readonly candidate: string; readonly sdpMid: string | null };
  }

  export default class SimplePeer {
    constructor(options: {
      initiator: boolean;
      trickle: boolean;
      channelName: string;
      channelConfig: RTCDataChannelInit;
      config: RTCConfiguration;
      sdpTransform?: (sdp: string) => string;
    });
    readonly _pc: RTCPeerConnection;
    readonly _channel: RTCDataChannel;
    addTransceiver(kind: string, init: RTCRtpTransceiverInit): void;
    signal(data: SignalDescription | SignalCandidate): void;
    on(event: "signal", listener: (data: SignalDescription | SignalCandidate) => void): this;
    on(event: "error", listener: (error: Error) => void): this;
    on(event: "close", listener: () => void): this;
    destroy(): void;
  }
}

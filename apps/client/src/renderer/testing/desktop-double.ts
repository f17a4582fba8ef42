// Runs inside a second browser page (handed over as source text, so it may use nothing from outside): the WebRTC side of
// `agent-double.ts`. Paints a test picture with its number in black and white blocks, answers offers with it, codes it for the
// socket path, and relays the data channels.

/** Chromium's, not in TypeScript's library (https://www.w3.org/TR/mediacapture-transform/ names it VideoTrackGenerator). */
declare class MediaStreamTrackGenerator extends MediaStreamTrack {
  constructor(init: { readonly kind: "video" });
  readonly writable: WritableStream<VideoFrame>;
}

export interface DesktopDoubleOptions {
  readonly widthPx: number;
  readonly heightPx: number;
  /** For the socket path, as WebCodecs names it. */
  readonly codec?: string;
  /** From one picture to the next; 33 without it. */
  readonly everyMs?: number;
}

export async function desktopDouble({
  widthPx,
  heightPx,
  codec = "avc1.42e01f",
  everyMs = 33,
}: DesktopDoubleOptions): Promise<void> {
  const canvas = document.createElement("canvas");
  canvas.width = widthPx;
  canvas.height = heightPx;
  document.body.append(canvas);
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("no canvas");
  let frame = 0;
  const paint = (): void => {
    frame += 1;
    const cell = 80;
    for (let y = 0; y < canvas.height; y += cell) {
      for (let x = 0; x < canvas.width; x += cell) {
        context.fillStyle = `hsl(${(x / canvas.width) * 120 + 200} 35% ${25 + (y / canvas.height) * 40}%)`;
        context.fillRect(x, y, cell, cell);
      }
    }
    for (let bit = 0; bit < 16; bit++) {
      context.fillStyle = ((frame >> bit) & 1) === 1 ? "#fff" : "#000";
      context.fillRect(bit * 32, 96, 32, 32);
    }
    // Colours to be found again on the viewer's side.
    for (const [index, colour] of ["#c0392b", "#27ae60", "#2980b9", "#808080", "#f5f5f5"].entries()) {
      context.fillStyle = colour;
      context.fillRect(index * 64, 160, 64, 64);
    }
    context.fillStyle = "#fff";
    context.font = "28px sans-serif";
    context.fillText(`frame ${frame}`, 40, 60);
  };
  let encoder: VideoEncoder | undefined;
  let wantsKeyframe = false;
  // Written frame by frame, so that each picture goes one way only: a canvas's own stream brings some later, or twice.
  const track = new MediaStreamTrackGenerator({ kind: "video" });
  const written = track.writable.getWriter();
  setInterval(() => {
    paint();
    const queued = encoder === undefined ? 1 - (written.desiredSize ?? 0) : encoder.encodeQueueSize;
    if (queued > 2) return;
    const picture = new VideoFrame(canvas, { timestamp: frame * everyMs * 1000 });
    if (encoder === undefined) {
      void written.write(picture);
      return;
    }
    encoder.encode(picture, { keyFrame: wantsKeyframe });
    wantsKeyframe = false;
    picture.close();
  }, everyMs);
  paint();

  const socket = new WebSocket(new URL("/desktop-signals", location.href.replace(/^http/, "ws")));
  socket.binaryType = "arraybuffer";
  let connection: RTCPeerConnection | undefined;
  let feedback: RTCDataChannel | undefined;
  let early: RTCIceCandidateInit[] = [];

  const answer = async (sdp: string, number: number): Promise<void> => {
    connection?.close();
    const peer = new RTCPeerConnection();
    connection = peer;
    const relay = (id: number, label: string, init: RTCDataChannelInit): RTCDataChannel => {
      const channel = peer.createDataChannel(label, { negotiated: true, id, ...init });
      channel.binaryType = "arraybuffer";
      channel.addEventListener("message", ({ data }: MessageEvent<ArrayBuffer>) => {
        const relayed = new Uint8Array(data.byteLength + 1);
        relayed[0] = id;
        relayed.set(new Uint8Array(data), 1);
        socket.send(relayed);
      });
      return channel;
    };
    relay(0, "input", { ordered: true });
    relay(1, "motion", { ordered: false, maxRetransmits: 0 });
    feedback = relay(2, "feedback", { ordered: true });
    peer.addEventListener("icecandidate", ({ candidate }) => {
      if (candidate === null) return;
      socket.send(
        JSON.stringify({
          type: "candidate",
          peer: number,
          candidate: candidate.candidate,
          mid: candidate.sdpMid ?? "0",
        }),
      );
    });
    peer.addTrack(track, new MediaStream([track]));
    await peer.setRemoteDescription({ type: "offer", sdp });
    await peer.setLocalDescription();
    for (const candidate of early) await peer.addIceCandidate(candidate);
    early = [];
    const { widthPx: width, heightPx: height } = { widthPx: canvas.width, heightPx: canvas.height };
    socket.send(JSON.stringify({ type: "answer", peer: number, sdp: peer.localDescription?.sdp ?? "" }));
    socket.send(JSON.stringify({ type: "display", widthPx: width, heightPx: height }));
  };

  const code = (): void => {
    encoder?.close();
    encoder = new VideoEncoder({
      output: (chunk) => {
        const coded = new Uint8Array(chunk.byteLength + 1);
        coded[0] = chunk.type === "key" ? 0x81 : 0x80;
        chunk.copyTo(coded.subarray(1));
        socket.send(coded);
      },
      error: (error) => console.error(error),
    });
    encoder.configure({
      codec,
      width: canvas.width,
      height: canvas.height,
      bitrate: 4_000_000,
      latencyMode: "realtime",
      ...(codec.startsWith("avc") ? { avc: { format: "annexb" } } : {}),
    });
    wantsKeyframe = true;
  };

  socket.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (data instanceof ArrayBuffer) {
      feedback?.send(data);
      return;
    }
    const message = JSON.parse(data) as { type: string; sdp?: string; peer?: number; path?: string } & {
      candidate?: string;
      mid?: string;
    };
    if (message.type === "offer") void answer(message.sdp ?? "", message.peer ?? 0);
    if (message.type === "keyframe") wantsKeyframe = true;
    if (message.type === "path") {
      const overSocket = message.path === "socket";
      if (overSocket) code();
      else encoder?.close();
      if (!overSocket) encoder = undefined;
    }
    if (message.type === "bye") {
      connection?.close();
      connection = undefined;
    }
    if (message.type === "candidate" && message.candidate !== "") {
      const candidate = { candidate: message.candidate ?? "", sdpMid: message.mid ?? "0" };
      if (connection?.remoteDescription) void connection.addIceCandidate(candidate);
      else early.push(candidate);
    }
  });
  await new Promise((resolve) => socket.addEventListener("open", resolve));
}

// The page of `chromium-viewer.ts`: a peer that offers, shows what it gets and keeps what arrives. Plain browser code.

const inbox = [];
let peer;
let channels = [];

async function offer(configuration) {
  peer = new RTCPeerConnection(configuration);
  peer.addTransceiver("video", { direction: "recvonly" });
  channels = [
    peer.createDataChannel("input", { negotiated: true, id: 0 }),
    peer.createDataChannel("motion", { negotiated: true, id: 1, ordered: false, maxRetransmits: 0 }),
    peer.createDataChannel("feedback", { negotiated: true, id: 2 }),
  ];
  channels[2].binaryType = "arraybuffer";
  channels[2].addEventListener("message", (event) => inbox.push([...new Uint8Array(event.data)]));
  peer.addEventListener("icecandidate", ({ candidate }) => {
    if (candidate !== null) globalThis.toAgent(candidate.candidate, candidate.sdpMid ?? "");
  });
  peer.addEventListener("track", ({ track }) => {
    document.querySelector("video").srcObject = new MediaStream([track]);
  });
  await peer.setLocalDescription();
  return peer.localDescription.sdp;
}

function accept(sdp) {
  return peer.setRemoteDescription({ type: "answer", sdp });
}

async function path() {
  const report = await peer.getStats();
  for (const entry of report.values()) {
    if (entry.type !== "transport" || entry.selectedCandidatePairId === undefined) continue;
    const pair = report.get(entry.selectedCandidatePairId);
    const [local, remote] = [report.get(pair.localCandidateId), report.get(pair.remoteCandidateId)];
    return { local: local.candidateType, remote: remote.candidateType, relayProtocol: local.relayProtocol ?? "" };
  }
  return { local: "", remote: "", relayProtocol: "" };
}

/** Sends bytes, or text, as soon as the channel is open. */
async function sendOn(id, message) {
  const channel = channels[id];
  if (channel.readyState !== "open") await new Promise((resolve) => channel.addEventListener("open", resolve));
  channel.send(typeof message === "string" ? message : Uint8Array.from(message));
}

async function inboundVideo() {
  for (const entry of (await peer.getStats()).values()) if (entry.type === "inbound-rtp") return entry;
  return {};
}

async function codec() {
  const stats = await peer.getStats();
  const { codecId } = await inboundVideo();
  return stats.get(codecId)?.mimeType ?? "";
}

async function untilStat(name, least) {
  for (;;) {
    const stats = await inboundVideo();
    if ((stats[name] ?? 0) >= least) return stats;
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
}

/** Colour of the picture's lower middle as shown: red, green, blue, alpha. */
function colour() {
  const video = document.querySelector("video");
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  context.drawImage(video, video.videoWidth / 2, video.videoHeight * 0.75, 1, 1, 0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data];
}

const CODEC_STRINGS = { h264: "avc1.42e01f", vp8: "vp8", vp9: "vp09.00.31.08", av1: "av01.0.05M.08" };

/** Pictures of spots that move over a red ground, the first a keyframe: base64, H.264 as Annex B. */
async function encode(count, width, height, bitrate, name) {
  const pictures = [];
  const encoder = new VideoEncoder({
    output: (chunk) => {
      const data = new Uint8Array(chunk.byteLength);
      chunk.copyTo(data);
      const text = Array.from(data, (byte) => String.fromCharCode(byte)).join("");
      pictures.push({ base64: btoa(text), keyframe: chunk.type === "key" });
    },
    error: (error) => {
      throw error;
    },
  });
  encoder.configure({
    codec: CODEC_STRINGS[name],
    width,
    height,
    bitrate,
    framerate: 60,
    latencyMode: "realtime",
    ...(name === "h264" ? { avc: { format: "annexb" } } : {}),
  });
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  for (let index = 0; index < count; index += 1) {
    context.fillStyle = "rgb(200, 40, 40)";
    context.fillRect(0, 0, width, height);
    for (let spot = 0; spot < 200; spot += 1) {
      context.fillStyle = `hsl(${(spot * 37 + index * 11) % 360}, 80%, 50%)`;
      context.fillRect((spot * 53 + index * 7) % width, ((spot * 97) % height) / 3, 9, 9);
    }
    const frame = new VideoFrame(canvas, { timestamp: (index * 1e6) / 60 });
    encoder.encode(frame, { keyFrame: index === 0 });
    frame.close();
  }
  await encoder.flush();
  encoder.close();
  return pictures;
}

globalThis.viewer = {
  offer,
  accept,
  path,
  sendOn,
  inbox,
  inboundVideo,
  codec,
  untilStat,
  colour,
  encode,
  hangUp: (afterMs) => (afterMs === 0 ? peer.close() : void setTimeout(() => peer.close(), afterMs)),
};

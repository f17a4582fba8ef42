// The Worker behind the sound, over both paths: Opus packets in, samples out, straight to the worklet that plays them (`playout/`), past
// the page's main thread. What comes over WebRTC is taken off the browser's own jitter buffer, which holds 40 ms at least and the browser
// another few. From `audio/frame-player.ts`; parts: `sound-order.ts`, `opus-head.ts`.

import type { SoundChannels } from "@eglantine/protocol/formats";
import type { Samples } from "../playout/messages.ts";
import { opusHead } from "./opus-head.ts";
import type { FromSoundWorker, SoundTransform, ToSoundWorker } from "./sound-messages.ts";
import { SoundOrder } from "./sound-order.ts";
import { messageOf } from "../../shared/message-of.ts";

declare const self: DedicatedWorkerGlobalScope;

const SAMPLE_HZ = 48_000;
const PACKET_US = 10_000;
const TELL_EVERY_MS = 250;
/** Samples that wait for the worklet, and packets whose arrival is remembered. */
const MOST_WAITING = 100;

const order = new SoundOrder();
/** When what is being decoded has come, by its timestamp in microseconds. */
const arrivals = new Map<number, number>();
let decoder: AudioDecoder | undefined;
let decoderChannels: SoundChannels | undefined;
let port: MessagePort | undefined;
let waiting: Samples[] = [];
let toldMs = Number.NEGATIVE_INFINITY;

const epochMs = (): number => performance.timeOrigin + performance.now();

function tell(message: FromSoundWorker): void {
  self.postMessage(message, []);
}

function take(
  payload: Uint8Array<ArrayBuffer>,
  head: { timestamp: number; channels: SoundChannels; redundant: boolean; arrivedMs: number },
): void {
  const { timestamp, channels, redundant, arrivedMs } = head;
  for (const packet of order.take(payload, timestamp, redundant)) {
    const timestampUs = Math.round((packet.timestamp * 1e6) / SAMPLE_HZ);
    if (arrivals.size > MOST_WAITING) arrivals.clear();
    arrivals.set(timestampUs, arrivedMs);
    decoderOf(channels)?.decode(
      new EncodedAudioChunk({ type: "key", timestamp: timestampUs, duration: PACKET_US, data: packet.data }),
    );
  }
  if (arrivedMs - toldMs < TELL_EVERY_MS) return;
  toldMs = arrivedMs;
  tell({ type: "heard", channels });
}

function decoderOf(channels: SoundChannels): AudioDecoder | undefined {
  if (decoder?.state === "configured" && decoderChannels === channels) return decoder;
  if (decoder?.state === "configured") decoder.close();
  const description = opusHead(channels);
  const next = new AudioDecoder({
    output: play,
    // The next packet makes another decoder.
    error: (error) => console.debug("sound", error),
  });
  try {
    next.configure({
      codec: "opus",
      sampleRate: SAMPLE_HZ,
      numberOfChannels: channels,
      ...(description === undefined ? {} : { description }),
    });
  } catch (error) {
    tell({ type: "useless", why: messageOf(error) });
    return undefined;
  }
  decoder = next;
  decoderChannels = channels;
  return next;
}

function play(sound: AudioData): void {
  const channels = Array.from({ length: sound.numberOfChannels }, (_, planeIndex) => {
    const samples = new Float32Array(sound.numberOfFrames);
    sound.copyTo(samples, { planeIndex, format: "f32-planar" });
    return samples;
  });
  const arrivedMs = arrivals.get(sound.timestamp) ?? epochMs();
  arrivals.delete(sound.timestamp);
  const timestamp = Math.round((sound.timestamp * SAMPLE_HZ) / 1e6);
  sound.close();
  hand({ type: "samples", timestamp, channels, arrivedMs });
}

function hand(samples: Samples): void {
  if (port !== undefined) {
    port.postMessage(
      samples,
      samples.channels.map(({ buffer }) => buffer),
    );
    return;
  }
  waiting.push(samples);
  if (waiting.length > MOST_WAITING) waiting.shift();
}

self.addEventListener("message", ({ data }: MessageEvent<ToSoundWorker>) => {
  switch (data.type) {
    case "packet":
      take(data.data, { ...data, redundant: false });
      break;
    case "port": {
      port = data.port;
      const before = waiting;
      waiting = [];
      for (const samples of before) hand(samples);
      break;
    }
    case "reset":
      order.reset();
      waiting = [];
      port?.postMessage({ type: "reset" });
  }
});

/** What comes over WebRTC. Nothing is handed back: the browser itself plays none of it. */
async function receive({ readable, options }: RTCRtpScriptTransformer): Promise<void> {
  const { channels } = options as SoundTransform;
  for await (const frame of readable as ReadableStream<RTCEncodedAudioFrame>) {
    const metadata = frame.getMetadata() as RTCEncodedAudioFrameMetadata & { readonly receiveTime?: number };
    const { rtpTimestamp = 0, mimeType = "audio/opus", receiveTime = performance.now() } = metadata;
    const kind = mimeType.toLowerCase();
    take(new Uint8Array(frame.data), {
      timestamp: rtpTimestamp,
      channels: kind === "audio/multiopus" ? channels : 2,
      redundant: kind === "audio/red",
      arrivedMs: performance.timeOrigin + receiveTime,
    });
  }
}

self.addEventListener("rtctransform", ({ transformer }) => {
  // It ends with its peer.
  receive(transformer).catch((error: unknown) => console.debug("sound", error));
});

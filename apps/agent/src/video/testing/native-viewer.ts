// A stream of the add-on itself, without the choice of an encoder, and a recorder of what comes out of it.

import { loadNativeAddon, type NativeMessage, type NativeStream, type NativeStreamOptions } from "../native.ts";
import { Recorder } from "./recorder.ts";

export interface NativeViewer {
  readonly recorder: Recorder;
  readonly stream: NativeStream;
  close(): Promise<void>;
}

export function openViewer(options: Partial<NativeStreamOptions> & { readonly display: string }): NativeViewer {
  const recorder = new Recorder();
  let onClosed = (): void => undefined;
  const closed = new Promise<void>((resolve) => (onClosed = resolve));
  const onMessage = (message: NativeMessage): void => {
    if (message.kind === "unit") {
      const { kind: _kind, damageUs, grabUs, convertUs, encodeUs, ...unit } = message;
      recorder.onAccessUnit({ ...unit, codec: "h264", timing: { damageUs, grabUs, convertUs, encodeUs } });
    } else if (message.kind === "size") recorder.onSize(message.widthPx, message.heightPx);
    else if (message.kind === "card") recorder.onCard(message.reason);
    else if (message.kind === "card-gone") recorder.onCard(undefined);
    else if (message.kind === "encoder-failed") recorder.onFailed(message.reason);
  };
  const stream = new (loadNativeAddon().Stream)(
    { encoder: "x264", chroma444: false, framesPerSecond: 60, bitrateBps: 16_000_000, ...options },
    onMessage,
    onClosed,
  );
  return {
    recorder,
    stream,
    close: () => {
      stream.close();
      return closed;
    },
  };
}

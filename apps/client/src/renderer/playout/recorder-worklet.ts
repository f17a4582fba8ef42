// The AudioWorklet that hands the microphone's samples to the page, 20 ms at a time. To `audio/microphone-coder.ts`.

declare class AudioWorkletProcessor {
  readonly port: { postMessage(message: Float32Array<ArrayBuffer>, transfer: readonly ArrayBuffer[]): void };
}
declare function registerProcessor(name: string, processor: typeof AudioWorkletProcessor): void;

const PIECE_SAMPLES = 960;

class RecorderProcessor extends AudioWorkletProcessor {
  #piece = new Float32Array(PIECE_SAMPLES);
  #filled = 0;

  process(inputs: readonly (readonly Float32Array[])[]): boolean {
    const samples = inputs[0]?.[0];
    if (samples === undefined) return true;
    for (const sample of samples) {
      this.#piece[this.#filled] = sample;
      this.#filled += 1;
      if (this.#filled < PIECE_SAMPLES) continue;
      const piece = this.#piece;
      this.#piece = new Float32Array(PIECE_SAMPLES);
      this.#filled = 0;
      this.port.postMessage(piece, [piece.buffer]);
    }
    return true;
  }
}

registerProcessor("recorder", RecorderProcessor);

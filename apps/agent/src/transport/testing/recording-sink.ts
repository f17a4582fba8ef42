// A TransportSink that keeps what it was told and lets a test wait for it.

import type { MicrophonePacket } from "../../audio/microphone-intake.ts";
import type { TransportSink } from "../types.ts";

export type SinkEvent =
  | { readonly type: "candidate"; readonly candidate: string }
  | { readonly type: "connected" }
  | { readonly type: "message"; readonly channel: string; readonly data: readonly number[] }
  | { readonly type: "microphone"; readonly sequence: number; readonly data: readonly number[] }
  | { readonly type: "input-lost" }
  | { readonly type: "alive"; readonly alive: boolean }
  | { readonly type: "keyframe-needed" }
  | { readonly type: "target"; readonly targetBps: number }
  | { readonly type: "failed"; readonly reason: string; readonly detail: string };

export class RecordingSink implements TransportSink {
  readonly events: SinkEvent[] = [];
  readonly #waiting: {
    readonly type: SinkEvent["type"];
    readonly count: number;
    resolve(events: SinkEvent[]): void;
  }[] = [];

  onCandidate(candidate: string): void {
    this.#add({ type: "candidate", candidate });
  }

  onConnected(): void {
    this.#add({ type: "connected" });
  }

  onMessage(channel: "input" | "motion", data: Uint8Array): void {
    this.#add({ type: "message", channel, data: [...data] });
  }

  onMicrophone({ sequence, data }: MicrophonePacket): void {
    this.#add({ type: "microphone", sequence, data: [...data] });
  }

  onInputLost(): void {
    this.#add({ type: "input-lost" });
  }

  onAlive(alive: boolean): void {
    this.#add({ type: "alive", alive });
  }

  onKeyframeNeeded(): void {
    this.#add({ type: "keyframe-needed" });
  }

  onTargetBps(targetBps: number): void {
    this.#add({ type: "target", targetBps });
  }

  onFailed(reason: string, detail: string): void {
    this.#add({ type: "failed", reason, detail });
  }

  all<Type extends SinkEvent["type"]>(type: Type): Extract<SinkEvent, { type: Type }>[] {
    return this.events.filter((event): event is Extract<SinkEvent, { type: Type }> => event.type === type);
  }

  /** All events of this type as soon as there are `count` of them. */
  async until<Type extends SinkEvent["type"]>(type: Type, count = 1): Promise<Extract<SinkEvent, { type: Type }>[]> {
    if (this.all(type).length < count) {
      await new Promise((resolve) => this.#waiting.push({ type, count, resolve }));
    }
    return this.all(type);
  }

  #add(event: SinkEvent): void {
    this.events.push(event);
    for (const waiter of this.#waiting) {
      if (waiter.type === event.type && this.all(waiter.type).length >= waiter.count) waiter.resolve(this.events);
    }
  }
}

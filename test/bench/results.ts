// What one run of the benchmarks found: made by bench.ts, kept in test/output/bench.json, told by report.ts.

import type { KeyMode, Stage } from "../latency/key-to-photon.ts";
import type { SoundFigure } from "../latency/sound-and-picture.ts";
import type { SoundLossFigure } from "../latency/sound-loss.ts";
import type { NetworkFigure } from "../network/measure.ts";
import type { ViewerFigure } from "../network/two-viewers.ts";
import type { FirstPictureFigure } from "./first-picture.ts";
import type { IdleFigure } from "./idle.ts";
import type { Load, Machine } from "./machine.ts";
import type { MovingFigure } from "./moving.ts";
import type { ResumeFigure } from "./resume.ts";
import type { SelfCheck } from "./self-check.ts";
import type { SideName } from "./side.ts";
import type { StillFigure } from "./still.ts";
import type { Summary } from "./summary.ts";

export interface KeyFigure {
  readonly side: SideName;
  readonly mode: KeyMode;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly totalMs: Summary;
  /** Every sample in its order; null: none in time. */
  readonly samplesMs: readonly (number | null)[];
  /** Medians. */
  readonly stagesMs: Readonly<Partial<Record<Stage, number>>>;
  /** Of the pattern's stamps against the page's. */
  readonly clockUncertaintyMs: number;
}

export interface Figures {
  "self-check"?: SelfCheck;
  "key-to-photon"?: KeyFigure[];
  moving?: MovingFigure[];
  idle?: IdleFigure[];
  still?: StillFigure[];
  "first-picture"?: FirstPictureFigure[];
  resume?: ResumeFigure[];
  network?: NetworkFigure[];
  "two-viewers"?: ViewerFigure[];
  sound?: SoundFigure[];
  "sound-loss"?: SoundLossFigure[];
}

export interface Results {
  readonly machine: Machine;
  /** UTC, ISO 8601. */
  readonly startedAt: string;
  readonly quick: boolean;
  /** Some figures, sides or sizes were left out. */
  readonly partial: boolean;
  /** Sides, modes or sizes were left out of figures that are there. */
  readonly narrow?: boolean;
  /** Before anything was started. */
  readonly loadBefore: Load;
  /** After everything was ended. */
  readonly loadAfter: Load;
  /** During the whole run: what other guests of the host took. */
  readonly stealPercent: number;
  readonly figures: Figures;
  /** What could not be measured, and why. */
  readonly failures: readonly string[];
}

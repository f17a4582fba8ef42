// Who may use how much of the processor: every viewer has an encoder of its own, and software encoders share the cores. Pure.
// Asked by `steering.ts`; one for the whole agent, made by `registry.ts`.
// Max-min fair: a viewer that needs less than its part gets what it needs, the others divide the rest. So a slow or still
// viewer costs a fast one nothing, and one alone is limited by the machine only.

/** Share of all cores that encoding may take; the rest is the desktop's own. */
const BUDGET_SHARE = 0.8;
/** What nobody is held below, frames a second. */
const LEAST_FRAMES_PER_SECOND = 5;
/** Using this share of its limit, a viewer is taken to want all it asked for; below it, what it uses and a little more. */
const PRESSING = 0.8;
const SLACK = 1.5;
const SLACK_FRAMES_PER_SECOND = 5;

export interface CpuUse {
  /** Processor time of one picture, ms; 0 for an encoder that is not software. */
  readonly pictureMs: number;
  readonly framesPerSecond: number;
  /** What the viewer asked for. */
  readonly wantedFramesPerSecond: number;
}

interface Viewer {
  use: CpuUse;
  limit: number;
}

export class CpuBudget {
  readonly #cores: number;
  readonly #viewers = new Set<Viewer>();

  constructor(cores: number) {
    this.#cores = cores;
  }

  join(): CpuShare {
    const viewer: Viewer = {
      use: { pictureMs: 0, framesPerSecond: 0, wantedFramesPerSecond: 0 },
      limit: Number.POSITIVE_INFINITY,
    };
    this.#viewers.add(viewer);
    return {
      report: (use) => {
        viewer.use = use;
        this.#divide();
        return viewer.limit;
      },
      leave: () => {
        this.#viewers.delete(viewer);
        this.#divide();
      },
    };
  }

  #divide(): void {
    const busy = [...this.#viewers].filter(({ use }) => use.pictureMs > 0);
    const demands = busy.map((viewer) => ({ viewer, cores: demandCores(viewer.use, viewer.limit) }));
    for (const viewer of this.#viewers) viewer.limit = Number.POSITIVE_INFINITY;
    if (busy.length < 2) return;
    demands.sort((a, b) => a.cores - b.cores);
    let left = this.#cores * BUDGET_SHARE;
    demands.forEach(({ viewer, cores }, index) => {
      const part = left / (demands.length - index);
      const taken = Math.min(part, cores);
      left -= taken;
      if (cores > part) {
        viewer.limit = Math.max(LEAST_FRAMES_PER_SECOND, (part * 1000) / viewer.use.pictureMs);
      }
    });
  }
}

/** One viewer's part of the budget. */
export interface CpuShare {
  /** Tells what was used lately; returns the frames a second that are allowed now, infinite where there is room. */
  report(use: CpuUse): number;
  leave(): void;
}

function demandCores(use: CpuUse, limit: number): number {
  const pressing = use.framesPerSecond >= PRESSING * Math.min(limit, use.wantedFramesPerSecond);
  const framesPerSecond = pressing
    ? use.wantedFramesPerSecond
    : Math.min(use.wantedFramesPerSecond, use.framesPerSecond * SLACK + SLACK_FRAMES_PER_SECOND);
  return (framesPerSecond * use.pictureMs) / 1000;
}

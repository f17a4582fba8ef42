// How many pictures a second this screen shows, measured by the browser's own frames: more need not be asked for. From `client.ts`, to
// `choice.ts`.

/** Rates of screens, Hz. What lies between is a busy machine and no screen. */
const RATES_HZ = [50, 60, 72, 75, 85, 90, 100, 120, 144, 165, 180, 200, 240];
const SLACK = 0.04;
const FRAMES = 40;
/** A hidden page gets no frames. */
const GIVE_UP_MS = 4000;

/** Of the times between frames. A busy page misses some: the short ones count. PURE. */
export function refreshRateOf(intervalsMs: readonly number[]): number | undefined {
  const sorted = intervalsMs.filter((intervalMs) => intervalMs > 0).sort((a, b) => a - b);
  const shortMs = sorted[Math.floor(sorted.length / 4)];
  if (shortMs === undefined) return undefined;
  return RATES_HZ.find((rateHz) => Math.abs(shortMs * rateHz - 1000) < 1000 * SLACK);
}

/** Undefined where it can't be told. */
export async function measureRefreshRate(): Promise<number | undefined> {
  const timesMs: number[] = [];
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, GIVE_UP_MS);
    const frame = (atMs: number): void => {
      timesMs.push(atMs);
      if (timesMs.length <= FRAMES) {
        requestAnimationFrame(frame);
        return;
      }
      clearTimeout(timer);
      resolve();
    };
    requestAnimationFrame(frame);
  });
  if (timesMs.length <= FRAMES) return undefined;
  return refreshRateOf(timesMs.slice(1).map((atMs, index) => atMs - (timesMs[index] ?? atMs)));
}

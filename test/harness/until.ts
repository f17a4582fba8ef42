// Waiting for a state instead of sleeping.

/** Asks again and again until `holds`; rejects with `what` after `limitMs`. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  { limitMs = 20_000, everyMs = 25 }: { limitMs?: number; everyMs?: number } = {},
): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`${what}: not within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** Resolves when the number has been the same for half a second: what grows has stopped growing. Rejects like `until`. */
export async function untilSteady(what: string, read: () => number): Promise<void> {
  let last = Number.NaN;
  const isSame = () => {
    const before = last;
    last = read();
    return last === before;
  };
  await until(what, isSame, { everyMs: 500 });
}

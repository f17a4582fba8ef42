// Where fingers are, where they began, and what they are to each other. PURE. Used by `gestures.ts`.

interface Spot {
  readonly x: number;
  readonly y: number;
}

export interface Finger extends Spot {
  readonly id: number;
  readonly fromX: number;
  readonly fromY: number;
}

/** From where it began. */
export function way({ x, y, fromX, fromY }: Finger): { readonly dx: number; readonly dy: number } {
  return { dx: x - fromX, dy: y - fromY };
}

export const distance = (one: Spot, other: Spot): number => Math.hypot(one.x - other.x, one.y - other.y);

/** The middle of them all. */
export function centre(fingers: readonly Spot[]): Spot {
  const sum = fingers.reduce((total, { x, y }) => ({ x: total.x + x, y: total.y + y }), { x: 0, y: 0 });
  return { x: sum.x / fingers.length, y: sum.y / fingers.length };
}

// Where a window comes to lie: displays × remembered places × which of the desktop's monitors it shows → bounds. PURE. Asked by
// `windows/window-desk.ts` before a window opens; what is remembered is kept by `windows/places.ts`.

/** In the system's own units, as Electron has them; y grows downwards. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Display {
  readonly id: number;
  readonly bounds: Rect;
  /** Without panels and docks. */
  readonly workArea: Rect;
  readonly primary: boolean;
}

/** Where a window was. */
export interface Place {
  readonly bounds: Rect;
  readonly maximized: boolean;
  /** The display that it was on. */
  readonly display: Pick<Display, "id" | "bounds">;
}

export interface PlaceWish {
  readonly displays: readonly Display[];
  /** Of this very window, the last time. */
  readonly remembered: Place | undefined;
  /** 0: the desktop's first window, or one without a desktop; others count its further monitors. */
  readonly monitor: number;
  /** Windows of the same desktop that are open, the first one first. */
  readonly others: readonly Rect[];
}

export interface Placement {
  readonly bounds: Rect;
  readonly maximized: boolean;
}

const USUAL = { width: 1280, height: 800 };
/** Beside the window before it, where there is no display left. */
const STEP = 32;

export function placeWindow({ displays, remembered, monitor, others }: PlaceWish): Placement {
  const there = remembered && displays.find((display) => isSameDisplay(display, remembered.display));
  if (remembered !== undefined && there !== undefined) {
    return { bounds: fitted(remembered.bounds, there.workArea), maximized: remembered.maximized };
  }
  const primary = displays.find((display) => display.primary) ?? displays[0];
  // No display at all, as between two: the system will say.
  if (primary === undefined) return { bounds: { x: 0, y: 0, ...USUAL }, maximized: false };
  const last = others.at(-1);
  if (monitor === 0 || last === undefined) {
    return { bounds: centred(remembered?.bounds ?? USUAL, primary.workArea), maximized: false };
  }
  const free = nextFree(displays, others);
  // A monitor of its own has all of its screen.
  if (free !== undefined) return { bounds: free.workArea, maximized: true };
  const beside = { ...last, x: last.x + STEP, y: last.y + STEP };
  return { bounds: fitted(beside, displayOf(last, displays, primary).workArea), maximized: false };
}

/** How many more windows of a desktop find a display of their own. */
export function freeDisplays(displays: readonly Display[], others: readonly Rect[]): number {
  const taken = new Set(others.map((other) => displayOf(other, displays, undefined)));
  return displays.filter((display) => !taken.has(display)).length;
}

/** The one that most of a window is on. */
export function displayOf<Fallback extends Display | undefined>(
  window: Rect,
  displays: readonly Display[],
  fallback: Fallback,
): Display | Fallback {
  let [best, most]: [Display | Fallback, number] = [fallback, 0];
  for (const display of displays) {
    const common = overlap(window, display.bounds);
    if (common > most) [best, most] = [display, common];
  }
  return best;
}

/** From the first window's on to the right, then those on the left of it: as the desktop's monitors are added. */
function nextFree(displays: readonly Display[], others: readonly Rect[]): Display | undefined {
  const inOrder = [...displays].sort((one, other) => one.bounds.x - other.bounds.x || one.bounds.y - other.bounds.y);
  const taken = new Set(others.map((other) => displayOf(other, displays, undefined)));
  const [first] = others;
  const from =
    first === undefined ? -1 : inOrder.findIndex((display) => display === displayOf(first, displays, undefined));
  return [...inOrder.slice(from + 1), ...inOrder.slice(0, Math.max(0, from))].find((display) => !taken.has(display));
}

/** Systems number displays anew now and then: one that lies where it lay is the same too. */
function isSameDisplay(display: Display, former: Place["display"]): boolean {
  const { bounds } = display;
  const isAlike = bounds.width === former.bounds.width && bounds.height === former.bounds.height;
  return isAlike && (display.id === former.id || (bounds.x === former.bounds.x && bounds.y === former.bounds.y));
}

/** Moved, and made smaller where it must be, until all of it is in the area. */
function fitted(bounds: Rect, area: Rect): Rect {
  const width = Math.min(bounds.width, area.width);
  const height = Math.min(bounds.height, area.height);
  const x = Math.max(area.x, Math.min(bounds.x, area.x + area.width - width));
  const y = Math.max(area.y, Math.min(bounds.y, area.y + area.height - height));
  return { x, y, width, height };
}

function centred(size: Pick<Rect, "width" | "height">, area: Rect): Rect {
  const x = area.x + Math.round((area.width - size.width) / 2);
  const y = area.y + Math.round((area.height - size.height) / 2);
  return fitted({ x, y, width: size.width, height: size.height }, area);
}

function overlap(one: Rect, other: Rect): number {
  const width = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
  const height = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
  return Math.max(0, width) * Math.max(0, height);
}

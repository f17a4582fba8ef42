// Numbers, sizes and times as the user's country writes them, by Intl. PURE. For React `useFormats` of `ui/use-text.ts`.

/** Of files, in steps of 1000, as file managers say them; with so many digits behind the point. */
const SIZES = [
  { unit: "byte", bytes: 1, digits: 0 },
  { unit: "kilobyte", bytes: 1e3, digits: 0 },
  { unit: "megabyte", bytes: 1e6, digits: 1 },
  { unit: "gigabyte", bytes: 1e9, digits: 1 },
  { unit: "terabyte", bytes: 1e12, digits: 1 },
] as const;
const MEGA = 1e6;
/** The largest unit of a time ago, and how many seconds it has. */
const AGES = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
] as const;

export interface Formats {
  /** With so many digits behind the point; none unless told. */
  readonly number: (value: number, digits?: number) => string;
  /** Of 0 to 1. */
  readonly percent: (fraction: number, digits?: number) => string;
  /** "66 kB", "20.0 MB". */
  readonly bytes: (bytes: number) => string;
  /** "1.5 Mbit/s", "16 Mbit/s". */
  readonly bitrate: (bitsPerSecond: number) => string;
  /** "12.5 ms". */
  readonly millis: (ms: number, digits?: number) => string;
  /** "8 s". */
  readonly seconds: (seconds: number, digits?: number) => string;
  /** "3 minutes ago". */
  readonly ago: (thenMs: number, nowMs: number) => string;
  readonly dateTime: (ms: number) => string;
  /** "a, b, c". */
  readonly listed: (parts: readonly string[]) => string;
  /** "a, b, and c". */
  readonly list: (parts: readonly string[]) => string;
}

const made = new Map<string, Formats>();

export function formatsOf(locale: string): Formats {
  const known = made.get(locale);
  if (known !== undefined) return known;
  const formats = makeFormats(locale);
  made.set(locale, formats);
  return formats;
}

function symbolOf(locale: string, unit: string): string {
  const parts = new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "narrow" }).formatToParts(0);
  return parts.find(({ type }) => type === "unit")?.value ?? unit;
}

function makeFormats(locale: string): Formats {
  const number = (value: number, digits = 0, options: Intl.NumberFormatOptions = {}): string =>
    new Intl.NumberFormat(locale, {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      ...options,
    }).format(value);
  // What stands between the first two of three.
  const comma = new Intl.ListFormat(locale).formatToParts(["a", "b", "c"])[1]?.value ?? ", ";
  return {
    number: (value, digits) => number(value, digits),
    percent: (fraction, digits) => number(fraction, digits, { style: "percent" }),
    bytes: (bytes) => {
      const { unit, bytes: step, digits } = SIZES.findLast((size) => bytes >= size.bytes) ?? SIZES[0];
      // The short name of a byte is "byte" in some languages, the narrow one is its symbol everywhere.
      if (unit === "byte") return `${number(bytes)} ${symbolOf(locale, unit)}`;
      return number(bytes / step, digits, { style: "unit", unit, unitDisplay: "short" });
    },
    // The symbols are the same everywhere; what Intl would write is "Mb/秒" in some places.
    bitrate: (bitsPerSecond) => {
      const megabits = bitsPerSecond / MEGA;
      return `${number(megabits, 0, { maximumFractionDigits: megabits < 10 ? 1 : 0 })} Mbit/s`;
    },
    millis: (ms, digits) => `${number(ms, digits)} ms`,
    seconds: (seconds, digits) => `${number(seconds, digits)} s`,
    ago: (thenMs, nowMs) => {
      const seconds = Math.round((nowMs - thenMs) / 1000);
      const [unit, length] = AGES.find(([, length]) => seconds >= length) ?? AGES[3];
      return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(-Math.floor(seconds / length), unit);
    },
    dateTime: (ms) => new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(ms),
    listed: (parts) => parts.join(comma),
    list: (parts) => new Intl.ListFormat(locale, { type: "conjunction" }).format(parts),
  };
}

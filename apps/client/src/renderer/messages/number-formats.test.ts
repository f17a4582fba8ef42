import { expect, it } from "vitest";
import { formatsOf } from "./number-formats.ts";

/** Intl writes spaces that break no line. */
const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, " ");

it("writes sizes in steps of 1000, as the language does", () => {
  const sizes = [0, 999, 1000, 65_536, 20e6, 3.2e9, 5e12];
  expect(sizes.map(formatsOf("en").bytes).map(plain)).toEqual([
    "0 B",
    "999 B",
    "1 kB",
    "66 kB",
    "20.0 MB",
    "3.2 GB",
    "5.0 TB",
  ]);
  expect(plain(formatsOf("de").bytes(20e6))).toBe("20,0 MB");
  expect(plain(formatsOf("fr").bytes(512))).toBe("512 o");
  expect(plain(formatsOf("fr").bytes(20e6))).toBe("20,0 Mo");
});

it("writes rates and times with the symbols that are the same everywhere", () => {
  expect([300_000, 1_500_000, 16_000_000].map(formatsOf("en").bitrate)).toEqual([
    "0.3 Mbit/s",
    "1.5 Mbit/s",
    "16 Mbit/s",
  ]);
  expect(formatsOf("de").bitrate(1_500_000)).toBe("1,5 Mbit/s");
  expect(formatsOf("ja").millis(12.34, 1)).toBe("12.3 ms");
  expect(formatsOf("es").seconds(8)).toBe("8 s");
});

it("says how long ago in the largest unit that fits", () => {
  const ages = [0, 59_000, 61_000, 7_300_000, 200_000_000];
  expect(ages.map((ms) => formatsOf("en").ago(1e12 - ms, 1e12))).toEqual([
    "now",
    "59 seconds ago",
    "1 minute ago",
    "2 hours ago",
    "2 days ago",
  ]);
  expect(formatsOf("de").ago(0, 61_000)).toBe("vor 1 Minute");
});

it("joins a list and writes a number as the country does", () => {
  expect(formatsOf("de").list(["a", "b", "c"])).toBe("a, b und c");
  expect(formatsOf("en").listed(["a", "b", "c"])).toBe("a, b, c");
  expect(formatsOf("ja").listed(["a", "b", "c"])).toBe("a、b、c");
  expect(formatsOf("en-IN").number(1_234_567)).toBe("12,34,567");
  expect(plain(formatsOf("fr").percent(0.125, 1))).toBe("12,5 %");
});

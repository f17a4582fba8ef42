import { expect, it } from "vitest";
import { wantedDesktop } from "./desktop-scale.ts";

const LIMITS = { displayMinPx: 64, displayMaxPx: 8192 };
const STAGE = { width: 1000, height: 700 };
const wanted = (ratio: number, choice: "screen" | "smaller" | number) => wantedDesktop(STAGE, ratio, choice, LIMITS);

it("asks for the screen's own pixels, and for programs as large as the page's own", () => {
  expect(wanted(1, "screen")).toEqual({ widthPx: 1000, heightPx: 700, scale: 1 });
  expect(wanted(1.5, "screen")).toEqual({ widthPx: 1500, heightPx: 1050, scale: 1.5 });
  expect(wanted(2, "screen")).toEqual({ widthPx: 2000, heightPx: 1400, scale: 2 });
});

it("takes the nearest step of a zoomed page, and no more than there is", () => {
  expect([0.3, 0.9, 1.1, 1.13, 1.333, 2.625, 5].map((ratio) => wanted(ratio, "screen").scale)).toEqual([
    0.5, 1, 1, 1.25, 1.25, 2.75, 4,
  ]);
});

it("asks for CSS pixels where the picture is to be enlarged, and never for more than the screen has", () => {
  expect(wanted(2, "smaller")).toEqual({ widthPx: 1000, heightPx: 700, scale: 1 });
  expect(wanted(0.5, "smaller")).toEqual({ widthPx: 500, heightPx: 350, scale: 1 });
});

it("keeps a scale that was chosen, whatever the screen's is", () => {
  expect(wanted(2, 1.25)).toEqual({ widthPx: 2000, heightPx: 1400, scale: 1.25 });
});

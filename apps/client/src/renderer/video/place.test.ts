import fc from "fast-check";
import { expect, it } from "vitest";
import { desktopPixel, placePicture, pointedSize, wantedDisplay } from "./place.ts";

const LIMITS = { displayMinPx: 64, displayMaxPx: 8192 };
const ratio = fc.constantFrom(1, 1.25, 1.5, 2, 3);
const size = fc.record({ widthPx: fc.integer({ min: 64, max: 4000 }), heightPx: fc.integer({ min: 64, max: 4000 }) });
const stage = fc.record({ width: fc.integer({ min: 100, max: 3000 }), height: fc.integer({ min: 100, max: 3000 }) });

it("shows a picture of the stage's size without scaling it", () => {
  expect(placePicture({ widthPx: 1280, heightPx: 720 }, { width: 1280, height: 720 }, 1, "fit")).toEqual({
    left: 0,
    top: 0,
    width: 1280,
    height: 720,
  });
});

it("does not blow up a picture that is smaller by the odd pixel", () => {
  const placed = placePicture({ widthPx: 374, heightPx: 666 }, { width: 375, height: 667 }, 1, "fit");
  expect(placed).toEqual({ left: 0, top: 0, width: 374, height: 666 });
});

it("centres a picture that has another shape between bars", () => {
  const placed = placePicture({ widthPx: 1000, heightPx: 500 }, { width: 500, height: 500 }, 1, "fit");
  expect(placed).toEqual({ left: 0, top: 125, width: 500, height: 250 });
});

it("shows one desktop pixel as one device pixel in native scale", () => {
  const placed = placePicture({ widthPx: 800, heightPx: 600 }, { width: 1000, height: 1000 }, 2, "native");
  expect(placed).toEqual({ left: 300, top: 350, width: 400, height: 300 });
});

it("keeps the picture inside the stage, on device pixels, whatever the sizes", () => {
  fc.assert(
    fc.property(size, stage, ratio, (picture, stageCss, dpr) => {
      const { left, top, width, height } = placePicture(picture, stageCss, dpr, "fit");
      expect(left + width).toBeLessThanOrEqual(stageCss.width + 0.01);
      expect(top + height).toBeLessThanOrEqual(stageCss.height + 0.01);
      for (const edge of [left, top, width, height]) {
        expect(Math.abs(edge * dpr - Math.round(edge * dpr))).toBeLessThan(1e-6);
      }
    }),
  );
});

it("asks for a size that is then shown without scaling", () => {
  fc.assert(
    fc.property(stage, fc.constantFrom(1, 1.25, 1.5, 2), (stageCss, dpr) => {
      const wanted = wantedDisplay(stageCss, dpr, LIMITS);
      expect(wanted.widthPx % 2).toBe(0);
      expect(wanted.heightPx % 2).toBe(0);
      const placed = placePicture(wanted, stageCss, dpr, "fit");
      expect(placed.width * dpr).toBeCloseTo(wanted.widthPx, 5);
      expect(placed.height * dpr).toBeCloseTo(wanted.heightPx, 5);
    }),
  );
});

it("asks for no size beyond the protocol's limits", () => {
  expect(wantedDisplay({ width: 10, height: 9000 }, 2, LIMITS)).toEqual({ widthPx: 64, heightPx: 8192 });
});

it("points at the desktop pixel whose middle is pointed at, for every pixel of every placement", () => {
  fc.assert(
    fc.property(size, stage, ratio, fc.nat(), fc.nat(), (picture, stageCss, dpr, nx, ny) => {
      const placed = placePicture(picture, stageCss, dpr, "fit");
      const x = nx % picture.widthPx;
      const y = ny % picture.heightPx;
      const point = {
        x: ((x + 0.5) / picture.widthPx) * placed.width,
        y: ((y + 0.5) / picture.heightPx) * placed.height,
      };
      expect(desktopPixel(point, placed, picture)).toEqual({ x, y });
    }),
  );
});

it("points at the left edge of a pixel as that pixel where sizes agree", () => {
  const box = { width: 1280, height: 720 };
  expect(desktopPixel({ x: 100, y: 719 }, box, { widthPx: 1280, heightPx: 720 })).toEqual({ x: 100, y: 719 });
});

it("clamps points beyond the edges into the desktop", () => {
  const box = { width: 100, height: 100 };
  const sizePx = { widthPx: 200, heightPx: 200 };
  expect(desktopPixel({ x: -5, y: 100 }, box, sizePx)).toEqual({ x: 0, y: 199 });
});

it("leaves points beyond the edges where they are, when other monitors are there", () => {
  const box = { width: 100, height: 100 };
  const sizePx = { widthPx: 200, heightPx: 200 };
  expect(desktopPixel({ x: -5, y: 130 }, box, sizePx, true)).toEqual({ x: -10, y: 260 });
});

it("counts a picture's own pixels when it was padded, the desktop's when it was scaled", () => {
  const desktop = { widthPx: 1365, heightPx: 767 };
  expect(pointedSize({ widthPx: 1366, heightPx: 768 }, desktop)).toEqual({ widthPx: 1366, heightPx: 768 });
  expect(pointedSize({ widthPx: 682, heightPx: 384 }, desktop)).toEqual(desktop);
});

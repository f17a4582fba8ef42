import { expect, it } from "vitest";
import { cursorPx, encodeSettings, settingsOf } from "./xsettings.ts";

it("says whole multiples to GTK's drawing and the rest to its text", () => {
  const at = (dpi: number) => settingsOf(dpi);
  expect(at(96)).toMatchObject({ "Xft/DPI": 98_304, "Gdk/WindowScalingFactor": 1, "Gdk/UnscaledDPI": 98_304 });
  expect(at(144)).toMatchObject({ "Xft/DPI": 147_456, "Gdk/WindowScalingFactor": 1, "Gdk/UnscaledDPI": 147_456 });
  expect(at(192)).toMatchObject({ "Xft/DPI": 196_608, "Gdk/WindowScalingFactor": 2, "Gdk/UnscaledDPI": 98_304 });
  expect(at(240)).toMatchObject({ "Gdk/WindowScalingFactor": 2, "Gdk/UnscaledDPI": 122_880 });
  expect([72, 96, 144, 192].map(cursorPx)).toEqual([18, 24, 36, 48]);
});

it("packs them as the protocol has it: names and values on words", () => {
  const bytes = encodeSettings({ "Xft/DPI": 98_304 }, 7);
  expect([...bytes.subarray(0, 12)]).toEqual([0, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0]);
  expect([...bytes.subarray(12)]).toEqual([0, 0, 7, 0, ...Buffer.from("Xft/DPI"), 0, 7, 0, 0, 0, 0x00, 0x80, 1, 0]);
});

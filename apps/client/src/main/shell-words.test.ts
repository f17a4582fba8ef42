import { expect, it } from "vitest";
import { trayWords } from "./shell-words.ts";

it("speaks the language that was chosen, or the system's", () => {
  expect(trayWords("auto", ["de-CH", "en"]).quit).toBe("Eglantine beenden");
  expect(trayWords("fr", ["de-CH"]).home).toBe("Tous les bureaux");
  expect(trayWords("auto", ["nl"]).home).toBe("All desktops");
});

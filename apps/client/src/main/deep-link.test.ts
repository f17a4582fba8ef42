import { expect, it } from "vitest";
import { deepLinkOf } from "./deep-link.ts";

it("finds the link among the words of a command line", () => {
  expect(deepLinkOf(["/opt/Eglantine/eglantine", "--no-sandbox", "eglantine://desk.example.org/"])).toBe(
    "eglantine://desk.example.org/",
  );
  expect(deepLinkOf(["electron", ".", "EGLANTINE://host", "--flag"])).toBe("EGLANTINE://host");
});

it("takes nothing else for one", () => {
  expect(deepLinkOf(["/opt/eglantine", "--eglantine://x", "https://eglantine:8080/", "eglantine"])).toBeUndefined();
  expect(deepLinkOf([`eglantine://${"x".repeat(3000)}`])).toBeUndefined();
  expect(deepLinkOf([])).toBeUndefined();
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { basePathOf, belowBase, slashRedirect } from "./base-path.ts";

test("a base is the same with and without a slash at its end, and / is none", () => {
  expect(["/desk", "/desk/", "/a/b/", "/", ""].map(basePathOf)).toEqual(["/desk", "/desk", "/a/b", "", ""]);
});

test.each([
  ["/desk/", "/"],
  ["/desk/ws", "/ws"],
  ["/desk/assets/a.js?x=/desk/", "/assets/a.js?x=/desk/"],
  ["/ws", "/ws"],
  ["/", "/"],
  ["/desktop/ws", "/desktop/ws"],
  ["/desk?x", "/desk?x"],
  ["/desk/desk/ws", "/desk/ws"],
])("below /desk, %s is %s", (url, below) => {
  expect(belowBase("/desk", url)).toBe(below);
});

test("the base without its slash leads to the page, below any further path and with its query", () => {
  expect(slashRedirect("/desk", "/desk")).toBe("./desk/");
  expect(slashRedirect("/a/desk", "/a/desk?stats=true")).toBe("./desk/?stats=true");
  expect(new URL(slashRedirect("/desk", "/desk") ?? "", "https://h/outer/desk").href).toBe("https://h/outer/desk/");
  for (const url of ["/desk/", "/", "/desktop"]) expect(slashRedirect("/desk", url)).toBeUndefined();
  expect(slashRedirect("", "")).toBeUndefined();
});

test("nothing that a request can say leads to another host", () => {
  fc.assert(
    fc.property(fc.string(), (tail) => {
      const to = slashRedirect("/desk", `/desk${tail}`);
      if (to !== undefined) expect(new URL(to, "https://h/desk").origin).toBe("https://h");
    }),
  );
});

import fc from "fast-check";
import { sep } from "node:path";
import { expect, it } from "vitest";
import { opensWindow, isOwnPage, pageFile } from "./page-files.ts";
import { mayUse } from "./permissions.ts";

it("finds the page and its files", () => {
  expect(pageFile("/srv/page", "app://eglantine/")).toEqual({
    path: "/srv/page/index.html",
    contentType: "text/html; charset=utf-8",
  });
  expect(pageFile("/srv/page", "app://eglantine/assets/a.js?x")?.path).toBe("/srv/page/assets/a.js");
});

it("gives no file outside of the folder, of another host or of an unknown kind", () => {
  for (const address of [
    "app://eglantine/..%2fsecret.js",
    "app://eglantine/%2e%2e/%2e%2e/etc/x.js",
    "app://eglantine/..%5cx.js",
    "app://eglantine/a%00.js",
    "app://eglantine/%ff.js",
    "app://other/index.html",
    "https://eglantine/index.html",
    "app://eglantine/passwd",
    "nonsense",
  ]) {
    expect(pageFile("/srv/page", address)?.path ?? "/srv/page/").toMatch(/^\/srv\/page\//);
  }
  expect(pageFile("/srv/page", "app://eglantine/..%2fsecret.js")).toBeUndefined();
  expect(pageFile("/srv/page", "app://eglantine/passwd")).toBeUndefined();
});

it("never leaves the folder, whatever the address", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("..", ".", "%2e%2e", "%2f", "%5c", "a", "x.js", "/", "//")), (parts) => {
      const file = pageFile("/srv/page", `app://eglantine/${parts.join("/")}.js`);
      if (file !== undefined) expect(file.path.startsWith(`/srv/page${sep}`)).toBe(true);
    }),
  );
});

it("takes only its own page for its own", () => {
  expect(isOwnPage("app://eglantine/")).toBe(true);
  expect(isOwnPage("app://eglantine.evil/")).toBe(false);
  expect(isOwnPage("https://eglantine/")).toBe(false);
});

it("opens windows for desktops and their further monitors, and no others", () => {
  expect(opensWindow("app://eglantine/index.html?monitor=true")).toBe(true);
  expect(opensWindow("app://eglantine/?desktop=1")).toBe(true);
  expect(opensWindow("app://eglantine/index.html")).toBe(false);
  expect(opensWindow("https://evil.example/?monitor=true")).toBe(false);
  expect(opensWindow("nonsense?monitor=true")).toBe(false);
});

it("allows its page a short list of permissions, and others nothing", () => {
  expect(mayUse("pointerLock", "app://eglantine/")).toBe(true);
  expect(mayUse("geolocation", "app://eglantine/")).toBe(false);
  expect(mayUse("fullscreen", "https://evil.example/")).toBe(false);
});

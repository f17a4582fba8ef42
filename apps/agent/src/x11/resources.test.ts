import fc from "fast-check";
import { expect, it } from "vitest";
import { readResource, withResources } from "./resources.ts";

/** As xrdb leaves it. */
const DATABASE =
  "*background:\tgrey\nXft.dpi:\t96\nXTerm*faceName:\tmonospace\nXTerm*translations:\t#override \\\n Xft.dpi: no\n";

it("reads a resource by its whole name", () => {
  expect(readResource(DATABASE, "Xft.dpi")).toBe("96");
  expect(readResource(DATABASE, "dpi")).toBeUndefined();
  expect(readResource("", "Xft.dpi")).toBeUndefined();
  expect(readResource("Xft.dpi : 144", "Xft.dpi")).toBe("144");
});

it("replaces one and keeps all others as they were, lines that go on too", () => {
  const after = withResources(DATABASE, { "Xft.dpi": "192", "Xcursor.size": "48" });
  expect(after).toBe(
    "*background:\tgrey\nXTerm*faceName:\tmonospace\nXTerm*translations:\t#override \\\n Xft.dpi: no\nXft.dpi:\t192\nXcursor.size:\t48\n",
  );
});

it("loses nothing of any database but what it replaces, and says the same when asked twice", () => {
  const line = fc.string().filter((text) => text !== "" && !/[\\\n]/.test(text) && !/^\s*Xft\.dpi\s*:/.test(text));
  fc.assert(
    fc.property(fc.array(line), fc.nat(1000), (lines, dpi) => {
      const database = lines.map((one) => `${one}\n`).join("");
      const once = withResources(database, { "Xft.dpi": String(dpi) });
      expect(once).toBe(`${database}Xft.dpi:\t${dpi}\n`);
      expect(withResources(once, { "Xft.dpi": String(dpi) })).toBe(once);
      expect(readResource(once, "Xft.dpi")).toBe(String(dpi));
    }),
  );
});

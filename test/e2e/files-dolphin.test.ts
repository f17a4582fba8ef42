// Story: KDE's file manager on the desktop and mine here: what I copy in one I paste in the other, and what I drop on it lands in the folder that it shows.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DesktopPage } from "../harness/desktop-page.ts";
import { Dolphin } from "../harness/dolphin.ts";
import { FileDrag } from "../harness/drop.ts";
import { until } from "../harness/until.ts";
import { copyFilesHere, FileStory, tellFiles, withoutPickers } from "./file-story.ts";

const SLOW_MS = 180_000;
const story = new FileStory();
let dolphin: Dolphin | undefined;
/** What it shows. */
let shown: string;

beforeEach(() => {
  story.begin();
  shown = join(story.folder, "documents");
  mkdirSync(shown);
});
afterEach(async () => {
  await dolphin?.close();
  dolphin = undefined;
  await story.close();
});

/** Connected, with Dolphin's window in front and the keyboard on its files. */
async function start(beforeClient: () => void): Promise<DesktopPage> {
  const viewer = await story.connect({ beforeClient });
  const { display, screen } = story.desktop;
  dolphin = await Dolphin.start({ display, screen, home: join(story.folder, "home"), folder: shown });
  await clickFiles(viewer);
  return viewer;
}

/** An empty place of its list of files: right of the places at its left, near its lower edge. */
function place(): { readonly xPx: number; readonly yPx: number } {
  const { xPx, yPx, widthPx, heightPx } = dolphin?.window ?? { xPx: 0, yPx: 0, widthPx: 0, heightPx: 0 };
  return { xPx: Math.round(xPx + widthPx * 0.7), yPx: Math.round(yPx + heightPx * 0.7) };
}

async function clickFiles(viewer: DesktopPage): Promise<void> {
  const at = place();
  await viewer.movePointer(at.xPx, at.yPx);
  await viewer.button("press", "left", at);
  await viewer.button("release", "left", at);
}

test(
  "Ctrl+V in Dolphin pastes the files that I copied here into the folder that it shows",
  async () => {
    const viewer = await start(tellFiles);
    await copyFilesHere(viewer, { "Grüße.txt": 1000, "two.bin": 2000 });
    const isPasted = () => ["Grüße.txt", "two.bin"].every((name) => existsSync(join(shown, name)));
    // Until its window takes keys; files that took longer than a key waits are pasted by the next one anyway.
    await until(
      "the files",
      async () => {
        if (!isPasted()) await viewer.page.keyboard.press("Control+v");
        return until("this paste", isPasted, { limitMs: 5000 }).then(
          () => true,
          () => false,
        );
      },
      { limitMs: 60_000 },
    );
    expect(readFileSync(join(shown, "Grüße.txt"), "utf8")).toBe("x".repeat(1000));
    expect(readFileSync(join(shown, "two.bin"), "utf8")).toBe("x".repeat(2000));
  },
  SLOW_MS,
);

test(
  "what I copy in Dolphin is offered here, and comes as it is",
  async () => {
    writeFileSync(join(shown, "Grüße.txt"), "from the desktop");
    const viewer = await start(withoutPickers);
    await until(
      "the notice",
      async () => {
        await viewer.page.keyboard.press("Control+a");
        await viewer.page.keyboard.press("Control+c");
        return viewer
          .byTestId("copied-notice")
          .waitFor({ timeout: 5000 })
          .then(
            () => true,
            () => false,
          );
      },
      { limitMs: 60_000 },
    );
    expect(await viewer.byTestId("copied-notice").innerText()).toContain("“Grüße.txt” was copied");
    const coming = viewer.page.waitForEvent("download");
    await viewer.byTestId("copied-fetch").click();
    expect(readFileSync(await (await coming).path(), "utf8")).toBe("from the desktop");
  },
  SLOW_MS,
);

test(
  "a file that I drop on Dolphin lands in the folder that it shows",
  async () => {
    const viewer = await start(withoutPickers);
    const { x, y } = await viewer.onPage(place().xPx, place().yPx);
    const at = { xPx: x, yPx: y };
    await (await FileDrag.begin(viewer.page, [story.write("dropped.txt", "dropped")], at)).drop(at);
    // Dolphin asks whether to move or to copy it: the first of both.
    await until("its menu", menuIsOpen);
    await until("the file", async () => {
      await viewer.page.keyboard.press("ArrowDown");
      await viewer.page.keyboard.press("Enter");
      return until("it", () => existsSync(join(shown, "dropped.txt")), { limitMs: 3000 }).then(
        () => true,
        () => false,
      );
    });
    expect(readFileSync(join(shown, "dropped.txt"), "utf8")).toBe("dropped");
    // It was moved: it is in the folder for files no more.
    expect(story.names()).toEqual([]);
  },
  SLOW_MS,
);

const menuIsOpen = async () =>
  (await story.desktop.screen.windows()).some(({ name, widthPx }) => /dolphin/i.test(name) && widthPx < 500);

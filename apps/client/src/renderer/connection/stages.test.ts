import fc from "fast-check";
import { expect, it } from "vitest";
import { textOf } from "../messages/texts.ts";
import { currentStage, failStages, finishStage, skipStages, STAGE_NAMES, startStages, viewStages } from "./stages.ts";

it("begins with the first stage under way", () => {
  const views = viewStages(startStages(0));
  expect(views.map(({ state }) => state)).toEqual(["running", "waiting", "waiting", "waiting", "waiting", "waiting"]);
});

it("shows how long a finished stage took", () => {
  let progress = finishStage(startStages(100), "reach", 130);
  progress = finishStage(progress, "admit", 150);
  expect(viewStages(progress).slice(0, 2)).toMatchObject([{ tookMs: 30 }, { tookMs: 20 }]);
});

it("takes earlier stages for done when a later one is", () => {
  const progress = finishStage(startStages(0), "path", 9);
  expect(currentStage(progress)).toBe("secure");
});

it("names the stage that failed and leaves the later ones waiting", () => {
  const progress = failStages(finishStage(startStages(0), "agree", 5));
  expect(viewStages(progress).map(({ state }) => state)).toEqual([
    "done",
    "done",
    "done",
    "failed",
    "waiting",
    "waiting",
  ]);
});

it("does not move once it has failed", () => {
  const failed = failStages(startStages(0));
  expect(finishStage(failed, "picture", 1)).toBe(failed);
});

it("only ever moves forward, whatever is reported in whatever order", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...STAGE_NAMES)), (names) => {
      let progress = startStages(0);
      let done = 0;
      for (const [index, name] of names.entries()) {
        progress = finishStage(progress, name, index);
        expect(progress.finishedMs.length).toBeGreaterThanOrEqual(done);
        done = progress.finishedMs.length;
      }
      expect(done).toBe(Math.max(0, ...names.map((name) => STAGE_NAMES.indexOf(name) + 1)));
    }),
  );
});

it("has a title, and a sentence and a remedy for its failure, for every stage", () => {
  const t = textOf("connection");
  for (const name of STAGE_NAMES) {
    expect(t(`stage.${name}`)).not.toBe("");
    expect(t(`stage-failed.${name}`)).toMatch(/\.$/);
    expect(t(`stage-remedy.${name}`)).toMatch(/\.$/);
  }
});

it("calls stages that were not needed neither done nor failed, and goes on behind them", () => {
  let progress = finishStage(startStages(0), "admit", 5);
  progress = skipStages(progress, "picture", 9);
  expect(currentStage(progress)).toBe("picture");
  progress = finishStage(progress, "picture", 12);
  expect(viewStages(progress).map(({ state }) => state)).toEqual([
    "done",
    "done",
    "skipped",
    "skipped",
    "skipped",
    "done",
  ]);
  expect(viewStages(progress).at(-1)?.tookMs).toBe(3);
  expect(finishStage(progress, "path", 20)).toBe(progress);
});

it("skips nothing that is done, and nothing after a failure", () => {
  const done = finishStage(startStages(0), "secure", 5);
  expect(skipStages(done, "picture", 6)).toBe(done);
  const failed = failStages(startStages(0));
  expect(skipStages(failed, "picture", 6)).toBe(failed);
});

import { expect, it } from "vitest";
import { readWindowMessage } from "./window-messages.ts";

it("reads what the windows say to each other, without what does not belong to it", () => {
  expect(readWindowMessage({ eglantine: "monitor-wanted", id: 1, more: 2 })).toEqual({
    eglantine: "monitor-wanted",
    id: 1,
  });
  const ticket = { eglantine: "monitor-ticket", id: 2, url: "http://host/", ticket: "t" };
  expect(readWindowMessage(ticket)).toEqual(ticket);
  const refusal = { eglantine: "monitor-refused", id: 3, why: "no", passes: true };
  expect(readWindowMessage(refusal)).toEqual(refusal);
  expect(readWindowMessage({ eglantine: "window-focus", focused: false, more: 2 })).toEqual({
    eglantine: "window-focus",
    focused: false,
  });
});

it("takes nothing else", () => {
  for (const data of [undefined, null, 5, "monitor-wanted", {}, { eglantine: "monitor-wanted" }, { id: 1 }])
    expect(readWindowMessage(data)).toBeUndefined();
  expect(readWindowMessage({ eglantine: "monitor-ticket", id: 1, url: "http://host/" })).toBeUndefined();
  expect(readWindowMessage({ eglantine: "monitor-refused", id: 1, why: "no" })).toBeUndefined();
  expect(readWindowMessage({ eglantine: "window-focus", focused: "yes" })).toBeUndefined();
});

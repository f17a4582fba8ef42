import type { ViewerControl } from "@eglantine/protocol/control";
import { expect, it } from "vitest";
import type { PathWish } from "../shared/settings.ts";
import { Choice } from "./choice.ts";

/** A choice for an agent that offers all paths; `said` is what it does, oldest first. */
function world() {
  const said: string[] = [];
  const vnc = {
    on: false,
    open: (why: string) => {
      vnc.on = true;
      said.push(`vnc: ${why}`);
    },
    close: () => void (vnc.on = false),
  };
  const connection = {
    target: { address: { pageUrl: "https://desk/" } },
    facts: { get: () => ({ paths: ["webrtc", "socket", "vnc"], viewOnly: false }) },
    attempt: { leavePaths: () => {}, fail: () => {}, socketTrouble: undefined },
    send: (message: ViewerControl) => {
      if (message.type === "path") said.push(`want ${message.want}`);
    },
    notify: () => {},
    again: () => void said.push("again"),
  };
  let settings = { pictures: [] as { url: string; path: PathWish; video: object }[] };
  const preferences = {
    store: { get: () => settings },
    change: (change: (now: typeof settings) => typeof settings) => void (settings = change(settings)),
  };
  const parts = { connection, vnc, preferences } as unknown as ConstructorParameters<typeof Choice>[0];
  return { choice: new Choice(parts), vnc, said };
}

it("takes noVNC at once after a fallback, and tries a picture again once a session has held", () => {
  const { choice, vnc, said } = world();
  choice.begin(false);
  expect(choice.withoutPicture("no path was found")).toBe(true);
  vnc.close();
  said.length = 0;
  choice.begin(false);
  choice.admitted();
  expect(said).toEqual(["want vnc", "want vnc", "vnc: no path was found"]);
  vnc.close();
  said.length = 0;
  choice.begin(true);
  choice.admitted();
  expect(said).toEqual([]);
  expect(vnc.on).toBe(false);
});

it("leaves noVNC when another path is chosen", () => {
  const { choice, vnc, said } = world();
  choice.begin(false);
  choice.toggleVnc();
  choice.setPath("webrtc");
  expect(vnc.on).toBe(false);
  expect(said.at(-1)).toBe("again");
});

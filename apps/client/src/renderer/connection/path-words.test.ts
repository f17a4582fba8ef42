import { expect, it } from "vitest";
import type { Sentence } from "../messages/said.ts";
import { describePath as describe, type PathFacts } from "./path-words.ts";

const say = (sentence: Sentence): string => (typeof sentence === "string" ? sentence : sentence.key);
const describePath = (facts: PathFacts, shown: "webrtc" | "socket" | undefined, route: string) =>
  describe(facts, shown, route, say);

const TCP = { path: "socket", why: "no UDP path was found" } as const;

it("names TCP and why, with what this side found", () => {
  expect(describePath({ path: TCP, trouble: undefined }, "socket", "")).toEqual({ name: "TCP", why: TCP.why });
  expect(describePath({ path: TCP, trouble: "Ice connection failed." }, "socket", "").why).toBe(
    "no UDP path was found (Ice connection failed.)",
  );
  expect(describePath({ path: { ...TCP, why: "" }, trouble: "no WebRTC here" }, "socket", "").why).toBe(
    "no WebRTC here",
  );
});

it("names WebRTC's route, where it is known", () => {
  const path = { path: "webrtc", why: "a UDP path was found" } as const;
  expect(describePath({ path, trouble: "old" }, "webrtc", "UDP")).toEqual({ name: "WebRTC, UDP", why: path.why });
  expect(describePath({}, "webrtc", "")).toEqual({ name: "WebRTC" });
});

it("speaks of what is seen while the next path is still waited for", () => {
  expect(describePath({ path: TCP }, "webrtc", "UDP")).toEqual({ name: "WebRTC, UDP" });
});

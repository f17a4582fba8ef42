import fc from "fast-check";
import { expect, it } from "vitest";
import {
  defaultSettings,
  type HostPicture,
  pictureOf,
  readSettings,
  rememberHost,
  rememberPicture,
} from "./settings.ts";

it("falls back for everything that is missing or damaged", () => {
  const fallback = {
    scale: "fit",
    resize: true,
    desktopScale: "screen",
    keyboard: "auto",
    touch: "pointer",
    autoLock: true,
    keyRow: "auto",
    stats: false,
    volume: 1,
    muted: false,
    speaker: "",
    soundChannels: 2,
    video: {},
    microphone: "",
    theme: "auto",
    motion: "auto",
    language: "auto",
    keepInTray: false,
    notifications: true,
    keepPictures: true,
    updates: false,
    hosts: [],
    pictures: [],
  };
  expect(readSettings({ touch: "paw", autoLock: 1, volume: 1.5, muted: "no", speaker: 7, soundChannels: 3 })).toEqual(
    fallback,
  );
  expect(readSettings(undefined)).toEqual(fallback);
  expect(readSettings({ scale: "huge", resize: "yes", stats: 1, hosts: [{ url: 5 }], password: "secret" })).toEqual(
    fallback,
  );
});

it("takes back what the user set, and keeps what belongs to agents", () => {
  const hosts = [{ url: "https://h/", user: "u" }];
  const settings = readSettings({ theme: "dark", volume: 0.5, video: { preset: "games" }, hosts });
  expect(settings).toMatchObject({ theme: "dark", volume: 0.5, video: { preset: "games" } });
  expect(defaultSettings(settings)).toEqual({ ...readSettings(undefined), hosts });
});

it("reads anything without throwing, and reads its own result unchanged", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (stored) => {
      const settings = readSettings(stored);
      expect(readSettings(JSON.parse(JSON.stringify(settings)))).toEqual(settings);
    }),
  );
});

it("keeps a scale that an agent takes, and no other", () => {
  const read = (desktopScale: unknown) => readSettings({ desktopScale }).desktopScale;
  expect(["screen", "smaller", 1.25, 4].map(read)).toEqual(["screen", "smaller", 1.25, 4]);
  expect([1.1, 0, 8, Number.NaN, "2", "larger", null].map(read)).toEqual(Array(7).fill("screen"));
});

it("keeps each host once, newest first, and not without end", () => {
  let hosts: readonly { url: string; user: string }[] = [];
  for (let index = 0; index < 30; index += 1)
    hosts = rememberHost(hosts, { url: `https://h${index % 20}/`, user: "u" });
  expect(hosts).toHaveLength(12);
  expect(hosts[0]?.url).toBe("https://h9/");
  expect(new Set(hosts.map(({ url }) => url)).size).toBe(12);
});

it("keeps what was chosen of a picture, and drops what is no choice", () => {
  const chosen = { url: "https://h/", path: "vnc", video: { encoder: "x264enc", chroma: "444", maxBps: 5_000_000 } };
  const damaged = {
    url: "https://i/",
    path: "pigeon",
    video: {
      encoder: 5,
      chroma: "411",
      preset: "text",
      framesPerSecond: 1e9,
      minBps: 1,
      capBytesPerHour: 0.5,
      more: 1,
    },
  };
  expect(readSettings({ pictures: [chosen, damaged, { path: "auto" }, 7] }).pictures).toEqual([
    chosen,
    { url: "https://i/", path: "auto", video: { preset: "text" } },
  ]);
});

it("remembers a picture for its own agent alone, and forgets it when nothing is chosen any more", () => {
  let pictures: readonly HostPicture[] = [];
  pictures = rememberPicture(pictures, { url: "https://a/", path: "vnc", video: {} });
  pictures = rememberPicture(pictures, { url: "https://b/", path: "auto", video: { preset: "text" } });
  expect(pictureOf(pictures, "https://a/")).toMatchObject({ path: "vnc", video: {} });
  expect(pictureOf(pictures, "https://c/")).toEqual({ path: "auto", video: {} });
  pictures = rememberPicture(pictures, { url: "https://a/", path: "auto", video: {} });
  expect(pictures.map(({ url }) => url)).toEqual(["https://b/"]);
});

// What is read of the browser for `keyboard.ts`, which knows no DOM: a key's event, and whose keyboard it is. Used by `capture.ts`.

import type { KeyInput, KeyPlatform } from "./keyboard.ts";

export function keyInput(event: KeyboardEvent): KeyInput {
  const { code, key, location, repeat, metaKey, ctrlKey, altKey, shiftKey, timeStamp } = event;
  const altGraph = event.getModifierState("AltGraph");
  return { code, key, location, repeat, metaKey, ctrlKey, altKey, shiftKey, altGraph, timeStamp };
}

export function keyPlatform(): KeyPlatform {
  const platform = (navigator.userAgentData?.platform ?? navigator.platform).toLowerCase();
  if (platform.startsWith("mac") || platform.startsWith("ip")) return "mac";
  return platform.startsWith("win") ? "windows" : "other";
}

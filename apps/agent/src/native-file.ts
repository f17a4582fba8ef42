// Where the native modules are: beside the bundle, else where node-gyp builds them. Asked by the doors to them, `video/native.ts`
// and `audio/native.ts`.

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

export function nativePlaces(name: string): readonly string[] {
  return [join(here, name), join(here, "../native/build/Release", name)];
}

/** undefined: it is not built. */
export function nativeFile(name: string): string | undefined {
  return nativePlaces(name).find((place) => existsSync(place));
}

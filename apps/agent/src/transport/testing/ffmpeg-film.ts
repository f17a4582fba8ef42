// Films that no browser makes: coded by ffmpeg, cut into access units at their delimiters. Used by the system tests of this folder.

import { execFileSync } from "node:child_process";
import type { EncodedPicture } from "./chromium-viewer.ts";

/** Access unit delimiter with a four-byte start code, H.264 section 7.4.1.2.3. */
const DELIMITER = Buffer.from([0, 0, 0, 1, 9]);

/** H.264 High 4:4:4 Predictive, 640 × 360: a test pattern over a ground of rgb(200, 40, 40). */
export function film444(count: number): EncodedPicture[] {
  const ground = "color=c=0xC82828:s=640x360:r=60[ground]";
  const pattern = "testsrc2=s=640x120:r=60[pattern]";
  const stream = execFileSync(
    "ffmpeg",
    [
      ["-v", "error", "-filter_complex", `${ground};${pattern};[ground][pattern]overlay,format=yuv444p`],
      ["-frames:v", String(count), "-c:v", "libx264", "-profile:v", "high444", "-preset", "ultrafast"],
      ["-tune", "zerolatency", "-b:v", "6M", "-x264-params", "aud=1:keyint=9999:scenecut=0", "-f", "h264", "-"],
    ].flat(),
    { maxBuffer: 64 * 1024 * 1024 },
  );
  const pictures: EncodedPicture[] = [];
  for (let at = stream.indexOf(DELIMITER); at >= 0; ) {
    const next = stream.indexOf(DELIMITER, at + 1);
    const data = stream.subarray(at, next < 0 ? stream.length : next);
    pictures.push({ data, keyframe: pictures.length === 0 });
    at = next;
  }
  return pictures;
}

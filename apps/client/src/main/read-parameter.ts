// Reads a parameter of the bridge by its schema. Used by the answers of each part.

import type { z } from "zod";
import { WrongParameter } from "../shared/bridge-call.ts";

/** Throws WrongParameter for what does not fit. */
export function readParameter<T>(schema: z.ZodType<T>, value: unknown): T {
  const read = schema.safeParse(value);
  if (!read.success)
    throw new WrongParameter(read.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "));
  return read.data;
}

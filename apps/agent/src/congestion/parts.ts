// What was handed to a byte stream and is not acknowledged yet, in order: a ring that grows to what is really in flight. Of
// `window.ts` alone.

/** A run of bytes handed to the stream together. Kept and used again. */
export interface Part {
  endBytes: number;
  /** Of its picture so far, this part included: what it waits for by its own fault. */
  pictureBytes: number;
  sentMs: number;
  /** As it was when this part left: bytes delivered, when the last of them were, and when the flight they ended began. */
  deliveredBytes: number;
  deliveredMs: number;
  flightMs: number;
  /** There was room for more: its rate says what was sent, not what the path carries. */
  limited: boolean;
}

export interface Parts {
  ring: Part[];
  head: number;
  count: number;
}

export function createParts(): Parts {
  return { ring: [], head: 0, count: 0 };
}

/** The next free one, to be filled. */
export function addPart(parts: Parts): Part {
  if (parts.count === parts.ring.length) {
    parts.ring = [...parts.ring.slice(parts.head), ...parts.ring.slice(0, parts.head)];
    parts.head = 0;
    parts.ring.push({
      endBytes: 0,
      pictureBytes: 0,
      sentMs: 0,
      deliveredBytes: 0,
      deliveredMs: 0,
      flightMs: 0,
      limited: false,
    });
  }
  parts.count += 1;
  return partAt(parts, parts.count - 1);
}

/** Takes away all up to the one that ends there, which is returned; undefined, and nothing changes, when none does. */
export function takeParts(parts: Parts, endBytes: number): Part | undefined {
  let index = 0;
  while (index < parts.count && partAt(parts, index).endBytes < endBytes) index += 1;
  if (index === parts.count) return undefined;
  const part = partAt(parts, index);
  if (part.endBytes !== endBytes) return undefined;
  parts.head = (parts.head + index + 1) % parts.ring.length;
  parts.count -= index + 1;
  return part;
}

function partAt(parts: Parts, index: number): Part {
  return parts.ring[(parts.head + index) % parts.ring.length] as Part;
}

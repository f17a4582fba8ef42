// What makes an entry of the desktop's folder one that can be dragged out of the application's window, and the words for what comes of it. A part of
// `desktop-folder-list.tsx`; next: `files/drag-out.ts`.

import type { FolderEntry } from "@eglantine/protocol/transfer";
import type { DragEvent } from "react";
import type { Client } from "../client.ts";
import type { DesktopFolder } from "../files/desktop-folder.ts";
import type { DragOut } from "../files/drag-out.ts";
import type { Text } from "../messages/areas.ts";
import { said } from "../messages/said.ts";

interface Draggable {
  readonly draggable?: true;
  readonly title?: string;
  readonly onDragStart?: (event: DragEvent) => void;
}

/** Nothing in a browser, which gives pages no way to it. */
export function draggable(client: Client, source: DesktopFolder, entry: FolderEntry, t: Text<"system">): Draggable {
  const { dragOut } = client.files;
  if (dragOut === undefined) return {};
  return {
    draggable: true,
    title: t("drag-out"),
    onDragStart: (event) => {
      // The system's own drag takes its place, once there are files for it.
      event.preventDefault();
      void drag(client, dragOut, source, entry);
    },
  };
}

/** Until the button is let go, or there is nothing more to drag. */
async function drag(client: Client, dragOut: DragOut, source: DesktopFolder, entry: FolderEntry): Promise<void> {
  const held = new AbortController();
  for (const end of ["pointerup", "mouseup", "pointercancel"])
    window.addEventListener(end, () => held.abort(), { capture: true, once: true, signal: held.signal });
  const outcome = await dragOut.begin(source, entry, held.signal);
  held.abort();
  const { name } = entry;
  if (outcome.kind === "ready") client.connection.notify("info", said("system", "drag-ready", { name }));
  if (outcome.kind === "failed")
    client.connection.notify("warning", said("system", "drag-failed", { name, why: outcome.why }));
}

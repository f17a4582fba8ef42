// How a saved desktop's target is written: on its card, and where it is searched for. PURE.

import { addressOf } from "../../../shared/address.ts";
import type { DesktopTarget, SavedDesktop } from "../../../shared/desktops.ts";

export function targetText(target: DesktopTarget): string {
  switch (target.kind) {
    case "url":
      return target.url.replace(/^https:\/\//, "").replace(/\/$/, "");
    case "ssh":
      return addressOf(target);
    case "container":
      return `${target.container} · ${target.engine}`;
    case "pod":
      return `${target.name} · ${target.namespace} · ${target.context}`;
  }
}

/** What a desktop is called where the user gives it no name. */
export function usualName(target: DesktopTarget): string {
  switch (target.kind) {
    case "url":
      return new URL(target.url).host;
    case "ssh":
      return target.destination;
    case "container":
      return target.container;
    case "pod":
      return target.name;
  }
}

/** Each word of the search stands somewhere in its name, its user or its target. */
export function isFound({ name, user, target }: SavedDesktop, search: string): boolean {
  const text = `${name} ${user} ${targetText(target)}`.toLocaleLowerCase();
  return search
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

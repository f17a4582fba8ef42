// What a program of the desktop notifies its user of, as viewers are told: texts alone, without markup, within their limits. PURE. The body of
// a call `Notify` of https://specifications.freedesktop.org/notification-spec/latest/ comes from `linux/dbus-monitor.ts`; `notifications.ts` passes on
// what comes of it.

import { LIMITS } from "@eglantine/protocol/limits";
import { DbusError, type DbusMessage } from "../linux/dbus-message.ts";

export const NOTIFICATION_WAYS = ["on", "off"] as const;

export interface Notification {
  /** As it calls itself; may be empty. */
  readonly program: string;
  readonly title: string;
  readonly body: string;
}

/** The only ones that a body may have; what else stands in angle brackets was written as text. */
const TAGS = /<\/?(?:b|i|u|a|img)(?:\s[^<>]*)?\/?>/gi;
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", "#39": "'" };
/** Controls but the line feed, and what turns the direction of the text around it. */
// oxlint-disable-next-line no-control-regex
const UNSEEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** Undefined: it is no notification, or says nothing. */
export function readNotify({ interface: name, member, signature, body }: DbusMessage): Notification | undefined {
  if (name !== "org.freedesktop.Notifications" || member !== "Notify" || !signature.startsWith("susss"))
    return undefined;
  try {
    const program = body.text();
    // Which one it replaces, and its picture.
    body.u32();
    body.text();
    const title = body.text();
    const text = body.text();
    const seen = {
      program: plain(program, LIMITS.notificationTitleChars),
      title: plain(title, LIMITS.notificationTitleChars),
      body: plain(withoutMarkup(text), LIMITS.notificationBodyChars, true),
    };
    return seen.title === "" && seen.body === "" ? undefined : seen;
  } catch (error) {
    // Longer than what is kept of a message.
    if (error instanceof DbusError) return undefined;
    throw error;
  }
}

function withoutMarkup(text: string): string {
  return text.replaceAll(TAGS, "").replaceAll(/&([a-z]+|#39);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}

/** `lines`: it may have several. */
function plain(text: string, maxChars: number, lines = false): string {
  const seen = text.replaceAll(UNSEEN, " ").trim();
  const whole = lines ? seen : seen.replaceAll(/\s+/g, " ");
  if (whole.length <= maxChars) return whole;
  // Not in the middle of a character.
  return `${whole.slice(0, maxChars - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

// Writes PROTOCOL.md from the tables in `src/`. `--check` writes nothing and exits 1 when the file is stale.

import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { CHANNELS, CONTROL_PATH, CONTROL_SUBPROTOCOL, type ChannelDefinition, TRANSFER_PATH } from "./src/channels.ts";
import { CLIPBOARD_MIMES } from "./src/clipboard.ts";
import type { MessageTable } from "./src/codec.ts";
import { AGENT_CONTROL, type ControlTable, VIEWER_CONTROL } from "./src/control.ts";
import { FEEDBACK } from "./src/feedback.ts";
import type { Field } from "./src/field.ts";
import { INPUT } from "./src/input.ts";
import { KEYS } from "./src/keys.ts";
import { LIMITS } from "./src/limits.ts";
import { REASONS } from "./src/reasons.ts";
import { SOCKET_MEDIA, SOCKET_VIEWER } from "./src/socket.ts";
import {
  clipboardTransfer,
  CONFLICT_MODES,
  fileDigest,
  fileDownload,
  fileUpload,
  folderListing,
  folderUpload,
  REPR_DIGEST,
  UPLOAD_COMPLETE,
  UPLOAD_OFFSET,
} from "./src/transfer.ts";
import { PROTOCOL_VERSION } from "./src/version.ts";

const hex = (value: number): string => `0x${value.toString(16).padStart(2, "0")}`;
const row = (...cells: string[]): string => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
const head = (...cells: string[]): string[] => [row(...cells), row(...cells.map(() => "---"))];

function wire(field: Field): string {
  if (field.kind === "bytes") return `bytes, at most ${field.maxBytes}`;
  if (field.kind === "flag") return "u8, 0 or 1";
  return `${field.wire}, ${field.min} … ${field.max}`;
}

function binary(table: MessageTable): string[] {
  return Object.entries(table).flatMap(([name, { type, doc, fields }]) => [
    `#### ${name} (${hex(type)})`,
    "",
    doc,
    "",
    ...(Object.keys(fields).length === 0
      ? ["No fields.", ""]
      : [
          ...head("field", "wire", "meaning"),
          ...Object.entries(fields).map(([field, value]) => row(field, wire(value), value.doc)),
          "",
        ]),
  ]);
}

interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly enum?: readonly (string | number)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
}

function shape(schema: JsonSchema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(", ");
  if (schema.type === "object") {
    return `{ ${Object.entries(schema.properties ?? {})
      .map(([name, value]) => `${name}${schema.required?.includes(name) ? "" : "?"}: ${shape(value)}`)
      .join("; ")} }`;
  }
  if (schema.type === "array") return `at most ${schema.maxItems} of ${shape(schema.items ?? {})}`;
  if (schema.type === "string") return `string, at most ${schema.maxLength} characters`;
  if (schema.type === "boolean") return "boolean";
  return `${schema.type}, ${schema.minimum} … ${schema.maximum}`;
}

function control(table: ControlTable): string[] {
  return Object.entries(table).flatMap(([name, { doc, schema }]) => {
    const json = z.toJSONSchema(schema) as JsonSchema;
    const fields = Object.entries(json.properties ?? {});
    return [
      `#### ${name}`,
      "",
      doc,
      "",
      ...(fields.length === 0 ? ["No fields."] : head("field", "value")),
      ...fields.map(([field, value]) =>
        row(field + (json.required?.includes(field) ? "" : " (optional)"), shape(value)),
      ),
      "",
    ];
  });
}

const channels: readonly ChannelDefinition[] = Object.values(CHANNELS);

const lines = [
  "# The protocol",
  "",
  "Generated from the tables in `src/` by `pnpm generate`; do not edit.",
  "",
  `Version ${PROTOCOL_VERSION.major}.${PROTOCOL_VERSION.minor}. Two sides talk when their majors are equal; the other`,
  "case ends with `version-mismatch` and a sentence that names both. Unknown JSON fields are dropped; unknown message",
  "types, values outside their range and lengths that do not fit end the session with `protocol-error`.",
  "",
  "## Channels",
  "",
  `The WebSocket at \`${CONTROL_PATH}\` below the agent's URL (subprotocol \`${CONTROL_SUBPROTOCOL}\`) carries the JSON`,
  "control messages for the whole session: when it closes, the session ends. Media goes over WebRTC; the viewer offers,",
  "the agent answers. The data channels are negotiated: both sides create them with these ids. Until WebRTC has a path, and when",
  "it has none any more, media and input go over the same WebSocket as binary frames.",
  "",
  ...head("channel", "id", "ordered", "sent again", "direction", "carries"),
  ...channels.map((channel) =>
    row(
      channel.label,
      String(channel.id),
      channel.ordered ? "yes" : "no",
      channel.maxRetransmits === undefined ? "until it arrives" : `at most ${channel.maxRetransmits} times`,
      channel.direction.replaceAll("-", " "),
      channel.doc,
    ),
  ),
  "",
  "## Control messages (JSON)",
  "",
  "One object a text frame; its `type` names the message. Order: viewer `hello` (an `offer` may follow it at once) → agent",
  "`hello` or `bye` → `answer` → `candidate` both ways → the rest at any time.",
  "",
  "### Viewer to agent",
  "",
  ...control(VIEWER_CONTROL),
  "### Agent to viewer",
  "",
  ...control(AGENT_CONTROL),
  "## Binary messages",
  "",
  "One message a datagram or WebSocket frame: a type byte, then the fields in this order, numbers big-endian. Golden bytes: `vectors/`.",
  "",
  "### Input: viewer to agent",
  "",
  ...binary(INPUT),
  "### Feedback: agent to viewer",
  "",
  ...binary(FEEDBACK),
  "### Media over the WebSocket: agent to viewer",
  "",
  ...binary(SOCKET_MEDIA),
  "### Input over the WebSocket: viewer to agent",
  "",
  ...binary(SOCKET_VIEWER),
  "## Bulk bytes (HTTP)",
  "",
  `Below \`${TRANSFER_PATH}/\` of the agent's URL, with \`Authorization: Bearer\` and the ticket of the agent's \`hello\`. GET, with Range, to the`,
  `viewer. PUT of a piece to the agent: \`${UPLOAD_OFFSET}\` says where it begins, \`${UPLOAD_COMPLETE}: ?1\` that it is the last one; the answer, and that to`,
  `HEAD, has the offset to go on from. An error's body is a sentence for the user. The clipboard's address is`,
  `\`${clipboardTransfer("out", 7, "image/png")}\`: direction, serial of the offer, kind. Kinds: ${CLIPBOARD_MIMES.map((mime) => `\`${mime}\``).join(", ")}.`,
  "",
  `A file goes to \`${fileUpload({ id: "0123456789abcdef0123456789abcdef", sizeBytes: 1234, mode: "ask", names: ["album", "one.png"] })}\`: an id of the`,
  `viewer's making, by which it is gone on with in another session too; its size; what becomes of a name that is taken (${CONFLICT_MODES.map((mode) => `\`${mode}\``).join(", ")};`,
  `412 asks); folders and name. With the last piece goes \`${REPR_DIGEST}: sha-256=:…:\` of all of it; 422: something else came. DELETE forgets what has come.`,
  `A PUT to \`${folderUpload(["album", "empty"])}\` makes a folder.`,
  `GET of \`${folderListing(["album"])}\` lists a folder (JSON: \`entries\` with \`name\`, \`kind\`, \`sizeBytes\`, \`modifiedMs\`, and whether there are \`more\`), of`,
  `\`${fileDownload(["album", "one.png"])}\` brings a file, of \`${fileDigest(["album", "one.png"])}\` its SHA-256 in base64.`,
  "",
  "## Reasons",
  "",
  "Why a session ends, with what the user is told.",
  "",
  ...head("reason", "sentence", "remedy", "client tries again"),
  ...Object.entries(REASONS).map(([name, { sentence, remedy, retry }]) =>
    row(`\`${name}\``, sentence, remedy, retry ? "yes" : "no"),
  ),
  "",
  "## Limits",
  "",
  ...head("limit", "value"),
  ...Object.entries(LIMITS).map(([name, value]) => row(`\`${name}\``, String(value))),
  "",
  "## Physical keys",
  "",
  "Ids are Linux evdev codes (`input-event-codes.h`); names are those of UI Events `KeyboardEvent.code` and of XKB.",
  "",
  ...head("id", "code", "XKB name"),
  ...Object.entries(KEYS).map(([code, { id, xkb }]) => row(String(id), code, xkb)),
  "",
];

const path = new URL("PROTOCOL.md", import.meta.url);
const text = lines.join("\n");
if (process.argv.includes("--check")) {
  if (readFileSync(path, "utf8") !== text) {
    process.stderr.write("packages/protocol/PROTOCOL.md is stale: run pnpm generate\n");
    process.exitCode = 1;
  }
} else {
  writeFileSync(path, text);
}

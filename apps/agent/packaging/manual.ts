// Prints the manual page eglantine-agent(1), from the options' table. Called by deb.mjs.

import { GROUPS, type Option } from "../src/config/option.ts";
import { OPTIONS } from "../src/config/options.ts";

const rows: readonly Option[] = Object.values(OPTIONS);

/** Text as roff takes it: no line that begins like a request, no character that means something. */
const plain = (text: string): string =>
  text
    .replaceAll("\\", "\\e")
    .replaceAll("`", "")
    .replaceAll("-", "\\-")
    .replace(/^([.'])/, "\\&$1");

function entry(row: Option): string[] {
  const flag = row.flag === undefined ? "" : `\\fB\\-\\-${plain(row.flag)}\\fR \\fIvalue\\fR, `;
  const names = row.env.map((name) => `\\fB${plain(name)}\\fR`).join(", ");
  const preset = row.presetDoc ?? row.preset;
  const file = row.secret === true ? " Also from the file that the same name with _FILE gives." : "";
  return [".TP", `${flag}${names}`, plain(`${row.doc}${file}`), ...(preset ? [plain(`Default: ${preset}.`)] : [])];
}

const page = [
  '.TH EGLANTINE\\-AGENT 1 "" "Eglantine" "User Commands"',
  ".SH NAME",
  "eglantine\\-agent \\- streams an X display to web browsers over WebRTC",
  ".SH SYNOPSIS",
  ".B eglantine\\-agent serve",
  "[\\fIflags\\fR]",
  ".SH DESCRIPTION",
  "Captures an X display as it changes and serves it, with the page that shows it, on one port (TCP and UDP). Viewers' keyboard, pointer,",
  "gamepads, clipboard, files and microphone come back. Without a password set, a random one is printed at the first start.",
  ".SH OPTIONS",
  "Flags take a value, and count before their environment variable; what has no flag is a variable alone.",
  ...GROUPS.flatMap((group) => {
    const own = rows.filter((row) => row.group === group && row.status !== "session");
    return own.length === 0 ? [] : [`.SS ${plain(group)}`, ...own.flatMap(entry)];
  }),
  ".SH EXAMPLES",
  "Stream the display :1 to this computer alone:",
  ".PP",
  ".nf",
  ".RS",
  "eglantine\\-agent serve \\-\\-display :1",
  ".RE",
  ".fi",
  ".SH EXIT STATUS",
  "0 when it was told to end, 2 for a wrong option, 1 when it could not start.",
  "",
];
process.stdout.write(page.join("\n"));

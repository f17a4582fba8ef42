// The doctor's rows as text: a word for each verdict, what was seen, what it means, what to change. For the agent's terminal and for what the
// client copies. PURE.

import {
  countVerdicts,
  DOCTOR_GROUPS,
  type DoctorGroup,
  type DoctorRow,
  type DoctorVerdict,
  overallVerdict,
} from "./doctor.ts";

export const GROUP_TITLES: Record<DoctorGroup, string> = {
  container: "Container",
  graphics: "Graphics",
  video: "Video",
  display: "Display",
  sound: "Sound",
  input: "Input",
  network: "Network",
  machine: "Machine",
  measured: "Measured",
};

const WORDS: Record<DoctorVerdict, string> = { pass: "PASS", warn: "WARN", fail: "FAIL", skip: "skip" };
/** SGR: green, yellow, bold red, faint. */
const COLOURS: Record<DoctorVerdict, string> = { pass: "32", warn: "33", fail: "1;31", skip: "2" };
const INDENT = "      ";

export interface DoctorTextOptions {
  readonly widthChars: number;
  readonly colour: boolean;
}

export function doctorText(rows: readonly DoctorRow[], { widthChars, colour }: DoctorTextOptions): string {
  const lines: string[] = [];
  const say = (text: string): void => void lines.push(...wrap(text, widthChars));
  for (const group of DOCTOR_GROUPS) {
    const inGroup = rows.filter((row) => row.group === group);
    if (inGroup.length === 0) continue;
    lines.push("", GROUP_TITLES[group].toUpperCase());
    for (const { verdict, title, seen, means, fix, details = [] } of inGroup) {
      const word = colour ? `\u001b[${COLOURS[verdict]}m${WORDS[verdict]}\u001b[0m` : WORDS[verdict];
      lines.push(`${word}  ${title}`);
      say(`${asSentence(seen)} ${asSentence(means)}`);
      if (fix !== undefined) say(`→ ${fix}`);
      for (const detail of details) say(`· ${detail}`);
    }
  }
  const { pass, warn, fail, skip } = countVerdicts(rows);
  const counts = `${pass} passed, ${warn} with a warning, ${fail} failed, ${skip} skipped`;
  return [...lines, "", `Verdict: ${WORDS[overallVerdict(rows)]} (${counts})`, ""].slice(1).join("\n");
}

/** With its full stop, where it does not end with a mark of its own. */
export function asSentence(text: string): string {
  return /[.?!…]$/.test(text) ? text : `${text}.`;
}

/** Words on lines of this width; one that is longer, as flags may be, stays whole. */
function wrap(text: string, widthChars: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && INDENT.length + line.length + 1 + word.length > widthChars) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => `${INDENT}${one}`);
}

// From KeyboardEvent.key to an X keysym. PURE. Used by `keyboard.ts`.
// Values: X11's keysymdef.h (XK_…); the rule for Unicode: X protocol, appendix A: Latin-1 as it is, else 0x01000000 + code
// point. The old Greek, Cyrillic, … keysyms are not needed: every X server since 2000 knows the Unicode ones.

/** Keys that have a name instead of a character, wherever they are on the keyboard. */
const NAMED: Readonly<Record<string, number>> = {
  Backspace: 0xff08,
  Tab: 0xff09,
  Enter: 0xff0d,
  Clear: 0xff0b,
  Pause: 0xff13,
  ScrollLock: 0xff14,
  Escape: 0xff1b,
  Delete: 0xffff,
  Home: 0xff50,
  ArrowLeft: 0xff51,
  ArrowUp: 0xff52,
  ArrowRight: 0xff53,
  ArrowDown: 0xff54,
  PageUp: 0xff55,
  PageDown: 0xff56,
  End: 0xff57,
  Select: 0xff60,
  PrintScreen: 0xff61,
  Execute: 0xff62,
  Insert: 0xff63,
  Undo: 0xff65,
  Redo: 0xff66,
  ContextMenu: 0xff67,
  Find: 0xff68,
  Cancel: 0xff69,
  Help: 0xff6a,
  NumLock: 0xff7f,
  Shift: 0xffe1,
  Control: 0xffe3,
  CapsLock: 0xffe5,
  Meta: 0xffeb,
  Alt: 0xffe9,
  AltGraph: 0xfe03,
  Hyper: 0xffed,
  // Japanese and Korean
  KanjiMode: 0xff21,
  NonConvert: 0xff22,
  Convert: 0xff23,
  Romaji: 0xff24,
  Hiragana: 0xff25,
  Katakana: 0xff26,
  HiraganaKatakana: 0xff27,
  Zenkaku: 0xff28,
  Hankaku: 0xff29,
  ZenkakuHankaku: 0xff2a,
  KanaMode: 0xff2d,
  Eisu: 0xff2f,
  Alphanumeric: 0xff30,
  HangulMode: 0xff31,
  HanjaMode: 0xff34,
  Process: 0,
  // XF86 keys
  AudioVolumeDown: 0x1008ff11,
  AudioVolumeMute: 0x1008ff12,
  AudioVolumeUp: 0x1008ff13,
  MediaPlayPause: 0x1008ff14,
  MediaStop: 0x1008ff15,
  MediaTrackPrevious: 0x1008ff16,
  MediaTrackNext: 0x1008ff17,
  BrowserHome: 0x1008ff18,
  LaunchMail: 0x1008ff19,
  BrowserSearch: 0x1008ff1b,
  BrowserBack: 0x1008ff26,
  BrowserForward: 0x1008ff27,
  BrowserStop: 0x1008ff28,
  BrowserRefresh: 0x1008ff29,
  Power: 0x1008ff2a,
  WakeUp: 0x1008ff2b,
  BrowserFavorites: 0x1008ff30,
  Eject: 0x1008ff2c,
  Copy: 0x1008ff57,
  Cut: 0x1008ff58,
  Paste: 0x1008ff6d,
  Open: 0x1008ff6b,
};

/** The right one of a pair (KeyboardEvent.location 2). */
const RIGHT: Readonly<Record<string, number>> = {
  Shift: 0xffe2,
  Control: 0xffe4,
  Meta: 0xffec,
  Alt: 0xffea,
};

/** The keypad (location 3): digits and operators, and what they are without NumLock. */
const KEYPAD: Readonly<Record<string, number>> = {
  Enter: 0xff8d,
  Home: 0xff95,
  ArrowLeft: 0xff96,
  ArrowUp: 0xff97,
  ArrowRight: 0xff98,
  ArrowDown: 0xff99,
  PageUp: 0xff9a,
  PageDown: 0xff9b,
  End: 0xff9c,
  Clear: 0xff9d,
  Insert: 0xff9e,
  Delete: 0xff9f,
  "=": 0xffbd,
  "*": 0xffaa,
  "+": 0xffab,
  ",": 0xffac,
  "-": 0xffad,
  ".": 0xffae,
  "/": 0xffaf,
};

/** Dead keys by the spacing accent that the layout map gives for them. */
const DEAD: Readonly<Record<string, number>> = {
  "`": 0xfe50,
  "´": 0xfe51,
  "'": 0xfe51,
  "^": 0xfe52,
  "~": 0xfe53,
  "¯": 0xfe54,
  "˘": 0xfe55,
  "˙": 0xfe56,
  "¨": 0xfe57,
  '"': 0xfe57,
  "˚": 0xfe58,
  "°": 0xfe58,
  "˝": 0xfe59,
  ˇ: 0xfe5a,
  "¸": 0xfe5b,
  "˛": 0xfe5c,
};

const LOCATION_RIGHT = 2;
const LOCATION_KEYPAD = 3;

/** The keysym of a character. */
export function characterKeysym(codePoint: number): number {
  const latin1 = (codePoint >= 0x20 && codePoint <= 0x7e) || (codePoint >= 0xa0 && codePoint <= 0xff);
  return latin1 ? codePoint : 0x0100_0000 + codePoint;
}

/** The dead key of a spacing accent, or 0. */
export function deadKeysym(accent: string | undefined): number {
  return accent === undefined ? 0 : (DEAD[accent] ?? 0);
}

/**
 * The keysym of `key` (KeyboardEvent.key) at `location`; 0 when it has none ("Dead", "Unidentified", unknown names).
 */
export function keysymOf(key: string, location: number): number {
  if (location === LOCATION_KEYPAD) {
    if (key.length === 1 && key >= "0" && key <= "9") return 0xffb0 + Number(key);
    const keypad = Object.hasOwn(KEYPAD, key) ? KEYPAD[key] : undefined;
    if (keypad !== undefined) return keypad;
  }
  if (location === LOCATION_RIGHT && Object.hasOwn(RIGHT, key)) return RIGHT[key] ?? 0;
  const codePoint = key.codePointAt(0);
  if (codePoint === undefined) return 0;
  if (key.length === (codePoint > 0xffff ? 2 : 1)) {
    const control = codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0);
    const surrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
    return control || surrogate ? 0 : characterKeysym(codePoint);
  }
  if (Object.hasOwn(NAMED, key)) return NAMED[key] ?? 0;
  const functionKey = /^F([1-9]|[12]\d|3[0-5])$/.exec(key);
  return functionKey === null ? 0 : 0xffbd + Number(functionKey[1]);
}

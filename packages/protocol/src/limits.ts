// Every size that one side may ask of the other. A value beyond its limit is a ProtocolError, never a clamp.

export const LIMITS = {
  /** Largest JSON control message before a viewer is let in, bytes. A hello is all that may come. */
  controlBytesBeforeHello: 4 * 1024,
  /** Largest JSON control message, bytes. The largest honest one is an SDP offer of about 12 KiB. */
  controlBytes: 256 * 1024,
  /** Largest SDP, characters. */
  sdpChars: 128 * 1024,
  /** Remote ICE candidates taken from one viewer for one peer. */
  candidates: 64,
  /** Largest binary frame of a viewer on the WebSocket, bytes: one packet of its microphone and what stands around it. */
  socketInputBytes: 1408,
  /** Largest Opus packet of sound, bytes: 10 ms of eight channels. */
  soundBytes: 4096,
  /** Largest Opus packet of a microphone, bytes: the largest frame of RFC 6716 and its head. */
  microphoneBytes: 1276,
  /** Packets of a microphone a second, over ten seconds: 10 ms each, and half as many again. */
  microphonePerSecond: 150,
  /** Largest coded picture, or part of one, in a binary frame of the WebSocket, bytes. */
  socketMediaBytes: 16 * 1024 * 1024,
  /** Peers that a viewer may make in one session, one after the other, per minute. */
  peersPerMinute: 30,
  /** Frames a second and bit/s that a viewer may ask for. */
  framesPerSecondMin: 1,
  framesPerSecondMax: 240,
  bitrateMinBps: 50_000,
  bitrateMaxBps: 1_000_000_000,
  /** Least data cap, bytes an hour: 50 kbit/s. */
  capMinBytes: 22_500_000,
  /** Largest piece of committed text in one message, bytes of UTF-8. */
  inputTextBytes: 60,
  /** Largest binary message on the input and motion channels, bytes. */
  inputBytes: 64,
  /** Largest binary message on the feedback channel, bytes: the most that Chromium takes (its `a=max-message-size`). */
  feedbackBytes: 256 * 1024,
  /** Largest cursor side, pixels. A square of them and its head fit `feedbackBytes`; 256 pixels would not. */
  cursorPx: 255,
  /** Smallest and largest side of the desktop, pixels. The X protocol ends at 32767, H.264 level 6.2 at 8192. */
  displayMinPx: 64,
  displayMaxPx: 8192,
  /** How large programs draw themselves: smallest, largest, and the steps between (scale.ts). */
  scaleMin: 0.5,
  scaleMax: 4,
  scaleStep: 0.25,
  /** What an agent may say that it is: a user's own setting may lie between the steps, and beyond. */
  scaleToldMin: 0.05,
  scaleToldMax: 64,
  /** Largest turn of the wheel in one message, 1/120 detents: 20 detents. More are sent by the next one. */
  wheelUnits: 2400,
  /** Monitors of one viewer. */
  monitors: 8,
  /** Tickets for further ones that a viewer may ask for, per minute. */
  monitorsPerMinute: 60,
  /** Farthest that a viewer's screens lie from each other, and their longest side, in its own units. */
  viewerScreen: 65_536,
  /** Gamepads: of one viewer, and on the desktop. */
  gamepads: 8,
  /** How often a viewer may plug gamepads in, per minute. */
  gamepadPlugsPerMinute: 120,
  /** Messages a second on the input and motion channels together; a 1 kHz mouse and a fast typist stay far below. */
  inputPerSecond: 8000,
  /** JSON control messages a second. */
  controlPerSecond: 200,
  /** Characters of a user name, a password, a free text. */
  userChars: 256,
  passwordChars: 1024,
  textChars: 2048,
  /** Kinds of content that one clipboard offers, characters of a kind's name, and of text that rides inside the offer. */
  clipboardTypes: 16,
  mimeChars: 128,
  clipboardTextChars: 8 * 1024,
  /** File names that an offer tells. */
  clipboardNames: 32,
  /** Offers of a viewer's clipboard a second. */
  clipboardPerSecond: 50,
  /** Files and folders of one folder that are listed. */
  filesListed: 2000,
  /** Drops of a viewer that wait for their files, how many of each, and how often it may drop, per minute. */
  drops: 8,
  droppedFiles: 256,
  dropsPerMinute: 120,
  /** How long input waits for the clipboard that it pastes (input `clipboardBarrier`), ms. */
  clipboardBarrierMs: 500,
  /** Checks of the doctor, further lines of one, and how often a viewer may ask for it, per minute. */
  doctorChecks: 64,
  doctorDetails: 64,
  doctorPerMinute: 30,
  /** Of a notification of the desktop: characters of the program's name and of its title, and of its text; how many in a minute. */
  notificationTitleChars: 200,
  notificationBodyChars: 1000,
  notificationsPerMinute: 30,
  /** A viewer's clock, ms since 1970: the largest that Date knows. */
  clockMs: 8_640_000_000_000_000,
  /** How long a new connection may wait before its hello, ms. */
  helloTimeoutMs: 5000,
} as const;

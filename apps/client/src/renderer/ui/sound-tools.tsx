// The toolbar's two buttons of sound: the desktop's loudspeaker, and the user's microphone.

import type { Client } from "../client.ts";
import { Tool } from "./tool.tsx";
import { useStore } from "./use-store.ts";
import { useSay, useText } from "./use-text.ts";
import type { Text } from "../messages/areas.ts";
import type { Sentence } from "../messages/said.ts";

export function SoundTools({ client }: { readonly client: Client }) {
  const t = useText("tools");
  const say = useSay();
  const { audio, viewOnly } = useStore(client.connection.facts);
  const { muted } = useStore(client.preferences.store);
  const { phase } = useStore(client.microphone.state);
  const silent =
    audio === undefined ? t("no-sound-known") : audio.sound ? undefined : t("no-sound", { why: audio.why });
  const trouble = microphoneTrouble(client, audio, viewOnly, t("microphone-agent"));
  const why = trouble === undefined ? undefined : say(trouble);
  return (
    <>
      <Tool
        testId="toggle-sound"
        label={silent ?? (muted ? t("sound-on") : t("mute"))}
        pressed={muted}
        disabled={silent !== undefined}
        onClick={() => client.sound.setMuted(!muted)}
      >
        <path
          d={
            muted || silent !== undefined
              ? "M2.5 6v4H5l3.5 3V3L5 6zM11 6.2l3.5 3.6m0-3.6L11 9.8"
              : "M2.5 6v4H5l3.5 3V3L5 6zM11 6a3 3 0 0 1 0 4m1.8-6a6 6 0 0 1 0 8"
          }
        />
      </Tool>
      <Tool
        testId="toggle-microphone"
        label={microphoneLabel(phase, why, t)}
        pressed={phase !== "off"}
        disabled={phase === "off" && trouble !== undefined}
        onClick={() => {
          if (phase !== "off") client.microphone.turnOff();
          else void client.microphone.turnOn();
        }}
      >
        <path d="M8 2a2 2 0 0 1 2 2v4a2 2 0 0 1-4 0V4a2 2 0 0 1 2-2zM3.8 7.5a4.2 4.2 0 0 0 8.4 0M8 11.8V14" />
      </Tool>
    </>
  );
}

type AudioFacts = ReturnType<Client["connection"]["facts"]["get"]>["audio"];

/** Why it can't be turned on. */
function microphoneTrouble(
  client: Client,
  audio: AudioFacts,
  viewOnly: boolean,
  agentTakesNone: string,
): Sentence | undefined {
  if (audio === undefined) return agentTakesNone;
  if (viewOnly || audio.microphone === "refused") return audio.microphoneWhy;
  return client.microphone.unavailable;
}

function microphoneLabel(phase: "off" | "asking" | "on", why: string | undefined, t: Text<"tools">): string {
  if (phase === "on") return t("microphone-turn-off");
  if (phase === "asking") return t("microphone-asking");
  return why === undefined ? t("microphone-turn-on") : t("no-microphone", { why });
}

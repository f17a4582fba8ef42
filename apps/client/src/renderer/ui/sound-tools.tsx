// The toolbar's two buttons of sound: the desktop's loudspeaker, and the user's microphone.

import type { Client } from "../client.ts";
import { Tool } from "./tool.tsx";
import { useStore } from "./use-store.ts";

export function SoundTools({ client }: { readonly client: Client }) {
  const { audio, viewOnly } = useStore(client.connection.facts);
  const { muted } = useStore(client.preferences.store);
  const { phase } = useStore(client.microphone.state);
  const silent = audio === undefined ? "This agent has no sound" : audio.sound ? undefined : `No sound: ${audio.why}`;
  return (
    <>
      <Tool
        testId="toggle-sound"
        label={silent ?? (muted ? "Hear the desktop" : "Mute the desktop")}
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
        label={microphoneLabel(phase, microphoneTrouble(client, audio, viewOnly))}
        pressed={phase !== "off"}
        disabled={phase === "off" && microphoneTrouble(client, audio, viewOnly) !== undefined}
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
function microphoneTrouble(client: Client, audio: AudioFacts, viewOnly: boolean): string | undefined {
  if (audio === undefined) return "this agent takes none";
  if (viewOnly || audio.microphone === "refused") return audio.microphoneWhy;
  return client.microphone.unavailable;
}

function microphoneLabel(phase: "off" | "asking" | "on", trouble: string | undefined): string {
  if (phase === "on") return "Turn the microphone off";
  if (phase === "asking") return "The microphone is being asked for";
  return trouble === undefined ? "Turn the microphone on" : `No microphone: ${trouble}`;
}

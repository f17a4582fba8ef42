// The sound's part of the settings: how loud, where, how many channels. Part of `settings-panel.tsx`; kept by `audio/sound.ts` for every
// agent alike.

import { useEffect, useId, useState } from "react";
import { SOUND_CHANNELS, type SoundChannels } from "@eglantine/protocol/formats";
import type { Client } from "../client.ts";
import panel from "./panel.module.css";
import styles from "./sound.module.css";
import { useStore } from "./use-store.ts";

const CHANNEL_NAMES: Readonly<Record<SoundChannels, string>> = { 2: "Stereo", 6: "5.1", 8: "7.1" };

export function SoundSettings({ client }: { readonly client: Client }) {
  const { volume, muted, speaker, soundChannels } = useStore(client.preferences.store);
  const { audio } = useStore(client.connection.facts);
  const speakers = useSpeakers();
  const id = useId();
  const level = muted ? 0 : volume;
  return (
    <>
      <h3 className={styles["heading"]}>Sound</h3>
      {audio?.sound !== true && (
        <p className={panel["note"]} data-testid="sound-why">
          {audio === undefined ? "This agent has no sound." : audio.why}
        </p>
      )}
      <div className={panel["field"]}>
        <label htmlFor={`${id}-volume`}>Volume</label>
        <input
          id={`${id}-volume`}
          type="range"
          min={0}
          max={100}
          step={5}
          value={Math.round(level * 100)}
          className={styles["volume"]}
          data-testid="sound-volume"
          onChange={({ target }) => client.sound.setVolume(Number(target.value) / 100)}
        />
      </div>
      <div className={panel["field"]}>
        <label htmlFor={`${id}-speaker`}>Loudspeaker</label>
        <select
          id={`${id}-speaker`}
          data-testid="sound-speaker"
          value={speaker}
          onChange={({ target }) => client.sound.setSpeaker(target.value)}
        >
          <option value="">The usual one</option>
          {speaker !== "" && !speakers.found.some(({ deviceId }) => deviceId === speaker) && (
            <option value={speaker}>The chosen one, not there now</option>
          )}
          {speakers.found.map(({ deviceId, label }, index) => (
            <option key={deviceId} value={deviceId}>
              {label === "" ? `Loudspeaker ${index + 1}` : label}
            </option>
          ))}
        </select>
        {speakers.hidden && (
          <button
            type="button"
            className={styles["name"]}
            data-testid="sound-name-speakers"
            onClick={() => void speakers.ask()}
          >
            Show them all (the browser asks for the microphone)
          </button>
        )}
      </div>
      <div className={panel["field"]}>
        <label htmlFor={`${id}-channels`}>Channels</label>
        <select
          id={`${id}-channels`}
          data-testid="sound-channels"
          value={soundChannels}
          onChange={({ target }) => client.sound.setChannels(Number(target.value) as SoundChannels)}
        >
          {SOUND_CHANNELS.map((channels) => (
            <option key={channels} value={channels}>
              {CHANNEL_NAMES[channels]}
            </option>
          ))}
        </select>
        {audio?.sound === true && audio.channels !== soundChannels && (
          <p className={panel["now"]} data-differs="true">
            Now {CHANNEL_NAMES[audio.channels]}: the desktop has no more
          </p>
        )}
      </div>
    </>
  );
}

interface Speakers {
  readonly found: readonly MediaDeviceInfo[];
  /** There may be more. */
  readonly hidden: boolean;
}

/** Browsers name loudspeakers, and most of them show any but the usual one, only to pages that may use the microphone. */
async function findSpeakers(): Promise<Speakers> {
  const { mediaDevices } = navigator;
  if (mediaDevices?.enumerateDevices === undefined || !("setSinkId" in HTMLMediaElement.prototype)) {
    return { found: [], hidden: false };
  }
  const devices = await mediaDevices.enumerateDevices();
  return {
    found: devices.filter(({ kind, deviceId }) => kind === "audiooutput" && !["", "default"].includes(deviceId)),
    hidden: devices.some(({ kind }) => kind === "audioinput") && devices.every(({ label }) => label === ""),
  };
}

function useSpeakers() {
  const [speakers, setSpeakers] = useState<Speakers>({ found: [], hidden: false });
  useEffect(() => {
    const look = (): void => void findSpeakers().then(setSpeakers);
    look();
    navigator.mediaDevices?.addEventListener("devicechange", look);
    return () => navigator.mediaDevices?.removeEventListener("devicechange", look);
  }, []);
  const ask = async (): Promise<void> => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      for (const track of stream.getTracks()) track.stop();
    } catch (error) {
      console.debug("loudspeakers", error);
    }
    setSpeakers(await findSpeakers());
  };
  return { ...speakers, ask };
}

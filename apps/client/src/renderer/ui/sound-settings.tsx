// The sound's part of the settings: how loud, where, how many channels, which microphone. Part of `settings-panel.tsx` and of the settings page; kept by `audio/sound.ts` for every
// agent alike.

import { useEffect, useId, useState } from "react";
import { SOUND_CHANNELS, type SoundChannels } from "@eglantine/protocol/formats";
import type { Client } from "../client.ts";
import panel from "./panel.module.css";
import styles from "./sound.module.css";
import { useStore } from "./use-store.ts";
import { useText } from "./use-text.ts";

/** In the panel of a desktop: its loudspeaker, and what the desktop has. */
export function SoundSettings({ client }: { readonly client: Client }) {
  const t = useText("picture");
  const { audio } = useStore(client.connection.facts);
  return (
    <>
      <h3 className={styles["heading"]}>{t("sound")}</h3>
      {audio?.sound !== true && (
        <p className={panel["note"]} data-testid="sound-why">
          {audio === undefined ? t("no-sound") : audio.why}
        </p>
      )}
      <VolumeSetting client={client} />
      <SpeakerSetting client={client} />
      <ChannelsSetting client={client} />
    </>
  );
}

export function VolumeSetting({ client }: { readonly client: Client }) {
  const t = useText("picture");
  const { volume, muted } = useStore(client.preferences.store);
  const id = useId();
  return (
    <div className={panel["field"]}>
      <label htmlFor={id}>{t("volume")}</label>
      <input
        id={id}
        type="range"
        min={0}
        max={100}
        step={5}
        value={Math.round((muted ? 0 : volume) * 100)}
        className={styles["volume"]}
        data-testid="sound-volume"
        onChange={({ target }) => client.sound.setVolume(Number(target.value) / 100)}
      />
    </div>
  );
}

export function SpeakerSetting({ client }: { readonly client: Client }) {
  const t = useText("picture");
  const { speaker } = useStore(client.preferences.store);
  return (
    <DeviceSetting
      kind="audiooutput"
      testId="sound-speaker"
      label={t("speaker")}
      nameOf={(number) => t("speaker-number", { number })}
      chosen={speaker}
      onChoose={(device) => client.sound.setSpeaker(device)}
    />
  );
}

export function MicrophoneSetting({ client }: { readonly client: Client }) {
  const t = useText("picture");
  const { microphone } = useStore(client.preferences.store);
  return (
    <DeviceSetting
      kind="audioinput"
      testId="sound-microphone"
      label={t("microphone")}
      nameOf={(number) => t("microphone-number", { number })}
      chosen={microphone}
      onChoose={(device) => client.preferences.change(() => ({ microphone: device }))}
    />
  );
}

export function ChannelsSetting({ client }: { readonly client: Client }) {
  const t = useText("picture");
  const names: Readonly<Record<SoundChannels, string>> = { 2: t("stereo"), 6: "5.1", 8: "7.1" };
  const { soundChannels } = useStore(client.preferences.store);
  const { audio } = useStore(client.connection.facts);
  const id = useId();
  return (
    <div className={panel["field"]}>
      <label htmlFor={id}>{t("channels")}</label>
      <select
        id={id}
        data-testid="sound-channels"
        value={soundChannels}
        onChange={({ target }) => client.sound.setChannels(Number(target.value) as SoundChannels)}
      >
        {SOUND_CHANNELS.map((channels) => (
          <option key={channels} value={channels}>
            {names[channels]}
          </option>
        ))}
      </select>
      {audio?.sound === true && audio.channels !== soundChannels && (
        <p className={panel["now"]} data-differs="true">
          {t("channels-now", { channels: names[audio.channels] })}
        </p>
      )}
    </div>
  );
}

interface DeviceSettingProps {
  readonly kind: "audiooutput" | "audioinput";
  readonly testId: string;
  readonly label: string;
  /** Of one that the browser does not name. */
  readonly nameOf: (number: number) => string;
  readonly chosen: string;
  readonly onChoose: (device: string) => void;
}

function DeviceSetting({ kind, testId, label, nameOf, chosen, onChoose }: DeviceSettingProps) {
  const t = useText("picture");
  const devices = useDevices(kind);
  const id = useId();
  return (
    <div className={panel["field"]}>
      <label htmlFor={id}>{label}</label>
      <select id={id} data-testid={testId} value={chosen} onChange={({ target }) => onChoose(target.value)}>
        <option value="">{t("device-usual")}</option>
        {chosen !== "" && !devices.found.some(({ deviceId }) => deviceId === chosen) && (
          <option value={chosen}>{t("device-gone")}</option>
        )}
        {devices.found.map(({ deviceId, label: name }, index) => (
          <option key={deviceId} value={deviceId}>
            {name === "" ? nameOf(index + 1) : name}
          </option>
        ))}
      </select>
      {devices.hidden && (
        <button
          type="button"
          className={styles["name"]}
          data-testid={`${testId}-names`}
          onClick={() => void devices.ask()}
        >
          {t("show-all")}
        </button>
      )}
    </div>
  );
}

interface Devices {
  readonly found: readonly MediaDeviceInfo[];
  /** There may be more. */
  readonly hidden: boolean;
}

/** Browsers name sound devices, and most of them show any but the usual one, only to pages that may use the microphone. */
async function findDevices(kind: MediaDeviceKind): Promise<Devices> {
  const { mediaDevices } = navigator;
  const canChoose = kind === "audioinput" || "setSinkId" in HTMLMediaElement.prototype;
  if (mediaDevices?.enumerateDevices === undefined || !canChoose) return { found: [], hidden: false };
  const devices = await mediaDevices.enumerateDevices();
  return {
    found: devices.filter((device) => device.kind === kind && !["", "default"].includes(device.deviceId)),
    hidden: devices.some((device) => device.kind === "audioinput") && devices.every(({ label }) => label === ""),
  };
}

function useDevices(kind: MediaDeviceKind) {
  const [devices, setDevices] = useState<Devices>({ found: [], hidden: false });
  useEffect(() => {
    const look = (): void => void findDevices(kind).then(setDevices);
    look();
    navigator.mediaDevices?.addEventListener("devicechange", look);
    return () => navigator.mediaDevices?.removeEventListener("devicechange", look);
  }, [kind]);
  const ask = async (): Promise<void> => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      for (const track of stream.getTracks()) track.stop();
    } catch (error) {
      console.debug("sound devices", error);
    }
    setDevices(await findDevices(kind));
  };
  return { ...devices, ask };
}

// All settings, part by part, as the table says (`shared/settings.ts`): whatever is added there stands here. Shown as a place of the home (`settings-place.tsx`) and
// over a desktop (`all-settings-panel.tsx`). What has a control of its own: `OWN`.

import { type ComponentType, useState } from "react";
import {
  defaultSettings,
  SETTING_GROUPS,
  type SettingGroup,
  type Settings,
  SETTINGS,
} from "../../../shared/settings.ts";
import type { Client } from "../../client.ts";
import controls from "../controls.module.css";
import panel from "../panel.module.css";
import { ScaleSettings } from "../scale-settings.tsx";
import { ChannelsSetting, MicrophoneSetting, SpeakerSetting, VolumeSetting } from "../sound-settings.tsx";
import { useStore } from "../use-store.ts";
import { useText } from "../use-text.ts";
import { VideoFields } from "../video-fields.tsx";
import { GamepadTest } from "./gamepad-test.tsx";
import { type ChoiceName, type FlagName, Setting } from "./setting.tsx";
import styles from "./settings.module.css";

type Own = Exclude<keyof Settings, ChoiceName | FlagName | "hosts" | "pictures">;

const OWN: Readonly<Record<Own, ComponentType<{ readonly client: Client }>>> = {
  video: EveryVideo,
  desktopScale: ScaleSettings,
  volume: VolumeSetting,
  speaker: SpeakerSetting,
  soundChannels: ChannelsSetting,
  microphone: MicrophoneSetting,
};
/** A page in a browser has none of them. */
const OF_APPLICATION: readonly (keyof Settings)[] = ["keepInTray", "keepPictures", "updates"];

export function SettingsList({ client }: { readonly client: Client }) {
  const t = useText("settings");
  const names = (Object.keys(SETTINGS) as (keyof Settings)[]).filter(
    (name) => client.shell !== undefined || !OF_APPLICATION.includes(name),
  );
  const groupOf = (name: keyof Settings): SettingGroup | undefined =>
    "group" in SETTINGS[name] ? SETTINGS[name].group : undefined;
  return (
    <div className={styles["list"]} data-testid="all-settings">
      {SETTING_GROUPS.map((group) => (
        <section key={group} aria-labelledby={`settings-${group}`}>
          <h2 id={`settings-${group}`}>{t(`group.${group}`)}</h2>
          <div className={panel["fields"]}>
            {names
              .filter((name) => groupOf(name) === group)
              .map((name) => (
                <One key={name} client={client} name={name} />
              ))}
          </div>
        </section>
      ))}
      <section aria-labelledby="settings-gamepads">
        <h2 id="settings-gamepads">{t("group.gamepads")}</h2>
        <GamepadTest />
      </section>
      <Reset client={client} />
    </div>
  );
}

function One({ client, name }: { readonly client: Client; readonly name: keyof Settings }) {
  if (!isOwn(name)) return <Setting client={client} name={name as ChoiceName | FlagName} />;
  const Component = OWN[name];
  return <Component client={client} />;
}

function isOwn(name: keyof Settings): name is Own {
  return name in OWN;
}

/** Of every desktop where nothing else is chosen for its agent. */
function EveryVideo({ client }: { readonly client: Client }) {
  const t = useText("settings");
  const { video } = useStore(client.preferences.store);
  return (
    <>
      <p className={panel["note"]}>{t("video-note")}</p>
      <VideoFields
        video={video}
        onChange={(next) => client.preferences.change(() => ({ video: next }))}
        facts={undefined}
      />
    </>
  );
}

/** All of them taken back, until the user says otherwise. */
function Reset({ client }: { readonly client: Client }) {
  const t = useText("settings");
  const [before, setBefore] = useState<Settings>();
  const undo = (): void => {
    if (before === undefined) return;
    // Agents that were connected to meanwhile stay.
    client.preferences.change(({ hosts, pictures }) => ({ ...before, hosts, pictures }));
    setBefore(undefined);
  };
  return (
    <footer className={styles["reset"]}>
      <button
        type="button"
        className={controls["plain"]}
        data-testid="reset-settings"
        onClick={() => {
          setBefore(client.preferences.store.get());
          client.preferences.change(defaultSettings);
        }}
      >
        {t("reset")}
      </button>
      <p role="status">
        {before !== undefined && t("were-reset")}
        {before !== undefined && (
          <button type="button" className={controls["plain"]} data-testid="undo-reset" onClick={undo}>
            {t("undo")}
          </button>
        )}
      </p>
    </footer>
  );
}

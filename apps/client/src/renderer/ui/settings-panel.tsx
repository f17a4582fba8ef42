// Settings of the picture for the agent that is connected, and of the sound: what is chosen takes hold at once, and what is in force
// stands beside it.
// Opened from the toolbar; a panel, not a page: the desktop stays in sight. Next: `choice.ts`, which sends and remembers.

import { type ReactNode, useId } from "react";
import type { PictureWish, VideoWish } from "../../shared/settings.ts";
import { pictureOf } from "../../shared/settings.ts";
import type { Client } from "../client.ts";
import controls from "./controls.module.css";
import styles from "./panel.module.css";
import {
  bitrateChoices,
  capChoices,
  type Choice,
  chromaChoices,
  encoderChoices,
  encoderNow,
  frameRateChoices,
  inForce,
  type InForce,
  PATH_NAMES,
  pathChoices,
  PRESET_NOTES,
} from "./picture-fields.ts";
import { ScaleSettings } from "./scale-settings.tsx";
import { SoundSettings } from "./sound-settings.tsx";
import { Panel } from "./panel.tsx";
import { useStore } from "./use-store.ts";

export function SettingsPanel({ client }: { readonly client: Client }) {
  const facts = useStore(client.connection.facts);
  const vnc = useStore(client.vnc.state);
  const { pictures } = useStore(client.preferences.store);
  const { video, path } = pictureOf(pictures, client.connection.target?.address.pageUrl);

  /** One setting; undefined: the agent's own. */
  const set = <Name extends keyof VideoWish>(name: Name, value: VideoWish[Name]): void => {
    const { [name]: _before, ...others } = video;
    client.choice.setVideo(value === undefined ? others : { ...others, [name]: value });
  };
  const said = (name: keyof VideoWish) => inForce(name, video, facts.video);
  const encoders = encoderChoices(facts.encoders ?? []);
  const preset = video.preset ?? facts.video?.preset;

  return (
    <Panel client={client} title="Picture and sound" testId="settings-panel" focus="select">
      {vnc.phase !== "off" && (
        <p className={styles["note"]} data-testid="settings-rest">
          noVNC shows the X server’s own picture. All settings but the path rest meanwhile.
        </p>
      )}
      <div className={styles["fields"]}>
        <Field
          name="path"
          label="Path"
          choices={pathChoices(facts.paths)}
          value={path}
          onChange={(value) => client.choice.setPath(value ?? "auto")}
          now={pathNow(client, facts.path, vnc.phase === "off" ? undefined : vnc.why, path)}
        />
        <ScaleSettings client={client} />
        <Field
          name="preset"
          label="Priority"
          own
          choices={Object.entries(PRESET_NOTES).map(([value, { label }]) => ({ value: value as PresetName, label }))}
          value={video.preset}
          onChange={(value) => set("preset", value)}
          now={said("preset")}
        >
          {preset !== undefined && <p className={styles["note"]}>{PRESET_NOTES[preset].note}</p>}
        </Field>
        <Field
          name="encoder"
          label="Encoder"
          own
          choices={encoders}
          value={video.encoder}
          onChange={(value) => set("encoder", value)}
          now={encoderNow(video, facts.encoder)}
        >
          <Refused choices={encoders} />
        </Field>
        <Field
          name="chroma"
          label="Colour resolution"
          own
          choices={chromaChoices(facts.encoders)}
          value={video.chroma}
          onChange={(value) => set("chroma", value)}
          now={said("chroma")}
        >
          {facts.encoder !== undefined && (
            <p className={styles["note"]}>The picture is {facts.encoder.chroma === "444" ? "4:4:4" : "4:2:0"} now.</p>
          )}
        </Field>
        <Field
          name="framesPerSecond"
          label="Frames, at most"
          own
          choices={frameRateChoices(video)}
          value={video.framesPerSecond}
          onChange={(value) => set("framesPerSecond", value)}
          now={said("framesPerSecond")}
        />
        {(
          [
            ["maxBps", "Bitrate, at most"],
            ["startBps", "Bitrate at start"],
            ["minBps", "Bitrate, at least"],
          ] as const
        ).map(([name, label]) => (
          <Field
            key={name}
            name={name}
            label={label}
            own
            choices={bitrateChoices(name, video)}
            value={video[name]}
            onChange={(value) => set(name, value)}
            now={said(name)}
          />
        ))}
        <Field
          name="capBytesPerHour"
          label="Data cap"
          own
          choices={capChoices(video)}
          value={video.capBytesPerHour}
          onChange={(value) => set("capBytesPerHour", value)}
          now={said("capBytesPerHour")}
        />
        <SoundSettings client={client} />
      </div>
      <footer>
        <button
          type="button"
          className={controls["plain"]}
          data-testid="settings-reset"
          disabled={path === "auto" && Object.keys(video).length === 0}
          onClick={() => {
            client.choice.setVideo({});
            if (path !== "auto") client.choice.setPath("auto");
          }}
        >
          Back to the agent’s settings
        </button>
      </footer>
    </Panel>
  );
}

type PresetName = keyof typeof PRESET_NOTES;

function pathNow(
  client: Client,
  path: ReturnType<Client["connection"]["facts"]["get"]>["path"],
  vnc: string | undefined,
  wish: PictureWish["path"],
): InForce | undefined {
  if (vnc !== undefined) return { text: `${PATH_NAMES.vnc}: ${vnc}`, differs: false };
  const now =
    path ?? (client.connection.attempt?.peer === undefined ? undefined : { path: "webrtc" as const, why: "" });
  if (now === undefined) return undefined;
  const text = now.why === "" ? PATH_NAMES[now.path] : `${PATH_NAMES[now.path]}: ${now.why}`;
  return { text, differs: wish !== "auto" && wish !== now.path };
}

interface FieldProps<T extends string | number> {
  readonly name: string;
  readonly label: string;
  /** The agent's own setting can be chosen: nothing is asked for. */
  readonly own?: boolean;
  readonly choices: readonly Choice<T>[];
  readonly value: T | undefined;
  readonly onChange: (value: T | undefined) => void;
  readonly now: InForce | undefined;
  readonly children?: ReactNode;
}

function Field<T extends string | number>(props: FieldProps<T>) {
  const { name, label, own, choices, value, onChange, now, children } = props;
  const id = useId();
  return (
    <div className={styles["field"]}>
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        data-testid={`setting-${name}`}
        aria-describedby={`${id}-now`}
        value={value === undefined ? "" : String(value)}
        onChange={({ target }) => onChange(choices.find((choice) => String(choice.value) === target.value)?.value)}
      >
        {own === true && <option value="">As the agent has it</option>}
        {value !== undefined && !choices.some((choice) => choice.value === value) && (
          <option value={String(value)}>{String(value)}, not known here</option>
        )}
        {choices.map((choice) => (
          <option key={choice.value} value={String(choice.value)} disabled={choice.refused !== undefined}>
            {choice.label}
          </option>
        ))}
      </select>
      <p id={`${id}-now`} className={styles["now"]} data-testid={`now-${name}`} data-differs={now?.differs === true}>
        {now === undefined ? "" : `Now ${now.text}`}
      </p>
      {children}
    </div>
  );
}

/** A disabled entry of a list can't say why it is. */
function Refused({ choices }: { readonly choices: readonly Choice<string>[] }) {
  const refused = choices.filter((choice) => choice.refused !== undefined);
  if (refused.length === 0) return null;
  return (
    <details className={styles["note"]} data-testid="encoders-refused">
      <summary>Why not the others</summary>
      <dl>
        {refused.map(({ value, refused: why }) => (
          <div key={value}>
            <dt>{value}</dt>
            <dd>{why}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

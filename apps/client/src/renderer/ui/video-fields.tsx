// Which picture is wanted: the encoder's settings, each with what is in force beside it where a desktop is there to tell. A part of `settings-panel.tsx`, for
// one agent, and of `settings/settings-list.tsx`, for all of them. What can be chosen: `picture-fields.ts`.

import { PRESETS } from "@eglantine/protocol/formats";
import { type ReactNode, useId } from "react";
import type { VideoWish } from "../../shared/settings.ts";
import type { SessionFacts } from "../connection/connection.ts";
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
  knownEncoders,
} from "./picture-fields.ts";
import { useFormats, useText } from "./use-text.ts";

interface VideoFieldsProps {
  readonly video: VideoWish;
  readonly onChange: (video: VideoWish) => void;
  /** Of the desktop that is connected; undefined: it is for every desktop. */
  readonly facts: SessionFacts | undefined;
}

export function VideoFields({ video, onChange, facts }: VideoFieldsProps) {
  const t = useText("picture");
  const tongue = { t, formats: useFormats() };

  /** One setting; undefined: the agent's own. */
  const set = <Name extends keyof VideoWish>(name: Name, value: VideoWish[Name]): void => {
    const { [name]: _before, ...others } = video;
    onChange(value === undefined ? others : { ...others, [name]: value });
  };
  const said = (name: keyof VideoWish) => inForce(name, video, facts?.video, tongue);
  const encoders = facts === undefined ? knownEncoders() : encoderChoices(facts.encoders ?? []);
  const preset = video.preset ?? facts?.video?.preset;
  return (
    <>
      <Field
        name="preset"
        label={t("preset")}
        own
        choices={PRESETS.map((value) => ({ value, label: t(`preset.${value}`) }))}
        value={video.preset}
        onChange={(value) => set("preset", value)}
        now={said("preset")}
      >
        {preset !== undefined && <p className={styles["note"]}>{t(`preset-note.${preset}`)}</p>}
      </Field>
      <Field
        name="encoder"
        label={t("encoder")}
        own
        choices={encoders}
        value={video.encoder}
        onChange={(value) => set("encoder", value)}
        now={encoderNow(video, facts?.encoder, tongue)}
      >
        <Refused choices={encoders} />
      </Field>
      <Field
        name="chroma"
        label={t("chroma")}
        own
        choices={chromaChoices(facts?.encoders, tongue)}
        value={video.chroma}
        onChange={(value) => set("chroma", value)}
        now={said("chroma")}
      >
        {facts?.encoder !== undefined && (
          <p className={styles["note"]}>
            {t("chroma-now", { chroma: facts.encoder.chroma === "444" ? "4:4:4" : "4:2:0" })}
          </p>
        )}
      </Field>
      <Field
        name="framesPerSecond"
        label={t("framesPerSecond")}
        own
        choices={frameRateChoices(video, tongue)}
        value={video.framesPerSecond}
        onChange={(value) => set("framesPerSecond", value)}
        now={said("framesPerSecond")}
      />
      {(["maxBps", "startBps", "minBps"] as const).map((name) => (
        <Field
          key={name}
          name={name}
          label={t(name)}
          own
          choices={bitrateChoices(name, video, tongue)}
          value={video[name]}
          onChange={(value) => set(name, value)}
          now={said(name)}
        />
      ))}
      <Field
        name="capBytesPerHour"
        label={t("capBytesPerHour")}
        own
        choices={capChoices(video, tongue)}
        value={video.capBytesPerHour}
        onChange={(value) => set("capBytesPerHour", value)}
        now={said("capBytesPerHour")}
      />
    </>
  );
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

export function Field<T extends string | number>(props: FieldProps<T>) {
  const { name, label, own, choices, value, onChange, now, children } = props;
  const t = useText("picture");
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
        {own === true && <option value="">{t("as-agent")}</option>}
        {value !== undefined && !choices.some((choice) => choice.value === value) && (
          <option value={String(value)}>{t("not-known", { value: String(value) })}</option>
        )}
        {choices.map((choice) => (
          <option key={choice.value} value={String(choice.value)} disabled={choice.refused !== undefined}>
            {choice.label}
          </option>
        ))}
      </select>
      <p id={`${id}-now`} className={styles["now"]} data-testid={`now-${name}`} data-differs={now?.differs === true}>
        {now === undefined ? "" : t("now", { value: now.text })}
      </p>
      {children}
    </div>
  );
}

/** A disabled entry of a list can't say why it is. */
function Refused({ choices }: { readonly choices: readonly Choice<string>[] }) {
  const t = useText("picture");
  const refused = choices.filter((choice) => choice.refused !== undefined);
  if (refused.length === 0) return null;
  return (
    <details className={styles["note"]} data-testid="encoders-refused">
      <summary>{t("why-not")}</summary>
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

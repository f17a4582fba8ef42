// What the user chooses of a new desktop, filled in with what is sensible on this engine, and the same as a command. For `launch-place.tsx`; the
// fields and what they may hold are `shared/launch-form.ts`'s.

import { type FormEvent, type ReactNode, useId, useState } from "react";
import type { Bridge } from "../../../shared/bridge.ts";
import { type FormField, isFieldRight, type LaunchForm as Form, REACHES } from "../../../shared/launch-form.ts";
import type { EngineDetails } from "../../../shared/launcher.ts";
import controls from "../controls.module.css";
import { useText } from "../use-text.ts";
import { GpuChoice } from "./gpu-choice.tsx";
import { LaunchLines } from "./launch-lines.tsx";
import styles from "./launcher.module.css";

interface LaunchFormProps {
  readonly bridge: Bridge;
  readonly details: EngineDetails;
  readonly launching: boolean;
  readonly onLaunch: (form: Form) => void;
}

/** As they are typed: a number that is half there is none. */
type Typed = { readonly [Name in FormField]: Form[Name] extends number ? Form[Name] | string : Form[Name] };
const NUMBERS: readonly FormField[] = ["widthPx", "heightPx", "port", "memoryGib", "cpus"];

const valueOf = (typed: Typed, name: FormField) =>
  NUMBERS.includes(name) ? (typed[name] === "" ? Number.NaN : Number(typed[name])) : typed[name];

/** Undefined: a field is wrong. */
function formOf(typed: Typed): Form | undefined {
  const names = Object.keys(typed) as FormField[];
  if (!names.every((name) => isFieldRight(name, valueOf(typed, name)))) return undefined;
  return Object.fromEntries(names.map((name) => [name, valueOf(typed, name)])) as Form;
}

export function LaunchForm({ bridge, details, launching, onLaunch }: LaunchFormProps) {
  const t = useText("launcher");
  const [typed, setTyped] = useState<Typed>(details.form);
  const [showing, setShowing] = useState(false);
  const ids = useId();
  const form = formOf(typed);
  const set = (changed: Partial<Typed>) => setTyped({ ...typed, ...changed });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (form !== undefined) onLaunch(form);
    else event.currentTarget.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  };

  const field = (
    name: FormField,
    label: string,
    more: { readonly type?: string; readonly list?: string; readonly note?: ReactNode } = {},
  ) => {
    const wrong = !isFieldRight(name, valueOf(typed, name));
    const about = `${ids}-${name}`;
    const hasNote = wrong || more.note !== undefined;
    return (
      <div className={controls["field"]}>
        <span>
          <label htmlFor={`${about}-field`}>{label}</label>
        </span>
        <input
          id={`${about}-field`}
          type={more.type ?? "text"}
          list={more.list}
          data-testid={`launch-${name}`}
          value={String(typed[name])}
          inputMode={NUMBERS.includes(name) ? "decimal" : undefined}
          onChange={(event) => set({ [name]: event.target.value })}
          aria-invalid={wrong}
          aria-describedby={hasNote ? about : undefined}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
        />
        {hasNote && (
          <small id={about} className={wrong ? controls["wrong"] : styles["note"]}>
            {wrong ? t(name === "password" ? "wrong-password" : "wrong-value") : more.note}
          </small>
        )}
      </div>
    );
  };
  const check = (name: "refresh" | "restart", label: string) => (
    <label className={styles["check"]}>
      <input
        type="checkbox"
        data-testid={`launch-${name}`}
        checked={typed[name]}
        onChange={(event) => set({ [name]: event.target.checked })}
      />
      {label}
    </label>
  );

  return (
    <form className={styles["card"]} onSubmit={submit} data-testid="launch-form" noValidate>
      <div className={styles["pair"]}>
        {field("name", t("name"))}
        {field("image", t("image"), { list: `${ids}-images` })}
      </div>
      <datalist id={`${ids}-images`}>
        {details.images.map((image) => (
          <option key={image} value={image} />
        ))}
      </datalist>
      <GpuChoice
        verdicts={details.gpu}
        way={typed.gpu}
        device={typed.gpuDevice}
        onChoose={(gpu, gpuDevice) => set({ gpu, gpuDevice })}
      />
      <div className={styles["pair"]}>
        {field("widthPx", t("width"))}
        {field("heightPx", t("height"))}
      </div>
      <div className={styles["row"]}>
        {field("password", t("password"), { type: showing ? "text" : "password" })}
        <button
          type="button"
          className={controls["plain"]}
          data-testid="password-show"
          onClick={() => setShowing(!showing)}
        >
          {showing ? t("password-hide") : t("password-show")}
        </button>
      </div>
      <details className={styles["more"]} data-testid="launch-more">
        <summary>{t("more")}</summary>
        <div className={styles["fields"]}>
          {field("home", t("home"), { note: t("home-note") })}
          <div className={styles["pair"]}>
            {field("port", t("port"))}
            <label className={controls["field"]}>
              <span>{t("reach")}</span>
              <select
                className={styles["select"]}
                data-testid="launch-reach"
                value={typed.reach}
                onChange={(event) => {
                  const reach = REACHES.find((one) => one === event.target.value);
                  if (reach !== undefined) set({ reach });
                }}
              >
                {REACHES.map((reach) => (
                  <option key={reach} value={reach}>
                    {t(`reach.${reach}`)}
                  </option>
                ))}
              </select>
            </label>
          </div>
          {typed.reach === "network" && field("publicAddress", t("public-address"))}
          <div className={styles["pair"]}>
            {field("memoryGib", t("memory"))}
            {field("cpus", t("cpus"))}
          </div>
          <div className={styles["pair"]}>
            {field("language", t("language"))}
            {field("timeZone", t("time-zone"))}
          </div>
          {check("refresh", t("refresh"))}
          {check("restart", t("restart"))}
        </div>
      </details>
      <LaunchLines bridge={bridge} form={form} />
      <div className={styles["actions"]}>
        <button type="submit" className={controls["primary"]} data-testid="launch" disabled={launching}>
          {t("launch")}
        </button>
      </div>
    </form>
  );
}

// One setting of the table (`shared/settings.ts`), by its name: a switch, a list, or a list whose entries explain themselves. Kept at once. Used by the panels and by
// `settings-list.tsx`; its words are `name.NAME`, `option.NAME.VALUE` and `note.NAME.VALUE` of area `settings`.

import { useId } from "react";
import { type Settings, SETTINGS } from "../../../shared/settings.ts";
import type { Client } from "../../client.ts";
import panel from "../panel.module.css";
import { useStore } from "../use-store.ts";
import { useText } from "../use-text.ts";

type Named<Control extends string> = {
  [Name in keyof Settings]: (typeof SETTINGS)[Name] extends { readonly control: Control } ? Name : never;
}[keyof Settings];

export type FlagName = Named<"flag">;
export type ChoiceName = Named<"choice">;
/** Their entries need a word more. */
type ExplainedName = "keyboard" | "touch";

interface SettingProps<Name> {
  readonly client: Client;
  readonly name: Name;
}

export function Setting({ client, name }: SettingProps<FlagName | ChoiceName>) {
  if (isFlag(name)) return <Flag client={client} name={name} />;
  return isExplained(name) ? <Explained client={client} name={name} /> : <List client={client} name={name} />;
}

function Flag({ client, name }: SettingProps<FlagName>) {
  const t = useText("settings");
  const { [name]: on } = useStore(client.preferences.store);
  return (
    <label className={panel["check"]}>
      <input
        type="checkbox"
        data-testid={`toggle-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`}
        checked={on}
        onChange={({ target }) => client.preferences.change(() => ({ [name]: target.checked }))}
      />
      <span>{t(`name.${name}`)}</span>
    </label>
  );
}

function List({ client, name }: SettingProps<Exclude<ChoiceName, ExplainedName>>) {
  const t = useText("settings");
  const { [name]: chosen } = useStore(client.preferences.store);
  const id = useId();
  return (
    <div className={panel["field"]}>
      <label htmlFor={id}>{t(`name.${name}`)}</label>
      <select
        id={id}
        data-testid={`choose-${name}`}
        value={chosen}
        onChange={({ target }) => client.preferences.change(() => ({ [name]: SETTINGS[name].read(target.value) }))}
      >
        {SETTINGS[name].options?.map((option) => (
          <option key={option} value={option} lang={name === "language" && option !== "auto" ? option : undefined}>
            {t(`option.${name}.${option}` as Parameters<typeof t>[0])}
          </option>
        ))}
      </select>
    </div>
  );
}

function Explained({ client, name }: SettingProps<ExplainedName>) {
  const t = useText("settings");
  const { [name]: chosen } = useStore(client.preferences.store);
  const group = useId();
  const options: readonly Settings[ExplainedName][] = SETTINGS[name].options ?? [];
  return (
    <fieldset className={panel["choices"]}>
      <legend>{t(`name.${name}`)}</legend>
      {options.map((option) => (
        <label key={option}>
          <input
            type="radio"
            name={group}
            value={option}
            data-testid={`${name}-${option}`}
            checked={chosen === option}
            onChange={() => client.preferences.change(() => ({ [name]: option }))}
          />
          <span>{t(`option.${name}.${option}` as Parameters<typeof t>[0])}</span>
          <span className={panel["note"]}>{t(`note.${name}.${option}` as Parameters<typeof t>[0])}</span>
        </label>
      ))}
    </fieldset>
  );
}

function isFlag(name: FlagName | ChoiceName): name is FlagName {
  return SETTINGS[name].control === "flag";
}

function isExplained(name: ChoiceName): name is ExplainedName {
  return name === "keyboard" || name === "touch";
}

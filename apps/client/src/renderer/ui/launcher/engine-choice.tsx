// Which engine the desktop is made on: those that were found, and one by its address. For `launch-place.tsx`.

import { type FormEvent, useState } from "react";
import type { Bridge } from "../../../shared/bridge.ts";
import type { Engine, LauncherFailure } from "../../../shared/launcher.ts";
import controls from "../controls.module.css";
import { useFormats, useText } from "../use-text.ts";
import { FailureNote } from "./failure-note.tsx";
import styles from "./launcher.module.css";
import type { Engines } from "./use-engines.ts";

const EXAMPLE = "ssh://user@host";

interface EngineChoiceProps {
  readonly bridge: Bridge;
  readonly engines: Engines;
}

export function EngineChoice({ bridge, engines: { list, chosen, details, choose, look, take } }: EngineChoiceProps) {
  const t = useText("launcher");
  const formats = useFormats();
  const [adding, setAdding] = useState(false);
  const [address, setAddress] = useState("");
  const [failure, setFailure] = useState<LauncherFailure>();
  if (list === undefined) return null;
  const current = list.find((engine) => engine.address === chosen);
  const add = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const wanted = address.trim();
    if (wanted === "") return;
    const answer = await bridge.addEngine({ engine: wanted });
    setFailure("failed" in answer ? answer.failed : undefined);
    if ("failed" in answer) return;
    take(answer.ok, wanted);
    setAdding(false);
    setAddress("");
  };
  const nameOf = ({ name, origin }: Engine) => `${name} (${t(`origin.${origin}`)})`;
  const facts = details !== undefined && "ok" in details ? details.ok : undefined;
  return (
    <section className={styles["card"]} aria-label={t("engine")}>
      {list.length === 0 ? (
        <div data-testid="engine-none">
          <h2>{t("engine-none-title")}</h2>
          <p className={styles["note"]}>{t("engine-none-text")}</p>
        </div>
      ) : (
        <label className={controls["field"]}>
          <span>{t("engine")}</span>
          <select
            className={styles["select"]}
            data-testid="engine"
            value={chosen}
            onChange={(event) => choose(event.target.value)}
          >
            {list.map((engine) => (
              <option key={engine.address} value={engine.address}>
                {nameOf(engine)}
              </option>
            ))}
          </select>
        </label>
      )}
      {facts !== undefined && (
        <p className={styles["note"]} data-testid="engine-facts">
          {[
            `${facts.kind === "podman" ? "Podman" : "Docker"} ${facts.version}`,
            facts.system,
            facts.architecture,
            t("processors", { count: facts.cpus }),
            formats.bytes(facts.memoryBytes),
          ].join(" · ")}
        </p>
      )}
      {adding && (
        <form className={styles["row"]} onSubmit={(event) => void add(event)}>
          <label className={controls["field"]}>
            <span>{t("engine-address")}</span>
            <input
              type="text"
              data-testid="engine-address"
              value={address}
              placeholder={EXAMPLE}
              onChange={(event) => setAddress(event.target.value)}
              autoCapitalize="none"
              autoComplete="off"
              spellCheck={false}
              // The button that showed this field was pressed for it.
              ref={(field) => field?.focus()}
            />
          </label>
          <button type="submit" className={controls["plain"]} data-testid="engine-save">
            {t("engine-save")}
          </button>
        </form>
      )}
      {failure !== undefined && <FailureNote failure={failure} />}
      <p className={styles["actions"]}>
        <button type="button" className={controls["plain"]} data-testid="engine-look" onClick={look}>
          {t("engine-look")}
        </button>
        {!adding && (
          <button type="button" className={controls["plain"]} data-testid="engine-add" onClick={() => setAdding(true)}>
            {t("engine-add")}
          </button>
        )}
        {current?.origin === "added" && (
          <button
            type="button"
            className={controls["plain"]}
            data-testid="engine-forget"
            onClick={() => void bridge.forgetEngine({ engine: current.address }).then((left) => take(left))}
          >
            {t("engine-forget")}
          </button>
        )}
      </p>
    </section>
  );
}

// Makes desktops in containers, and looks after those it has made: an engine, a form, how far a launch is, and the list. A place of
// `../home/places.ts`; asks the shell by the calls of `shared/launcher.ts`.

import { useState } from "react";
import type { PlaceProps } from "../home/places.ts";
import { useText } from "../use-text.ts";
import { ContainerList } from "./container-list.tsx";
import { EngineChoice } from "./engine-choice.tsx";
import { FailureNote } from "./failure-note.tsx";
import { LaunchForm } from "./launch-form.tsx";
import { LaunchProgress } from "./launch-progress.tsx";
import styles from "./launcher.module.css";
import { useEngines } from "./use-engines.ts";
import { useLaunch } from "./use-launch.ts";

export function LaunchPlace({ bridge }: PlaceProps) {
  const t = useText("launcher");
  const engines = useEngines(bridge);
  const { chosen, details, look } = engines;
  // What the list shows changes when something was launched or taken back.
  const [changes, setChanges] = useState(0);
  const launch = useLaunch(bridge, (state) => {
    setChanges((count) => count + 1);
    if (state.stage === "done" && state.desktop) location.assign(`?desktop=${state.desktop}`);
    // Its port, or its name, may be taken now.
    else if (state.stage === "failed") look();
  });
  return (
    <div className={styles["launcher"]} data-testid="launcher">
      <h1>{t("title")}</h1>
      <EngineChoice bridge={bridge} engines={engines} />
      {launch.state !== undefined && <LaunchProgress bridge={bridge} state={launch.state} onClose={launch.forget} />}
      {details !== undefined && "failed" in details && (
        <FailureNote failure={details.failed} onRetry={look} testId="engine-failed" />
      )}
      {details === undefined && chosen !== undefined && (
        <p className={styles["note"]} role="status">
          {t("asking")}
        </p>
      )}
      {details !== undefined && "ok" in details && (
        <>
          <LaunchForm
            key={`${details.ok.form.engine} ${details.ok.form.name} ${details.ok.form.port}`}
            bridge={bridge}
            details={details.ok}
            launching={launch.isOn}
            onLaunch={launch.begin}
          />
          <ContainerList key={changes} bridge={bridge} engine={details.ok.form.engine} />
        </>
      )}
    </div>
  );
}

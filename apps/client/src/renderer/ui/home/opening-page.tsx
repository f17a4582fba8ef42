// The way to a saved desktop: what is done, and why it could not be made. From `shell-pages.tsx`.

import { Suspense, useEffect, useState } from "react";
import type { Bridge } from "../../../shared/bridge.ts";
import type { DesktopProgress } from "../../../shared/desktops.ts";
import type { Client } from "../../client.ts";
import type { MessageKey, Text } from "../../messages/areas.ts";
import type { SavedDesktopPage, SavedDesktopState } from "../../saved-desktop.ts";
import controls from "../controls.module.css";
import { Page } from "../page.tsx";
import styles from "../page.module.css";
import { useText } from "../use-text.ts";
import { NoWay } from "./no-way.tsx";
import { ROUTE_KEYS, routeArea } from "./route-areas.ts";

interface OpeningPageProps {
  readonly bridge: Bridge;
  readonly client: Client;
  readonly saved: SavedDesktopPage;
  readonly state: Exclude<SavedDesktopState, { phase: "open" }>;
}

export function OpeningPage({ bridge, client, saved, state }: OpeningPageProps) {
  const t = useText("home");
  const [name, setName] = useState("");
  useEffect(() => {
    void bridge.listDesktops().then((desktops) => setName(desktops.find(({ id }) => id === saved.id)?.name ?? ""));
  }, [bridge, saved]);
  const home = async (): Promise<void> => {
    await bridge.closeDesktop();
    await client.goHome();
  };
  if (state.phase === "failed")
    return (
      <Page testId="opening-failed">
        <Suspense fallback={null}>
          <NoWay failed={state.failed} />
        </Suspense>
        <p className={styles["actions"]}>
          <button
            type="button"
            ref={focusOnce}
            data-testid="open-again"
            className={controls["primary"]}
            onClick={() => void saved.open()}
          >
            {t("try-again")}
          </button>
          <button type="button" className={controls["plain"]} onClick={() => void home()}>
            {t("to-home")}
          </button>
        </p>
      </Page>
    );
  return (
    <Page testId="opening" late>
      <h1>{t("opening", { name })}</h1>
      <Suspense fallback={null}>
        <div role="status">{state.progress !== undefined && <Step progress={state.progress} />}</div>
      </Suspense>
      <p className={styles["actions"]}>
        <button type="button" data-testid="opening-cancel" className={controls["plain"]} onClick={() => void home()}>
          {t("cancel")}
        </button>
      </p>
    </Page>
  );
}

function Step({ progress }: { readonly progress: DesktopProgress }) {
  const area = routeArea(progress.area);
  // The route's area has a message for each of its steps.
  const t = useText(area) as Text<"home">;
  const { step, parameters, part } = progress;
  return (
    <>
      <p className={styles["where"]}>{t(ROUTE_KEYS.step(step) as MessageKey<"home">, parameters)}</p>
      {part !== undefined && (
        <progress value={part} max={1} aria-label={t(ROUTE_KEYS.step(step) as MessageKey<"home">, parameters)} />
      )}
    </>
  );
}

function focusOnce(element: HTMLElement | null): void {
  element?.focus();
}

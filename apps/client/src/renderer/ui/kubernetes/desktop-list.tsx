// This installation's desktops of one namespace, as the cluster tells of them, and what can be done with them. Part of `kubernetes-place.tsx`; next:
// `desktop-row.tsx`, `desktop-form.tsx`, `removal-dialog.tsx`, `logs-dialog.tsx`.

import { useCallback, useEffect, useState } from "react";
import type { Bridge } from "../../../shared/bridge.ts";
import type {
  KubernetesDesktop,
  KubernetesFailure,
  KubernetesOutcome,
  KubernetesPlace,
} from "../../../shared/kubernetes.ts";
import controls from "../controls.module.css";
import { useText } from "../use-text.ts";
import { DesktopForm } from "./desktop-form.tsx";
import { DesktopRow } from "./desktop-row.tsx";
import { FailureNotice } from "./failure-notice.tsx";
import styles from "./kubernetes.module.css";
import { LogsDialog } from "./logs-dialog.tsx";
import { RemovalDialog } from "./removal-dialog.tsx";

export interface DesktopListProps {
  readonly bridge: Bridge;
  readonly place: KubernetesPlace;
}

/** What stands before the list. */
type Before =
  | { readonly kind: "form" }
  | { readonly kind: "logs" | "removal"; readonly desktop: KubernetesDesktop }
  | undefined;

export function DesktopList({ bridge, place }: DesktopListProps) {
  const t = useText("kubernetes");
  const { context, namespace } = place;
  const [desktops, setDesktops] = useState<readonly KubernetesDesktop[]>();
  const [lost, setLost] = useState<KubernetesFailure>();
  const [failure, setFailure] = useState<KubernetesFailure>();
  const [before, setBefore] = useState<Before>();

  const watch = useCallback(() => {
    const off = bridge.on("kubernetesNews", (news) => {
      if (news.context !== context || news.namespace !== namespace) return;
      if ("failed" in news.state) return setLost(news.state.failed);
      setLost(undefined);
      setDesktops(news.state.ok);
    });
    const begin = async () => {
      const outcome = await bridge.watchKubernetesDesktops({ context, namespace });
      if ("failed" in outcome) setLost(outcome.failed);
    };
    void begin();
    return off;
  }, [bridge, context, namespace]);
  const [tries, setTries] = useState(0);
  useEffect(watch, [watch, tries]);
  useEffect(() => () => void bridge.unwatchKubernetesDesktops(), [bridge]);

  const act = async (doing: Promise<KubernetesOutcome<unknown>>): Promise<void> => {
    setFailure(undefined);
    const outcome = await doing;
    if ("failed" in outcome) setFailure(outcome.failed);
  };
  const open = async ({ name }: KubernetesDesktop): Promise<void> => {
    const target = { kind: "pod", context, namespace, name } as const;
    const saved = await bridge.saveDesktop({ name: name.replace(/^eglantine-/, ""), user: "", target });
    if ("ok" in saved) location.assign(`?desktop=${encodeURIComponent(saved.ok.id)}`);
    else location.hash = "#/";
  };
  const again = () => {
    setLost(undefined);
    setTries(tries + 1);
  };
  const close = () => setBefore(undefined);
  const targetOf = ({ name }: KubernetesDesktop) => ({ context, namespace, name });

  if (before?.kind === "form") return <DesktopForm bridge={bridge} place={place} close={close} />;
  return (
    <section aria-label={t("list")} className={styles["list"]}>
      <div>
        <button
          type="button"
          className={controls["primary"]}
          onClick={() => setBefore({ kind: "form" })}
          data-testid="new-desktop"
        >
          {t("new")}
        </button>
      </div>
      {lost !== undefined && <FailureNotice failure={lost} again={again} />}
      {failure !== undefined && <FailureNotice failure={failure} />}
      {desktops === undefined && lost === undefined && <p role="status">{t("looking")}</p>}
      {desktops?.length === 0 && <p>{t("empty", { namespace })}</p>}
      {desktops !== undefined && desktops.length > 0 && (
        <ul className={styles["desktops"]} data-testid="kubernetes-desktops">
          {desktops.map((desktop) => (
            <DesktopRow
              key={desktop.name}
              desktop={desktop}
              open={() => void open(desktop)}
              start={() => void act(bridge.startKubernetesDesktop(targetOf(desktop)))}
              stop={() => void act(bridge.stopKubernetesDesktop(targetOf(desktop)))}
              logs={() => setBefore({ kind: "logs", desktop })}
              remove={() => setBefore({ kind: "removal", desktop })}
            />
          ))}
        </ul>
      )}
      <p className={styles["note"]}>{t("only-own")}</p>
      {before?.kind === "logs" && <LogsDialog bridge={bridge} target={targetOf(before.desktop)} close={close} />}
      {before?.kind === "removal" && (
        <RemovalDialog
          desktop={before.desktop}
          close={close}
          remove={(home) => void act(bridge.removeKubernetesDesktop({ target: targetOf(before.desktop), home }))}
        />
      )}
    </section>
  );
}

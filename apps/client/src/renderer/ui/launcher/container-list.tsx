// The containers that were launched from here, on one engine: what they use, and what can be done with them. For `launch-place.tsx`.

import { useCallback, useEffect, useState } from "react";
import type { Bridge } from "../../../shared/bridge.ts";
import type { ContainerStats, LauncherFailure, LauncherOutcome, OwnContainer } from "../../../shared/launcher.ts";
import controls from "../controls.module.css";
import { useFormats, useText } from "../use-text.ts";
import { FailureNote } from "./failure-note.tsx";
import styles from "./launcher.module.css";
import { RemoveDialog } from "./remove-dialog.tsx";

/** What it uses is asked so often while it is looked at, ms. */
const STATS_MS = 2000;

interface ContainerListProps {
  readonly bridge: Bridge;
  readonly engine: string;
}

export function ContainerList({ bridge, engine }: ContainerListProps) {
  const t = useText("launcher");
  const [answer, setAnswer] = useState<LauncherOutcome<readonly OwnContainer[]>>();
  const [failure, setFailure] = useState<LauncherFailure>();
  const load = useCallback(() => bridge.listContainers({ engine }).then(setAnswer), [bridge, engine]);
  useEffect(() => void load(), [load]);
  /** Does it, says what went wrong, and shows what is there then. */
  const act = async (call: Promise<LauncherOutcome<unknown>>): Promise<void> => {
    const done = await call;
    setFailure("failed" in done ? done.failed : undefined);
    await load();
  };
  if (answer === undefined) return null;
  return (
    <section className={styles["card"]} aria-label={t("containers")} data-testid="containers">
      <h2>{t("containers")}</h2>
      {failure !== undefined && <FailureNote failure={failure} />}
      {"failed" in answer ? (
        <FailureNote failure={answer.failed} onRetry={() => void load()} />
      ) : answer.ok.length === 0 ? (
        <p className={styles["note"]}>{t("containers-none")}</p>
      ) : (
        <ul className={styles["containers"]}>
          {answer.ok.map((container) => (
            <Row key={container.id} bridge={bridge} engine={engine} container={container} act={act} />
          ))}
        </ul>
      )}
    </section>
  );
}

interface RowProps {
  readonly bridge: Bridge;
  readonly engine: string;
  readonly container: OwnContainer;
  readonly act: (call: Promise<LauncherOutcome<unknown>>) => Promise<void>;
}

function Row({ bridge, engine, container, act }: RowProps) {
  const t = useText("launcher");
  const { id, name, image, state, port } = container;
  const [log, setLog] = useState<string>();
  const [removing, setRemoving] = useState(false);
  const [busy, setBusy] = useState(false);
  const ref = { engine, container: id };
  const during = async (call: Promise<void>): Promise<void> => {
    setBusy(true);
    await call.finally(() => setBusy(false));
  };
  const connect = async (): Promise<void> => {
    const answer = await bridge.connectContainer(ref);
    if ("ok" in answer && answer.ok !== "") location.assign(`?desktop=${answer.ok}`);
    else await act(Promise.resolve(answer));
  };
  const showLog = async (): Promise<void> => {
    if (log !== undefined) return setLog(undefined);
    const answer = await bridge.readContainerLog(ref);
    if ("ok" in answer) setLog(answer.ok);
    else await act(Promise.resolve(answer));
  };
  const button = (label: string, testId: string, press: () => void, kind = "plain", isPressed?: boolean) => (
    <button
      type="button"
      className={controls[kind]}
      data-testid={`${testId}-${name}`}
      disabled={busy}
      aria-label={`${label}: ${name}`}
      aria-expanded={isPressed}
      onClick={press}
    >
      {label}
    </button>
  );
  return (
    <li data-testid={`container-${name}`} data-state={state}>
      <h3>{name}</h3>
      <p className={styles["note"]}>
        <span className={styles["state"]} data-state={state}>
          {t(state === "running" ? "state.running" : "state.stopped")}
        </span>
        {` · ${image} · ${port}`}
      </p>
      {state === "running" && <Stats bridge={bridge} engine={engine} container={id} name={name} />}
      <div className={styles["actions"]}>
        {button(t("connect"), "connect", () => void during(connect()), "primary")}
        {state === "running"
          ? button(t("stop"), "stop", () => void during(act(bridge.stopContainer(ref))))
          : button(t("start"), "start", () => void during(act(bridge.startContainer(ref))))}
        {button(t("log"), "log", () => void showLog(), "plain", log !== undefined)}
        {button(t("remove"), "remove", () => setRemoving(true))}
      </div>
      {log !== undefined && (
        <pre className={styles["log"]} data-testid={`log-text-${name}`} tabIndex={0} aria-label={t("log-of", { name })}>
          {log}
        </pre>
      )}
      {removing && (
        <RemoveDialog
          container={container}
          onClose={() => setRemoving(false)}
          onRemove={(volume) => void during(act(bridge.removeContainer({ ...ref, volume })))}
        />
      )}
    </li>
  );
}

interface StatsProps {
  readonly bridge: Bridge;
  readonly engine: string;
  readonly container: string;
  readonly name: string;
}

function Stats({ bridge, engine, container, name }: StatsProps) {
  const t = useText("launcher");
  const formats = useFormats();
  const [stats, setStats] = useState<ContainerStats>();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const ask = async (): Promise<void> => {
      const answer = await bridge.readContainerStats({ engine, container });
      if (isOver) return;
      if ("ok" in answer) setStats(answer.ok);
      timer = setTimeout(() => void ask(), STATS_MS);
    };
    void ask();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [bridge, engine, container]);
  if (stats === undefined) return null;
  const { cpuPercent, memoryBytes, memoryLimitBytes, gpu } = stats;
  return (
    <p className={styles["note"]} data-testid={`stats-${name}`}>
      {[
        t("stats-cpu", { percent: formats.percent(cpuPercent / 100) }),
        t("stats-memory", { used: formats.bytes(memoryBytes), limit: formats.bytes(memoryLimitBytes) }),
        ...(gpu === undefined
          ? []
          : [
              t("stats-gpu", {
                percent: formats.percent(gpu.percent / 100),
                used: formats.bytes(gpu.memoryBytes),
                total: formats.bytes(gpu.memoryTotalBytes),
              }),
            ]),
      ].join(" · ")}
    </p>
  );
}

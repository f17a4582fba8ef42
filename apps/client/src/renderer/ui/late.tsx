// A part of the interface that comes when it is wanted: nothing stands there meanwhile. Where it can't be had, as from an agent that
// another version has taken the place of, or breaks off, the rest stays, and a notice leads on.

import { Component, type ReactNode, Suspense } from "react";
import { Dismiss } from "./dismiss.tsx";
import styles from "./toolbar.module.css";
import { useText } from "./use-text.ts";
import { messageOf } from "../../shared/message-of.ts";

interface LateProps {
  readonly children: ReactNode;
  /** Takes the notice away; absent: it stays. */
  readonly onDismiss?: () => void;
}

interface LateState {
  readonly why?: string;
}

/** A class: React knows no other way to stop what is thrown (https://react.dev/reference/react/Component). */
export class Late extends Component<LateProps, LateState> {
  static getDerivedStateFromError(error: unknown): LateState {
    return { why: messageOf(error) };
  }

  override state: LateState = {};

  override render(): ReactNode {
    const { children, onDismiss } = this.props;
    const { why } = this.state;
    if (why !== undefined) return <Missing why={why} onDismiss={onDismiss} />;
    return <Suspense fallback={null}>{children}</Suspense>;
  }
}

function Missing({ why, onDismiss }: { readonly why: string; readonly onDismiss: (() => void) | undefined }) {
  const t = useText("system");
  return (
    <section className={styles["missing"]} aria-label={t("part-missing-label")}>
      <div className={styles["notice"]} data-level="error" data-testid="part-missing" role="alert">
        <span>{t("part-missing", { why })}</span>
        <button type="button" className={styles["act"]} data-testid="load-again" onClick={() => location.reload()}>
          {t("load-again")}
        </button>
        {onDismiss !== undefined && <Dismiss onClick={onDismiss} />}
      </div>
    </section>
  );
}

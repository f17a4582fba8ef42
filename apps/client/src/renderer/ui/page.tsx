// The frame of every page that is not the desktop: one column, the mark on top.

import type { ReactNode } from "react";
import { Mark } from "./mark.tsx";
import styles from "./page.module.css";

interface PageProps {
  readonly children: ReactNode;
  readonly testId?: string;
  /** Not shown before a quarter of a second has passed. */
  readonly late?: boolean;
}

export function Page({ children, testId, late }: PageProps) {
  return (
    <main className={late === true ? `${styles["page"]} ${styles["late"]}` : styles["page"]} data-testid={testId}>
      <div className={styles["column"]}>
        <p className={styles["brand"]}>
          <Mark />
          Eglantine
        </p>
        {children}
      </div>
    </main>
  );
}

// The frame of every page that is not the desktop: one column, the mark on top.

import type { ReactNode } from "react";
import { Mark } from "./mark.tsx";
import styles from "./page.module.css";

export function Page({ children, testId }: { readonly children: ReactNode; readonly testId?: string }) {
  return (
    <div className={styles["page"]} data-testid={testId}>
      <div className={styles["column"]}>
        <p className={styles["brand"]}>
          <Mark />
          Eglantine
        </p>
        {children}
      </div>
    </div>
  );
}

// One button of the toolbar. Used by `toolbar.tsx` and by whatever puts tools of its own there.

import type { ReactNode } from "react";

interface ToolProps {
  readonly testId: string;
  readonly label: string;
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  /** Something of it is in use. */
  readonly marked?: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

export function Tool({ testId, label, pressed, disabled, marked, onClick, children }: ToolProps) {
  return (
    <button
      type="button"
      data-testid={testId}
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      disabled={disabled}
      data-marked={marked}
      onClick={onClick}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        {children}
      </svg>
    </button>
  );
}

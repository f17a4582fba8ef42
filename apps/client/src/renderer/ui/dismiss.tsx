// The cross that takes a notice away. Part of `desktop-tools.tsx` and `copied-files.tsx`.

import { useText } from "./use-text.ts";

export function Dismiss({ onClick }: { readonly onClick: () => void }) {
  const t = useText("tools");
  return (
    <button type="button" aria-label={t("dismiss")} onClick={onClick}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="M4.5 4.5l7 7m0-7l-7 7" />
      </svg>
    </button>
  );
}

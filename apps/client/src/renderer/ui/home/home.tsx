// The application's home: where no desktop is. A list of places at the side, and one of them. From `shell-pages.tsx`; next:
// `places.ts`.

import { useSyncExternalStore } from "react";
import type { Bridge } from "../../../shared/bridge.ts";
import type { Client } from "../../client.ts";
import { Late } from "../late.tsx";
import { Mark } from "../mark.tsx";
import { useText } from "../use-text.ts";
import styles from "./home.module.css";
import { placeOf, PLACES } from "./places.ts";

interface HomeProps {
  readonly bridge: Bridge;
  readonly client: Client;
}

export function Home({ bridge, client }: HomeProps) {
  const t = useText("home");
  const hash = useSyncExternalStore(watchHash, () => location.hash);
  const { place, query } = placeOf(hash);
  const Place = place?.component;
  return (
    <div className={styles["home"]} data-testid="home">
      <nav className={styles["side"]} aria-label="Eglantine">
        <p className={styles["brand"]}>
          <Mark />
          <span>Eglantine</span>
        </p>
        <ul>
          {PLACES.filter(({ sign }) => sign !== undefined).map(({ path, label, sign }) => (
            <li key={path}>
              <a
                href={`#/${path}`}
                aria-current={path === place?.path ? "page" : undefined}
                data-testid={`place-${path}`}
              >
                <svg viewBox="0 0 16 16" aria-hidden="true">
                  <path d={sign} />
                </svg>
                <span>{t(label)}</span>
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <main className={styles["place"]}>
        <Late key={hash}>{Place !== undefined && <Place bridge={bridge} client={client} query={query} />}</Late>
      </main>
    </div>
  );
}

function watchHash(watcher: () => void): () => void {
  window.addEventListener("hashchange", watcher);
  return () => window.removeEventListener("hashchange", watcher);
}

// A store of the client as a value of a component. From `store.ts`.

import { useSyncExternalStore } from "react";
import type { Store } from "../store.ts";

export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.watch, store.get);
}

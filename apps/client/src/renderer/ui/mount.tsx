// Puts the interface into the page, once the connection is already under way. From `page.ts`; next: `app.tsx`.

import { createRoot } from "react-dom/client";
import type { Client } from "../client.ts";
import { App } from "./app.tsx";

export function mount(container: HTMLElement, client: Client): void {
  createRoot(container).render(<App client={client} />);
}

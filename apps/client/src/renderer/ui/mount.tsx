// Puts the interface into the page, once the connection is already under way. From `page.ts`; next: `app.tsx`.

import { lazy } from "react";
import { createRoot } from "react-dom/client";
import type { Client } from "../client.ts";
import { followLanguage } from "../messages/language.ts";
import { texts } from "../messages/texts.ts";
import { App } from "./app.tsx";
import { Late } from "./late.tsx";

/** Only the desktop application asks any. */
const Questions = lazy(async () => {
  const [{ Questions: component }] = await Promise.all([
    import("./trust/questions.tsx"),
    texts.load("trust"),
    texts.load("ssh"),
  ]);
  return { default: component };
});

export async function mount(container: HTMLElement, client: Client): Promise<void> {
  await followLanguage(client.preferences, document.documentElement);
  createRoot(container).render(
    <>
      <Late>
        <App client={client} />
      </Late>
      {client.shell !== undefined && (
        <Late>
          <Questions bridge={client.shell} />
        </Late>
      )}
    </>,
  );
}

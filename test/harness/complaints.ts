// What goes wrong in a page under test, for its errors or its verdict.

import type { Page } from "playwright-core";

/** Adds what the page throws and what it writes as an error from now on; of the latter not what matches `usual`. */
export function noteComplaints(page: Page, complaints: string[], usual?: RegExp): void {
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" && usual?.test(message.text()) !== true) complaints.push(message.text());
  });
}

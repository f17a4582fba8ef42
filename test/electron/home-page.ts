// The application's home as a user works it: desktops added, opened, asked for passwords. Of stories.ts.

import type { Locator, Page } from "playwright-core";
import type { Question } from "../../apps/client/src/shared/questions.ts";

/** Of a desktop's page. */
const DESKTOP = /[?&]desktop=/;

export class HomePage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Resolves when it is shown. */
  async shown(): Promise<void> {
    await this.page.getByTestId("home").waitFor();
  }

  /** Names of the desktops that are kept. */
  names(): Promise<string[]> {
    return this.page.getByTestId("desktop-name").allInnerTexts();
  }

  card(name: string): Locator {
    return this.page.getByTestId("desktop-card").filter({ hasText: name });
  }

  /** By its address; connects at once. */
  async add(address: string, name: string, user = "user"): Promise<void> {
    await this.page.getByTestId("add-desktop").click();
    await this.page.getByTestId("add-address").fill(address);
    await this.page.getByTestId("add-name").fill(name);
    await this.page.getByTestId("add-user").fill(user);
    await this.connect();
  }

  /** Of the form that is filled in. Resolves on the desktop's own page. */
  async connect(): Promise<void> {
    await this.page.getByTestId("add-connect").click();
    await this.page.waitForURL(DESKTOP);
  }

  async open(name: string): Promise<void> {
    await this.card(name).getByRole("link").click();
    await this.page.waitForURL(DESKTOP);
  }

  async enterPassword(password: string, keep: boolean): Promise<void> {
    await this.page.getByTestId("password-field").fill(password);
    await this.page.getByTestId("password-keep").setChecked(keep);
    await this.page.getByTestId("password-submit").click();
  }

  /** Fingerprints in the question of this kind, once it is asked. */
  async askedAbout(kind: Question["kind"]): Promise<string[]> {
    await this.page.locator(`[data-testid=question][data-kind=${kind}]`).waitFor();
    return this.page.getByTestId("fingerprint").allInnerTexts();
  }

  async accept(): Promise<void> {
    await this.page.getByTestId("question-accept").click();
  }

  async decline(): Promise<void> {
    await this.page.getByTestId("question-decline").click();
  }

  /** From a desktop. */
  async goHome(): Promise<void> {
    await this.page.getByTestId("toolbar-handle").click();
    await this.page.getByTestId("go-home").click();
    await this.page.waitForURL((url) => !DESKTOP.test(url.href));
    await this.shown();
  }
}

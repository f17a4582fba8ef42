// What a user does with the application, told once: run in Electron where its runtime is (electron.test.ts), and in Chromium over the test channel
// (channel.test.ts), so that they are known to be true before there is a runtime. Pages are worked by home-page.ts and harness/desktop-page.ts.

import { expect } from "vitest";
import { DesktopPage } from "../harness/desktop-page.ts";
import type { Application, NativeApplication } from "./application.ts";
import { COLOUR, type Desk } from "./desk.ts";
import { HomePage } from "./home-page.ts";

const PASSWORD = "Zwölf+Äpfel & 'mehr'";
const LOCKED = { ENABLE_BASIC_AUTH: "true", BASIC_AUTH_USER: "ada", BASIC_AUTH_PASSWORD: PASSWORD };
const STATE = "document.documentElement.dataset.state";

export interface Story<Kind extends Application> {
  readonly title: string;
  readonly tell: (application: Kind, desk: Desk) => Promise<void>;
}

async function seesPicture(home: HomePage): Promise<void> {
  const desktop = DesktopPage.around(home.page);
  await desktop.waitForPicture();
  await desktop.waitForPixel(500, 350, COLOUR);
}

/** Both kinds of application tell these. */
export const STORIES: readonly Story<Application>[] = [
  {
    title: "shows its home when it starts",
    tell: async (application) => {
      const home = new HomePage(await application.start());
      await home.shown();
      await home.page.getByTestId("no-desktops").waitFor();
    },
  },
  {
    title: "connects to an agent by its address, asks for the password, shows the picture, and leads home again",
    tell: async (application, desk) => {
      const agent = await desk.startAgent(application.origin, LOCKED);
      const home = new HomePage(await application.start());
      await home.add(`${agent.url}/`, "Workshop", "ada");
      await home.enterPassword(PASSWORD, false);
      await seesPicture(home);
      await home.goHome();
      expect(await home.names()).toEqual(["Workshop"]);
      expect(agent.log()).not.toContain("pfel");
    },
  },
  {
    title: "knows the desktop when it is started again, and opens it with a click",
    tell: async (application, desk) => {
      const agent = await desk.startAgent(application.origin);
      const first = new HomePage(await application.start());
      await first.add(`${agent.url}/`, "Workshop");
      await seesPicture(first);
      await application.quit();
      const second = new HomePage(await application.start());
      await second.card("Workshop").waitFor();
      await second.open("Workshop");
      await seesPicture(second);
    },
  },
  {
    title: "shows what a link wants, without its password, and connects when the user says so",
    tell: async (application, desk) => {
      const agent = await desk.startAgent(application.origin, LOCKED);
      const place = new URL(agent.url).host;
      await new HomePage(await application.start()).shown();
      const home = new HomePage(await application.follow(`eglantine://ada:hunter2@${place}/`));
      await home.page.getByTestId("add-link").waitFor();
      expect(await home.page.locator("#ui").innerHTML()).not.toContain("hunter2");
      expect(await home.page.evaluate(STATE)).toBe("idle");
      await home.page.getByTestId("add-address").fill(`${agent.url}/`);
      await home.connect();
      await home.enterPassword(PASSWORD, false);
      await seesPicture(home);
    },
  },
  {
    title: "trusts a certificate as SSH does: shown once, kept, and stopped where it has become another",
    tell: async (application, desk) => {
      const agent = await desk.startAgent(application.origin);
      const door = await desk.openDoor(agent);
      const first = door.renew();
      const home = new HomePage(await application.start());
      await home.add(door.url, "Vault");
      expect(await home.askedAbout("certificate-unknown")).toEqual([first]);
      await home.accept();
      await seesPicture(home);
      await home.goHome();
      await home.open("Vault");
      await seesPicture(home);
      await home.goHome();
      const second = door.renew();
      await home.open("Vault");
      expect(await home.askedAbout("certificate-changed")).toEqual([first, second]);
      await home.decline();
      await home.page.getByTestId("opening-failed").waitFor();
      expect(await home.page.evaluate(STATE)).not.toBe("connected");
    },
  },
  {
    title: "comes back to the desktop by itself when the page dies",
    tell: async (application, desk) => {
      const agent = await desk.startAgent(application.origin);
      const home = new HomePage(await application.start());
      await home.add(`${agent.url}/`, "Workshop");
      await seesPicture(home);
      await application.crash(STATE, "connected");
    },
  },
  {
    title: "answers no page but its own",
    tell: async (application, desk) => {
      await new HomePage(await application.start()).shown();
      expect(await application.askFromElsewhere(await desk.stranger())).toBe("refused");
    },
  },
];

/** Only the real one can be started twice, and has windows with places. */
export const NATIVE_STORIES: readonly Story<NativeApplication>[] = [
  {
    title: "is one application, however often it is started",
    tell: async (application) => {
      await new HomePage(await application.start()).shown();
      expect(await application.startAgain()).toBe(0);
      expect(await application.windowCount()).toBe(1);
    },
  },
  {
    title: "opens its window where it was",
    tell: async (application) => {
      await new HomePage(await application.start()).shown();
      const bounds = { x: 120, y: 90, width: 700, height: 500 };
      await application.move(bounds);
      expect(await application.bounds()).toEqual(bounds);
      await application.quit();
      await new HomePage(await application.start()).shown();
      expect(await application.bounds()).toEqual(bounds);
    },
  },
];

import { expect, test } from "vitest";
import { Tickets } from "./tickets.ts";

const LIFE_MS = 60_000;

const MASTER = { session: "a", viewOnly: false };
const WATCHER = { session: "b", viewOnly: true };

function ticketsAt(start = 0) {
  const clock = { nowMs: start };
  return { clock, tickets: new Tickets<typeof MASTER>({ nowMs: () => clock.nowMs, lifeMs: LIFE_MS }) };
}

test("a ticket lets its own session in, with its role, and once", () => {
  const { tickets } = ticketsAt();
  const full = tickets.issue(MASTER);
  const view = tickets.issue(WATCHER);
  expect(tickets.spend(view)).toMatchObject(WATCHER);
  expect(tickets.spend(full)).toMatchObject(MASTER);
  expect(tickets.spend(full)).toBeUndefined();
});

test("a ticket is 256 random bits, none like another", () => {
  const { tickets } = ticketsAt();
  const all = Array.from({ length: 50 }, () => tickets.issue(MASTER));
  expect(new Set(all).size).toBe(50);
  for (const ticket of all) expect(Buffer.from(ticket, "base64url")).toHaveLength(32);
});

test("a ticket is good for a minute and not a millisecond longer", () => {
  const { clock, tickets } = ticketsAt(5000);
  const early = tickets.issue(MASTER);
  const late = tickets.issue(MASTER);
  clock.nowMs += LIFE_MS - 1;
  expect(tickets.spend(early)).toMatchObject(MASTER);
  clock.nowMs += 1;
  expect(tickets.spend(late)).toBeUndefined();
});

test("a session's tickets go with it, others stay", () => {
  const { tickets } = ticketsAt();
  const gone = tickets.issue(MASTER);
  const stays = tickets.issue(WATCHER);
  tickets.revoke("a");
  expect(tickets.spend(gone)).toBeUndefined();
  expect(tickets.spend(stays)).toMatchObject(WATCHER);
});

test("a session that asks forever holds a few tickets, and never another session's place", () => {
  const { tickets } = ticketsAt();
  const other = tickets.issue(WATCHER);
  for (let asked = 0; asked < 10_000; asked += 1) tickets.issue(MASTER);
  expect(tickets.size).toBeLessThanOrEqual(5);
  expect(tickets.spend(other)).toMatchObject(WATCHER);
});

test("old tickets are forgotten without being asked for", () => {
  const { clock, tickets } = ticketsAt();
  for (let session = 0; session < 100; session += 1) tickets.issue({ session: `${session}`, viewOnly: false });
  clock.nowMs += LIFE_MS;
  tickets.issue(MASTER);
  expect(tickets.size).toBe(1);
});

test("a ticket of another kind is good for as long as its session, and as often as it is asked for", () => {
  const tickets = new Tickets<typeof MASTER>({ nowMs: () => performance.now() });
  const ticket = tickets.issue(MASTER);
  expect(tickets.find(ticket)).toBe(MASTER);
  expect(tickets.find(ticket)).toBe(MASTER);
  expect(tickets.find(ticket.slice(1))).toBeUndefined();
  tickets.revoke("a");
  expect(tickets.find(ticket)).toBeUndefined();
});

import { describe, expect, it } from "vitest";
import { WrongParameter } from "../shared/bridge-call.ts";
import type { AskedQuestion } from "../shared/questions.ts";
import { questionAnswers, Questions } from "./questions.ts";

function desk() {
  const asked: AskedQuestion[] = [];
  const closed: number[] = [];
  const questions = new Questions({ asked: (one) => asked.push(one), closed: (id) => closed.push(id) });
  const answers = questionAnswers({ questions });
  const caller = { window: 1, paste: () => undefined };
  return {
    questions,
    asked,
    closed,
    open: () => answers.openQuestions(undefined, caller),
    answer: (parameter: unknown) => void answers.answerQuestion(parameter, caller),
  };
}

const CLEAR = { kind: "clear-text", endpoint: "desk:80" } as const;
const PASSWORD = { kind: "ssh-password", account: "ann@desk", again: false } as const;

describe("a question", () => {
  it("is told to the windows, and to one that comes later", async () => {
    const { questions, asked, closed, open, answer } = desk();
    const clear = questions.ask(CLEAR);
    const password = questions.ask(PASSWORD);
    expect(asked).toEqual([
      { id: 1, question: CLEAR },
      { id: 2, question: PASSWORD },
    ]);
    expect(open()).toEqual(asked);
    answer({ id: 2, answer: { secret: "x y" } });
    expect(await password).toEqual({ secret: "x y" });
    expect(open()).toEqual(asked.slice(0, 1));
    expect(closed).toEqual([2]);
    answer({ id: 1, answer: "accept" });
    expect(await clear).toBe("accept");
  });

  it("is answered by the first answer, and by none to another one", async () => {
    const { questions, closed, answer } = desk();
    const clear = questions.ask(CLEAR);
    answer({ id: 7, answer: "accept" });
    answer({ id: 1, answer: "decline" });
    answer({ id: 1, answer: "accept" });
    expect(await clear).toBe("decline");
    expect(closed).toEqual([1]);
  });

  it("is declined when nobody wants to know any more", async () => {
    const { questions, closed } = desk();
    const stop = new AbortController();
    const password = questions.ask(PASSWORD, stop.signal);
    stop.abort();
    expect(await password).toBe("decline");
    expect(closed).toEqual([1]);
    expect(await questions.ask(PASSWORD, stop.signal)).toBe("decline");
    const last = questions.ask(CLEAR);
    questions.close();
    expect(await last).toBe("decline");
  });

  it.each([
    undefined,
    "accept",
    { id: 0, answer: "accept" },
    { id: "1", answer: "accept" },
    { id: 1 },
    { id: 1, answer: "yes" },
    { id: 1, answer: true },
    { id: 1, answer: { secret: 7 } },
    { id: 1, answer: { secret: "two\nlines" } },
    { id: 1, answer: { secret: "x".repeat(5000) } },
    { id: 1, answer: "accept", more: 1 },
  ])("takes no answer such as %j", (parameter) => {
    const { questions, answer, open } = desk();
    void questions.ask(PASSWORD);
    expect(() => answer(parameter)).toThrow(WrongParameter);
    expect(open()).toHaveLength(1);
  });
});

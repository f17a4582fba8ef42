// The questions that wait for the user (`shared/questions.ts`), whoever asks them: every window shows them, the first answer counts. From
// `trust/` and `ssh/`; answered through the bridge.

import { z } from "zod";
import type { Answers } from "../shared/bridge-call.ts";
import type { AskedQuestion, Question, QUESTION_CALLS, QuestionAnswer } from "../shared/questions.ts";
import { readParameter } from "./read-parameter.ts";

export type Answer = QuestionAnswer["answer"];

interface Waiting extends AskedQuestion {
  settle(answer: Answer): void;
}

export interface QuestionSink {
  asked(question: AskedQuestion): void;
  closed(id: number): void;
}

const SECRET_CHARS_MAX = 4096;

const answerSchema: z.ZodType<QuestionAnswer> = z.strictObject({
  id: z.int().min(1),
  answer: z.union([
    z.literal(["accept", "decline"]),
    // A line break would answer the next question too.
    z.strictObject({
      secret: z
        .string()
        .max(SECRET_CHARS_MAX)
        .regex(/^[^\0\r\n]*$/),
    }),
  ]),
});

export class Questions {
  readonly #sink: QuestionSink;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;

  constructor(sink: QuestionSink) {
    this.#sink = sink;
  }

  /** Resolves with what the user says; with "decline" when `signal` says that nobody wants to know any more. */
  ask(question: Question, signal?: AbortSignal): Promise<Answer> {
    if (signal?.aborted === true) return Promise.resolve("decline");
    const id = ++this.#last;
    return new Promise((resolve) => {
      const settle = (answer: Answer): void => {
        if (!this.#waiting.delete(id)) return;
        signal?.removeEventListener("abort", stop);
        this.#sink.closed(id);
        resolve(answer);
      };
      const stop = (): void => settle("decline");
      signal?.addEventListener("abort", stop);
      this.#waiting.set(id, { id, question, settle });
      this.#sink.asked({ id, question });
    });
  }

  get open(): readonly AskedQuestion[] {
    return [...this.#waiting.values()].map(({ id, question }) => ({ id, question }));
  }

  answer({ id, answer }: QuestionAnswer): void {
    this.#waiting.get(id)?.settle(answer);
  }

  /** Everything is declined. */
  close(): void {
    for (const waiting of this.#waiting.values()) waiting.settle("decline");
  }
}

export function questionAnswers({ questions }: { readonly questions: Questions }): Answers<typeof QUESTION_CALLS> {
  return {
    openQuestions: () => questions.open,
    answerQuestion: (parameter) => questions.answer(readParameter(answerSchema, parameter)),
  };
}

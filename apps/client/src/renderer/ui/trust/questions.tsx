// What the shell has to ask its user (`shared/questions.ts`): one dialog after the other, whatever page is below. From `mount.tsx`, in the desktop
// application alone; next: `question-dialog.tsx`.

import { useEffect, useState } from "react";
import type { Bridge } from "../../../shared/bridge.ts";
import type { AskedQuestion, QuestionAnswer } from "../../../shared/questions.ts";
import { QuestionDialog } from "./question-dialog.tsx";

export function Questions({ bridge }: { readonly bridge: Bridge }) {
  const [open, setOpen] = useState<readonly AskedQuestion[]>([]);
  useEffect(() => {
    const ends = [
      bridge.on("question", (asked) => setOpen((before) => added(before, asked))),
      bridge.on("questionClosed", (id) => setOpen((before) => before.filter((one) => one.id !== id))),
    ];
    // Those that were asked before this page was there.
    void bridge.openQuestions().then((asked) => setOpen((before) => asked.reduce(added, before)));
    return () => ends.forEach((end) => end());
  }, [bridge]);
  const first = open[0];
  if (first === undefined) return null;
  const answer = (said: QuestionAnswer["answer"]): void => {
    // The shell tells all windows that it is closed.
    void bridge.answerQuestion({ id: first.id, answer: said });
  };
  return <QuestionDialog key={first.id} question={first.question} answer={answer} />;
}

function added(before: readonly AskedQuestion[], asked: AskedQuestion): readonly AskedQuestion[] {
  if (before.some(({ id }) => id === asked.id)) return before;
  return [...before, asked].sort((one, other) => one.id - other.id);
}

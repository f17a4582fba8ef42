// One field of `desktop-form.tsx`: text or a number, with a hint, what may be chosen, and what is wrong with it.

import { useId } from "react";
import controls from "../controls.module.css";
import styles from "./kubernetes.module.css";

export interface FormFieldProps {
  readonly label: string;
  readonly name: string;
  readonly value: string;
  readonly onText: (value: string) => void;
  readonly hint?: string | undefined;
  /** Said in the hint's place. */
  readonly wrong?: string | undefined;
  /** Of a whole number. */
  readonly range?: { readonly min: number; readonly max: number } | undefined;
  readonly offers?: readonly { readonly value: string; readonly label: string }[];
}

export function FormField({ label, name, value, onText, hint, wrong, range, offers = [] }: FormFieldProps) {
  const id = useId();
  const limits = range === undefined ? {} : { type: "number", step: 1, ...range };
  const note = wrong ?? hint;
  return (
    <div className={controls["field"]}>
      <label htmlFor={id} className={styles["label"]}>
        {label}
      </label>
      <input
        id={id}
        value={value}
        spellCheck={false}
        autoComplete="off"
        aria-invalid={wrong !== undefined}
        {...(note !== undefined && { "aria-describedby": `${id}-hint` })}
        {...(offers.length > 0 && { list: `${id}-offers` })}
        {...limits}
        onChange={(event) => onText(event.target.value)}
        data-testid={`field-${name}`}
      />
      {note !== undefined && (
        <small id={`${id}-hint`} className={wrong === undefined ? styles["hint"] : controls["wrong"]}>
          {note}
        </small>
      )}
      {offers.length > 0 && (
        <datalist id={`${id}-offers`}>
          {offers.map((offer) => (
            <option key={offer.value} value={offer.value}>
              {offer.label}
            </option>
          ))}
        </datalist>
      )}
    </div>
  );
}

// One field of `desktop-form.tsx`: text or a number, with a hint and what may be chosen.

import { useId } from "react";
import controls from "../controls.module.css";
import styles from "./kubernetes.module.css";

export interface FormFieldProps {
  readonly label: string;
  readonly name: string;
  readonly value: string;
  readonly onText: (value: string) => void;
  readonly hint?: string;
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly required?: boolean;
  /** Of a whole number. */
  readonly range?: { readonly min: number; readonly max: number };
  readonly offers?: readonly { readonly value: string; readonly label: string }[];
}

export function FormField({ label, name, value, onText, hint, range, offers = [], ...more }: FormFieldProps) {
  const id = useId();
  const limits = range === undefined ? {} : { type: "number", step: 1, required: true, ...range };
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
        {...(hint !== undefined && { "aria-describedby": `${id}-hint` })}
        {...(offers.length > 0 && { list: `${id}-offers` })}
        {...limits}
        {...more}
        onChange={(event) => onText(event.target.value)}
        data-testid={`field-${name}`}
      />
      {hint !== undefined && (
        <span id={`${id}-hint`} className={styles["hint"]}>
          {hint}
        </span>
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

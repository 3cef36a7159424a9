// Forms that are described, not drawn: which fields, of which sort, shown when.

export type Form = Record<string, string | boolean>;

export interface Field {
  key: string;
  label: string;
  kind: "text" | "choice" | "date" | "plate" | "switch";
  placeholder?: string;
  /** What may be chosen: value and words. */
  options?: readonly (readonly [value: string, words: string])[];
  /** The keyboard that the telephone shows. */
  input?: "tel" | "digit" | "email";
  max?: number;
  autocomplete?: string;
  /** Dates: years before and after today that may be chosen. */
  years?: readonly [before: number, after: number];
  hint?: string;
  /** Shown, and sent, only then. */
  when?: (form: Form) => boolean;
}

/** Problems of fields as the platform names them; nothing where all is well. */
export type Problems = Record<string, string>;

/** What is sent: the fields that show; an empty date is none. */
export function toSend(fields: readonly Field[], form: Form): Record<string, string | boolean | null> {
  const sent: Record<string, string | boolean | null> = {};
  for (const field of fields) {
    if (field.when && !field.when(form)) continue;
    const value = form[field.key];
    sent[field.key] = typeof value === "boolean" ? value : (value ?? "").trim() || (field.kind === "date" ? null : "");
  }
  return sent;
}

/** The words of a chosen value. */
export const wordsOf = (options: Field["options"], value: unknown): string => options?.find(([one]) => one === value)?.[1] ?? "";

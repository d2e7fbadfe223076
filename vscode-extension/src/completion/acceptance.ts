// How much of a suggestion an edit took. VS Code tells an extension of whole acceptances only (by the
// item's command), so parts are recognised by the edit that they make, and by where the cursor's move
// comes from. Knows no VS Code.

/** A suggestion as it was answered. */
export interface Shown {
  readonly uri: string;
  /** Offset in the document, in UTF-16 code units. */
  readonly offset: number;
  readonly text: string;
  /** By which the server knows it. */
  readonly id: string;
  /** Code units that were taken before: `text` goes on there. */
  readonly taken?: number;
}

export interface Edit {
  readonly uri: string;
  readonly offset: number;
  /** Code units that it replaced. */
  readonly replaced: number;
  readonly text: string;
}

/** The suggestion after an edit that may have taken its beginning; undefined if it can't have. */
export function restAfter(edit: Edit, shown: Shown): Shown | undefined {
  const { length } = edit.text;
  const agrees =
    edit.uri === shown.uri &&
    edit.offset === shown.offset &&
    edit.replaced === 0 &&
    length > 0 &&
    length < shown.text.length && // the whole is told by the item's command
    shown.text.startsWith(edit.text);
  return agrees
    ? {
        ...shown,
        offset: shown.offset + length,
        text: shown.text.slice(length),
        taken: (shown.taken ?? 0) + length,
      }
    : undefined;
}

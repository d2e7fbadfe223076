// How much of a suggestion an edit took. VS Code tells an extension of whole acceptances only (by the
// item's command), so parts are recognised by the edit that they make. Knows no VS Code.

/** A suggestion as it was answered. */
export interface Shown {
  readonly uri: string;
  /** Offset in the document, in UTF-16 code units. */
  readonly offset: number;
  readonly text: string;
  /** By which the server knows it. */
  readonly id: string;
}

export interface Edit {
  readonly uri: string;
  readonly offset: number;
  /** Code units that it replaced. */
  readonly replaced: number;
  readonly text: string;
}

const PAIRS = new Set(["()", "[]", "{}", '""', "''", "``"]);

/**
 * Code units of the suggestion that the edit took; 0 if it was typed, or something else.
 *
 * One key inserts one character, a pair of brackets, or a line break with indentation; what is more
 * and stands at the beginning of the suggestion was taken from it.
 */
export function takenBy(edit: Edit, shown: Shown): number {
  const { text } = edit;
  const agrees =
    edit.uri === shown.uri &&
    edit.offset === shown.offset &&
    edit.replaced === 0 &&
    text.length < shown.text.length &&
    shown.text.startsWith(text);
  const typed = isOneCharacter(text) || PAIRS.has(text) || text.trim() === "";
  return agrees && !typed ? text.length : 0;
}

/** One code unit, or the two of a surrogate pair. */
function isOneCharacter(text: string): boolean {
  return text.length <= String.fromCodePoint(text.codePointAt(0) ?? 0).length;
}

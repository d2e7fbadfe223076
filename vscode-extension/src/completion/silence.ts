// Files in which nothing is ever suggested, and why: so that the silence has a reason that can be seen.
// Knows no VS Code.

import { fields, text } from "../json";

/** The model doesn't know the language; another may. */
export const UNKNOWN_LANGUAGE = "language-unknown-to-model";

/** Reasons that hold for a whole file, not only for a place in it. */
const STANDING: readonly string[] = [UNKNOWN_LANGUAGE, "secret-file", "too-large", "binary"];

export interface Silence {
  /** The server's code of the reason. */
  readonly code: string;
  /** The reason in words, without a full stop. */
  readonly reason: string;
}

/** @param last the object `last` of `inkling/status`; undefined if its silence isn't a standing one */
export function readSilence(last: unknown): Silence | undefined {
  const { code, silence } = fields(last);
  const known = STANDING.find((each) => each === code);
  return known === undefined
    ? undefined
    : { code: known, reason: (text(silence) ?? known).replace(/\.$/, "") };
}

/** By document, from its last answer. */
export class Silences {
  private readonly known = new Map<string, Silence>();

  note(uri: string, silence: Silence | undefined): void {
    if (silence === undefined) {
      this.known.delete(uri);
    } else {
      this.known.set(uri, silence);
    }
  }

  of(uri: string | undefined): Silence | undefined {
    return uri === undefined ? undefined : this.known.get(uri);
  }

  /** Another model may say something else. */
  clear(): void {
    this.known.clear();
  }
}

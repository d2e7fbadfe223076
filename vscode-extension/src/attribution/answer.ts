// The server's answer to "what of this has a source?", in one sentence. Knows no VS Code.

import * as l10n from "@vscode/l10n";
import { fields, list, text } from "../json";

/** What follows from the answer, and so which button goes with it. */
export type Outcome = "found" | "nothing" | "noIndex" | "failed";

export interface Answer {
  readonly message: string;
  readonly outcome: Outcome;
}

/** What the answer says, in one sentence. */
export function answerOf(reply: unknown): Answer {
  const { error, code, references, unchecked, removed } = fields(reply);
  if (code === "no-index") {
    return {
      message: l10n.t(
        "To check it, an index of the training data is needed, " +
          "which 'inkling attribution build CORPUS' makes.",
      ),
      outcome: "noIndex",
    };
  }
  const why = text(error);
  if (why !== undefined) {
    return { message: l10n.t("It can't be checked: {0}.", clause(why)), outcome: "failed" };
  }
  const found = list(references).length + list(removed).length;
  const left = list(unchecked).filter((each) => typeof each === "string").map(clause).join("; ");
  return {
    message: left === "" ? wholly(found) : partly(found, left),
    outcome: found === 0 ? "nothing" : "found",
  };
}

function wholly(found: number): string {
  return found === 0
    ? l10n.t("Nothing here has a known source.")
    : l10n.t("Passages with a known source: {0}.", String(found));
}

function partly(found: number, left: string): string {
  return found === 0
    ? l10n.t("No known source was found, but not all was checked: {0}.", left)
    : l10n.t("Passages with a known source: {0}; not all was checked: {1}.", String(found), left);
}

/** A sentence of the server's as the end of another one. */
function clause(sentence: string): string {
  const said = sentence.trim().replace(/\.$/, "");
  // Only an article or the like: a name keeps its capital.
  return said.replace(/^(The|There|A|An|It|No)\b/, (word) => word.toLowerCase());
}

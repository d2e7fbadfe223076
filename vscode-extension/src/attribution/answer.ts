// The server's answer to "what of this has a source?", in one sentence. Knows no VS Code.

import * as l10n from "@vscode/l10n";
import { fields, list, text } from "../json";

/** What the answer says, in one sentence. */
export function sentenceOf(reply: unknown): { message: string; found: number; failed: boolean } {
  const { error, references, unchecked, removed } = fields(reply);
  if (reply === undefined || text(error) !== undefined) {
    const why = text(error) ?? l10n.t("the server does not run");
    return { message: l10n.t("It can't be checked: {0}.", why), found: 0, failed: true };
  }
  const found = list(references).length + list(removed).length;
  const left = list(unchecked).filter((each) => typeof each === "string").join(" ");
  const message =
    found === 0
      ? l10n.t("Nothing here has a known source.")
      : l10n.t("Passages with a known source: {0}.", String(found));
  return { message: left === "" ? message : `${message} ${left}`, found, failed: false };
}

// What the status bar says of the source of what is suggested. Knows no VS Code.

import * as l10n from "@vscode/l10n";
import type { Offer } from "../completion/offer";

/** On the status bar, where there is little room. */
const MOST = 40;

export interface Badge {
  /** What stands on the status bar: the package and its licence. */
  readonly text: string;
  /** The same in a sentence, with path and line. */
  readonly sentence: string;
}

/**
 * What to say while the suggestions `offers` can be seen; undefined if none has a source.
 *
 * The editor doesn't tell which of several it shows: then it is said of how many it is true, and
 * never that it is true of the one in sight.
 */
export function badgeOf(offers: readonly Offer[]): Badge | undefined {
  const named = offers.filter(({ badge }) => badge !== undefined);
  const [first] = named;
  if (first?.badge === undefined) {
    return undefined;
  }
  const about = first.source === undefined ? l10n.t("source unknown") : nameOf(first.source);
  if (offers.length === 1) {
    return { text: short(about), sentence: sentenceOf(first, first.badge) };
  }
  const share = l10n.t("{0} of {1}", String(named.length), String(offers.length));
  return {
    text: `${share}: ${short(about)}`,
    sentence: l10n.t("Suggestions with a source: {0}; {1}.", share, first.badge.replace(/\.$/, "")),
  };
}

function sentenceOf(offer: Offer, badge: string): string {
  return offer.source === undefined
    ? l10n.t("The source of the suggestion: {0}.", badge.replace(/\.$/, ""))
    : l10n.t("The suggestion has a source: {0}.", badge);
}

function nameOf({ repo, license }: NonNullable<Offer["source"]>): string {
  return `${repo} · ${license ?? l10n.t("no licence known")}`;
}

/** The licence stands at the end, so the package's name is what gives way. */
function short(text: string): string {
  return text.length <= MOST ? text : `…${text.slice(text.length - MOST + 1)}`;
}

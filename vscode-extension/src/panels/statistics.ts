// What was shown, taken and kept on this machine, as a section of a page. Knows no VS Code.

import * as l10n from "@vscode/l10n";
import { fields, number } from "../json";
import type { Section } from "./html";

/** @param printed what `inkling stats --json` prints: an object by language */
export function statisticsSections(printed: unknown): Section[] {
  const rows = Object.entries(fields(printed)).map(([language, value]) => {
    const row = fields(value);
    return [
      language || l10n.t("other"),
      count(row.shown),
      share(row.accepted, row.shown),
      share(row.partly_accepted, row.shown),
      share(row.kept, row.judged),
      count(row.characters_taken),
      milliseconds(row.latency_p50),
      milliseconds(row.latency_p95),
    ];
  });
  const title = l10n.t("The last 30 days");
  return rows.length === 0
    ? [{ title, text: l10n.t("Nothing was shown yet.") }]
    : [{ title, text: privacy(), head: heads(), rows }];
}

function privacy(): string {
  return l10n.t("Counted on this machine, without any text; nothing is sent anywhere.");
}

function heads(): string[] {
  return [
    l10n.t("language"),
    l10n.t("shown"),
    l10n.t("accepted"),
    l10n.t("in part"),
    l10n.t("kept 30 s"),
    l10n.t("characters"),
    l10n.t("median"),
    l10n.t("95 %"),
  ];
}

function count(value: unknown): string {
  return String(number(value) ?? 0);
}

function share(part: unknown, whole: unknown): string {
  const of = number(whole) ?? 0;
  const own = number(part) ?? 0;
  return of === 0 ? String(own) : `${String(own)} (${String(Math.round((100 * own) / of))} %)`;
}

function milliseconds(value: unknown): string {
  const known = number(value);
  return known === undefined ? "–" : l10n.t("{0} ms", String(Math.round(known)));
}

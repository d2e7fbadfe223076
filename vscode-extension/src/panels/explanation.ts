// What became of the last request, as sections of a page: prompt, tokens, cache, timing, filters, and
// the reason for silence. Knows no VS Code.

import * as l10n from "@vscode/l10n";
import { fields, list, number, text } from "../json";
import type { Section } from "./html";

/** @param last what the server's command `inkling.explain` answers: all of it is about one request */
export function explanation(last: unknown, latencyMs: number | undefined): Section[] {
  const { silence, code, typedAlong, figures } = fields(last);
  if (figures === undefined && silence === undefined) {
    return [{ title: l10n.t("Outcome"), text: l10n.t("Nothing has been asked yet.") }];
  }
  return [
    outcome(text(silence), text(code), typedAlong === true, fields(figures)),
    ...prompt(list(fields(last).prompt)),
    ...tokens(fields(figures)),
    ...timing(fields(figures), latencyMs),
    ...filters(list(fields(last).rules)),
    ...sources(fields(last)),
  ];
}

function outcome(
  silence: string | undefined,
  code: string | undefined,
  typedAlong: boolean,
  figures: Record<string, unknown>,
): Section {
  const title = l10n.t("Outcome");
  if (silence !== undefined) {
    const reason = code === undefined ? silence : `${silence} (${code})`;
    return { title, text: l10n.t("Nothing was shown: {0}.", reason.replace(/\.$/, "")) };
  }
  if (typedAlong) {
    return { title, text: l10n.t("You typed what had been suggested; its rest was shown again.") };
  }
  if (figures.fromMemory === true) {
    return { title, text: l10n.t("Shown, from the memory of this workspace alone.") };
  }
  if (figures.newTokens === undefined) {
    return { title, text: l10n.t("Nothing has been asked yet.") };
  }
  return { title, text: l10n.t("Shown, from the model.") };
}

function prompt(parts: readonly unknown[]): Section[] {
  const rows = parts.map((each) => {
    const part = fields(each);
    return [text(part.name) ?? "", count(text(part.text)?.length), count(part.tokens)];
  });
  const folded = parts.map(fields).map((part) => ({
    title: text(part.name) ?? "",
    text: text(part.text) ?? "",
  }));
  const head = [l10n.t("part of the prompt"), l10n.t("characters"), l10n.t("tokens")];
  const told = { head, rows, folded: folded.filter((part) => part.text !== "") };
  return rows.length === 0 ? [] : [{ title: l10n.t("Prompt"), ...told }];
}

function tokens(figures: Record<string, unknown>): Section[] {
  const rows = [
    [l10n.t("in the prompt"), figures.promptTokens],
    [l10n.t("of them in the cache"), figures.reusedTokens],
    [l10n.t("of the answer"), figures.newTokens],
    [l10n.t("proposed by the workspace's memory"), figures.draftedTokens],
    [l10n.t("of them right"), figures.acceptedTokens],
    [l10n.t("calls of the model"), figures.evaluations],
  ];
  return known(l10n.t("Tokens"), rows, count);
}

function timing(figures: Record<string, unknown>, latencyMs: number | undefined): Section[] {
  const rows = [
    [l10n.t("until the first token"), figures.prefillMs],
    [l10n.t("for the rest"), figures.decodeMs],
    [l10n.t("from request to answer, in the editor"), latencyMs],
  ];
  return known(l10n.t("Time"), rows, (value) =>
    l10n.t("{0} ms", (number(value) ?? 0).toFixed(1)),
  );
}

function filters(rules: readonly unknown[]): Section[] {
  const rows = rules.map((each) => {
    const { code, reason, removed } = fields(each);
    return [text(code) ?? "", text(reason) ?? "", count(removed)];
  });
  const head = [l10n.t("rule"), l10n.t("why"), l10n.t("characters it took off")];
  return rows.length === 0 ? [] : [{ title: l10n.t("Filters"), head, rows }];
}

function sources(last: Record<string, unknown>): Section[] {
  const { badge, clean, unchecked } = fields(last.attribution);
  const left = list(unchecked).filter((each) => typeof each === "string");
  const title = l10n.t("Sources");
  if (text(badge) !== undefined) {
    return [{ title, text: text(badge) ?? "" }];
  }
  if (left.length > 0) {
    return [{ title, text: l10n.t("Not checked: {0}", left.join(" ")) }];
  }
  return clean === true ? [{ title, text: l10n.t("No source was found.") }] : [];
}

function known(
  title: string,
  rows: readonly (readonly unknown[])[],
  show: (value: unknown) => string,
): Section[] {
  const told = rows
    .filter(([, value]) => number(value) !== undefined)
    .map(([name, value]) => [String(name), show(value)]);
  return told.length === 0 ? [] : [{ title, rows: told }];
}

function count(value: unknown): string {
  return String(number(value) ?? "");
}

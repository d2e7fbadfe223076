// A span that has a source, as the server tells it. Knows no VS Code.

import * as l10n from "@vscode/l10n";
import { fields, list, number, text } from "../json";

export interface SourceOf {
  readonly repo: string;
  readonly path: string;
  readonly license: string | undefined;
  readonly firstLine: number;
  readonly lastLine: number;
  /** The passage in the source; "" if it wasn't sent. */
  readonly text: string;
}

export interface Finding {
  /** How it agrees with its source, such as "exact". */
  readonly kind: string;
  /** How much of it matters: "strong" or "weak". */
  readonly tier: string;
  readonly sources: readonly SourceOf[];
  /** How many documents hold it. */
  readonly documents: number;
}

/** @param data of a diagnostic or a reference; undefined if it is no finding */
export function readFinding(data: unknown): Finding | undefined {
  const { kind, tier, sources, documents } = fields(data);
  const read = list(sources).map(readSource);
  return read.length === 0
    ? undefined
    : {
        kind: text(kind) ?? "",
        tier: text(tier) ?? "",
        sources: read,
        documents: number(documents) ?? read.length,
      };
}

function readSource(value: unknown): SourceOf {
  const source = fields(value);
  return {
    repo: text(source.repo) ?? "",
    path: text(source.path) ?? "",
    license: text(source.license),
    firstLine: number(source.firstLine) ?? 1,
    lastLine: number(source.lastLine) ?? 1,
    text: text(source.text) ?? "",
  };
}

export function licenceOf(source: SourceOf): string {
  return source.license ?? l10n.t("no licence known");
}

/** "requests, src/api.py:12-20, Apache-2.0". */
export function describeSource(source: SourceOf): string {
  const lines = `${String(source.firstLine)}-${String(source.lastLine)}`;
  return `${source.repo}, ${source.path}:${lines}, ${licenceOf(source)}`;
}

/** "This long passage stands word for word in the source". */
export function describeMatch({ kind, tier }: Finding): string {
  const passage =
    tier === "weak" ? l10n.t("This short passage stands") : l10n.t("This long passage stands");
  const ways: Record<string, string> = {
    exact: l10n.t("word for word in the source"),
    "reformatted copy": l10n.t("with another layout in the source"),
    "edited copy": l10n.t("with some changes in the source"),
    "renamed copy": l10n.t("with other names in the source"),
  };
  return `${passage} ${ways[kind] ?? l10n.t("in the source ({0})", kind)}`;
}

/** The text of the document that shows a source: where it is from, then the passage. */
export function sourceDocument(finding: Finding, source: SourceOf): string {
  const more = finding.documents - finding.sources.length;
  return [
    `${source.repo}  ${source.path}, ${l10n.t("lines {0}", `${String(source.firstLine)}-${String(source.lastLine)}`)}`,
    l10n.t("Licence: {0}", licenceOf(source)),
    describeMatch(finding),
    ...(more > 0 ? [l10n.t("and {0} more documents hold it", String(more))] : []),
    "",
    source.text,
    "",
  ].join("\n");
}

// How far a fine-tuning is: what `inkling finetune --progress-file` writes. Knows no VS Code.

import * as l10n from "@vscode/l10n";
import { fields, number, text } from "../json";

export interface Progress {
  /** Of the whole run, 0 to 100. */
  readonly percent: number;
  /** What it is doing, in words; undefined if it is nothing that this release knows. */
  readonly part: string | undefined;
  /** Folder of the new model, once it has won. */
  readonly installed: string | undefined;
}

/** @param written the file's text; undefined if nothing can be read from it (yet) */
export function readProgress(written: string): Progress | undefined {
  let state: unknown;
  try {
    state = JSON.parse(written);
  } catch {
    return undefined;
  }
  const { part, percent, installed } = fields(state);
  const known = number(percent);
  if (known === undefined) {
    return undefined;
  }
  return {
    percent: Math.min(100, Math.max(0, Math.round(known))),
    part: inWords(text(part)),
    installed: text(installed),
  };
}

/** One line for the notification. */
export function describeProgress({ percent, part }: Progress): string {
  const share = l10n.t("{0} %", String(percent));
  return part === undefined ? share : `${share} (${part})`;
}

function inWords(part: string | undefined): string | undefined {
  switch (part) {
    case "curate":
      return l10n.t("reading the code");
    case "plan":
      return l10n.t("planning");
    case "train":
      return l10n.t("training");
    case "export":
      return l10n.t("writing the model");
    case "prove":
      return l10n.t("comparing it with the model before");
    case "audit":
      return l10n.t("looking at what it would give away");
    default:
      return undefined;
  }
}

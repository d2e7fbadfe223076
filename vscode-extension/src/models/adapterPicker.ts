// Choosing an adapter: what a model was tuned with on a repository.

import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { fields, list, text } from "../json";
import type { Inkling } from "./modelPicker";

interface Choice extends vscode.QuickPickItem {
  /** null: the plain model. */
  readonly path: string | null;
}

export async function chooseAdapter(inkling: Inkling): Promise<void> {
  const reply = await inkling.run("inkling.models");
  const adapters = list(fields(reply).adapters).flatMap((each): Choice[] => {
    const { name, path } = fields(each);
    const place = text(path);
    return place === undefined ? [] : [{ label: text(name) ?? place, description: place, path: place }];
  });
  const plain: Choice = { label: l10n.t("None"), description: l10n.t("the plain model"), path: null };
  const browse: Choice = { label: l10n.t("Choose a File…"), path: "" };
  const chosen = await vscode.window.showQuickPick([plain, ...adapters, browse], {
    title: l10n.t("Adapter"),
    placeHolder: l10n.t("What the model was tuned with"),
  });
  if (chosen === undefined) {
    return;
  }
  const path = chosen.path === "" ? await browsed() : chosen.path;
  if (path !== undefined) {
    await tell(await inkling.run("inkling.switchAdapter", path), inkling);
  }
}

async function browsed(): Promise<string | undefined> {
  const files = await vscode.window.showOpenDialog({
    title: l10n.t("Choose an adapter"),
    filters: { [l10n.t("GGUF adapters")]: ["gguf"] },
  });
  return files?.[0]?.fsPath;
}

async function tell(reply: unknown, inkling: Inkling): Promise<void> {
  const error = reply === undefined ? l10n.t("The server doesn't answer.") : text(fields(reply).error);
  if (error === undefined) {
    return;
  }
  const plain = l10n.t("Use the Plain Model");
  if ((await vscode.window.showErrorMessage(error, plain)) === plain) {
    await inkling.run("inkling.switchAdapter", null);
  }
}

// Choosing an adapter: what a model was tuned with on a repository.

import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { fields, text } from "../json";
import { adapterChoices } from "./adapterList";
import type { Inkling } from "./modelPicker";

export async function chooseAdapter(inkling: Inkling): Promise<void> {
  const choices = adapterChoices(await inkling.run("inkling.models"));
  const chosen = await vscode.window.showQuickPick(choices, {
    title: l10n.t("Adapter"),
    placeHolder: l10n.t("What the model was tuned with"),
    matchOnDescription: true,
  });
  const path = chosen === undefined || chosen.path !== undefined ? chosen?.path : await browsed();
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
  const again = l10n.t("Choose an Adapter");
  if ((await vscode.window.showErrorMessage(error, again)) === again) {
    await chooseAdapter(inkling);
  }
}

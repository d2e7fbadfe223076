// Choosing an adapter: what a model was tuned with on a repository.

import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { fields, text } from "../json";
import { adapterChoices } from "./adapterList";
import { chosenModel, type Inkling } from "./modelPicker";

const CHOSEN = "inkling.adapter";

interface Chosen {
  /** The setting of the model that it was chosen for. */
  readonly model: string;
  readonly path: string;
}

/** The adapter that was chosen in this workspace for the model of the settings. */
export function chosenAdapter(memory: vscode.Memento): string | undefined {
  const chosen = memory.get<Chosen>(CHOSEN);
  return chosen?.model === chosenModel() ? chosen.path : undefined;
}

export async function chooseAdapter(inkling: Inkling, memory: vscode.Memento): Promise<void> {
  const reply = await inkling.ask("inkling.models");
  if (reply === undefined) {
    return;
  }
  const choices = adapterChoices(reply);
  const chosen = await vscode.window.showQuickPick(choices, {
    title: l10n.t("Adapter"),
    placeHolder: l10n.t("What the model was tuned with"),
    matchOnDescription: true,
  });
  const path = chosen === undefined || chosen.path !== undefined ? chosen?.path : await browsed();
  if (path !== undefined) {
    const switched = await inkling.ask("inkling.switchAdapter", path);
    if (switched === undefined) {
      return;
    }
    const error = text(fields(switched).error);
    if (error === undefined) {
      const chosen = path === null ? undefined : { model: chosenModel(), path };
      await memory.update(CHOSEN, chosen satisfies Chosen | undefined);
    } else if (await wantsAgain(error)) {
      await chooseAdapter(inkling, memory);
    }
  }
}

async function browsed(): Promise<string | undefined> {
  const files = await vscode.window.showOpenDialog({
    title: l10n.t("Choose an adapter"),
    filters: { [l10n.t("GGUF adapters")]: ["gguf"] },
  });
  return files?.[0]?.fsPath;
}

async function wantsAgain(error: string): Promise<boolean> {
  const again = l10n.t("Choose an Adapter");
  return (await vscode.window.showErrorMessage(error, again)) === again;
}

// "Check file / selection": what of it has a source. The server marks what it finds.

import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { sentenceOf } from "./answer";
import { VIEW } from "./referencesView";

type Run = (command: string, ...parameters: unknown[]) => Promise<unknown>;

export async function checkSources(run: Run, onlySelection: boolean): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) {
    void vscode.window.showInformationMessage(l10n.t("Open a file first: then it can be checked."));
    return;
  }
  const { document, selection } = editor;
  const part = onlySelection && !selection.isEmpty ? [range(selection)] : [];
  const reply = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: l10n.t("Inkling looks for sources") },
    () => run("inkling.references", document.uri.toString(), ...part),
  );
  await tell(reply);
}

async function tell(reply: unknown): Promise<void> {
  const { message, found, failed } = sentenceOf(reply);
  const button = failed ? l10n.t("Open Settings") : l10n.t("Show References");
  const said = failed
    ? await vscode.window.showWarningMessage(message, button)
    : await vscode.window.showInformationMessage(message, ...(found > 0 ? [button] : []));
  if (said === button) {
    await (failed
      ? vscode.commands.executeCommand("workbench.action.openSettings", "inkling.attribution")
      : vscode.commands.executeCommand(`${VIEW}.focus`));
  }
}

function range({ start, end }: vscode.Selection) {
  return {
    start: { line: start.line, character: start.character },
    end: { line: end.line, character: end.character },
  };
}

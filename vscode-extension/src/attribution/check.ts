// "Check file / selection": what of it has a source. The server marks what it finds.

import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { answerOf, type Outcome } from "./answer";
import { VIEW } from "./referencesView";

type Ask = (command: string, ...parameters: unknown[]) => Promise<unknown>;

export async function checkSources(ask: Ask, onlySelection: boolean): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) {
    void vscode.window.showInformationMessage(l10n.t("Open a file first: then it can be checked."));
    return;
  }
  const { document, selection } = editor;
  const part = onlySelection && !selection.isEmpty ? [range(selection)] : [];
  const reply = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: l10n.t("Inkling looks for sources") },
    () => ask("inkling.references", document.uri.toString(), ...part),
  );
  if (reply !== undefined) {
    await tell(reply);
  }
}

async function tell(reply: unknown): Promise<void> {
  const { message, outcome } = answerOf(reply);
  const help = helpFor(outcome);
  const buttons = help === undefined ? [] : [help.title];
  const said = await (outcome === "failed" || outcome === "noIndex"
    ? vscode.window.showWarningMessage(message, ...buttons)
    : vscode.window.showInformationMessage(message, ...buttons));
  if (help !== undefined && said === help.title) {
    await vscode.commands.executeCommand(help.command, ...help.parameters);
  }
}

interface Help {
  readonly title: string;
  readonly command: string;
  readonly parameters: readonly unknown[];
}

function helpFor(outcome: Outcome): Help | undefined {
  switch (outcome) {
    case "found":
      return { title: l10n.t("Show References"), command: `${VIEW}.focus`, parameters: [] };
    case "nothing":
      return undefined;
    case "noIndex":
      return { title: l10n.t("Show How"), command: "inkling.openWalkthrough", parameters: ["sources"] };
    case "failed": {
      const parameters = ["inkling.attribution.index"];
      return { title: l10n.t("Open Settings"), command: "inkling.openSettings", parameters };
    }
  }
}

function range({ start, end }: vscode.Selection) {
  return {
    start: { line: start.line, character: start.character },
    end: { line: end.line, character: end.character },
  };
}

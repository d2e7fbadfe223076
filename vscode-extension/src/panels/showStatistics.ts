// "Statistics": what `inkling stats` counts, on a page.

import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { reportedError, run } from "../process";
import type { ReportPanel } from "./reportPanel";
import { statisticsSections } from "./statistics";

export async function showStatistics(
  commandLine: readonly string[] | undefined,
  panel: ReportPanel,
): Promise<void> {
  if (commandLine === undefined) {
    return; // what is missing has been said
  }
  const ended = await run(commandLine);
  if (ended.status === 0) {
    panel.show(l10n.t("Inkling: Statistics"), statisticsSections(decoded(ended.output)));
    return;
  }
  const why = reportedError(ended.errors) || l10n.t("the program ended without a word.");
  const log = l10n.t("Show Log");
  const message = l10n.t("The statistics can't be read: {0}", why);
  if ((await vscode.window.showErrorMessage(message, log)) === log) {
    await vscode.commands.executeCommand("inkling.showLog");
  }
}

/** Other output than one line of JSON, such as "nothing was shown", counts as nothing. */
function decoded(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    return {};
  }
}

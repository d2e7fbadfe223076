// The page of settings, at the one that matters.

import * as vscode from "vscode";

const ALL = "@ext:inkling-copilot.inkling";

/** @param setting its full name; undefined for all of Inkling's */
export async function openSettings(setting?: string): Promise<void> {
  const query = setting === undefined ? ALL : `@id:${setting}`;
  // A remote window shows the settings of the machine on a page of their own.
  const command =
    vscode.env.remoteName === undefined
      ? "workbench.action.openSettings"
      : "workbench.action.openRemoteSettings";
  await vscode.commands.executeCommand(command, { query });
}

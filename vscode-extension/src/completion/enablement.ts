// Where suggestions are wanted: the setting `inkling.enabled`, which may differ by folder and by
// language.

import * as vscode from "vscode";

const KEY = "inkling.enabled";

export function isEnabledFor(document: vscode.TextDocument): boolean {
  return isOn(document);
}

function isOn(scope: vscode.ConfigurationScope | undefined): boolean {
  return vscode.workspace.getConfiguration(undefined, scope ?? null).get<unknown>(KEY) !== false;
}

/** Whether they are wanted in any folder or language: otherwise there is no need for a server. */
export function isEnabledAnywhere(): boolean {
  const folders = vscode.workspace.workspaceFolders?.map((folder) => folder.uri) ?? [];
  return [undefined, ...folders].some((uri) => {
    const settings = vscode.workspace.getConfiguration(undefined, uri ?? null);
    const languages = settings.inspect(KEY)?.languageIds ?? [];
    const scopes = languages.map((languageId) => ({ languageId, ...(uri ? { uri } : {}) }));
    return isOn(uri) || scopes.some((scope) => isOn(scope));
  });
}

/** Turn all suggestions off or on, where the setting has its effect. */
export async function toggle(): Promise<void> {
  const settings = vscode.workspace.getConfiguration();
  const target =
    settings.inspect(KEY)?.workspaceValue === undefined
      ? vscode.ConfigurationTarget.Global
      : vscode.ConfigurationTarget.Workspace;
  await settings.update(KEY, !isOn(undefined), target);
}

/** Turn suggestions in the language of a document off or on. */
export async function toggleLanguage(document: vscode.TextDocument): Promise<void> {
  const { languageId } = document;
  const value = unlessSame(!isEnabledFor(document), isOn(folderOf(document)));
  await vscode.workspace
    .getConfiguration(undefined, { languageId })
    .update(KEY, value, vscode.ConfigurationTarget.Global, true);
}

/** Turn suggestions in the folder of a document off or on. */
export async function toggleFolder(document: vscode.TextDocument): Promise<void> {
  const folder = folderOf(document);
  if (folder !== undefined) {
    const value = unlessSame(!isOn(folder), isOn(undefined));
    await vscode.workspace
      .getConfiguration(undefined, folder)
      .update(KEY, value, vscode.ConfigurationTarget.WorkspaceFolder);
  }
}

function folderOf(document: vscode.TextDocument): vscode.Uri | undefined {
  return vscode.workspace.getWorkspaceFolder(document.uri)?.uri;
}

/** An exception that says the same as the rule is none: it would outlive a change of the rule. */
function unlessSame(wanted: boolean, rule: boolean): boolean | undefined {
  return wanted === rule ? undefined : wanted;
}

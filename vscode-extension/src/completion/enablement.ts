// Where suggestions are wanted: the setting `inkling.enabled`, which may differ by folder and by
// language.

import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { openSettings } from "../settingsPage";

const KEY = "inkling.enabled";

export function isEnabledFor(document: vscode.TextDocument): boolean {
  return isOn(document);
}

function isOn(scope: vscode.ConfigurationScope | undefined): boolean {
  return vscode.workspace.getConfiguration(undefined, scope ?? null).get<unknown>(KEY) !== false;
}

/** Whether they are wanted in any folder or language: otherwise there is no need for a server. */
export function isEnabledAnywhere(): boolean {
  return [undefined, ...folders()].some((uri) => {
    const settings = vscode.workspace.getConfiguration(undefined, uri ?? null);
    const languages = settings.inspect(KEY)?.languageIds ?? [];
    const scopes = languages.map((languageId) => ({ languageId, ...(uri ? { uri } : {}) }));
    return isOn(uri) || scopes.some((scope) => isOn(scope));
  });
}

/** Whether they are wanted where no folder and no language says otherwise. */
export function isEnabledByRule(): boolean {
  return isOn(undefined);
}

/** Whether the folder of a document wants them, whatever its language does. */
export function isEnabledForFolder(document: vscode.TextDocument): boolean {
  return isOn(folderOf(document));
}

/**
 * Turn suggestions on, or off everywhere.
 *
 * Off leaves no folder and no language for which they had been turned on; on leaves alone what had
 * been turned off by itself.
 */
export async function toggle(wanted = !isEnabledAnywhere()): Promise<void> {
  const settings = vscode.workspace.getConfiguration();
  const target =
    settings.inspect(KEY)?.workspaceValue === undefined
      ? vscode.ConfigurationTarget.Global
      : vscode.ConfigurationTarget.Workspace;
  await settings.update(KEY, wanted, target);
  if (!wanted) {
    for (const scope of [undefined, ...folders()]) {
      await removeExceptions(scope);
    }
    if (isEnabledAnywhere()) {
      void tellOfExceptions();
    }
  }
}

/** What is written for several languages at once no extension can take back. */
async function tellOfExceptions(): Promise<void> {
  const look = l10n.t("Open Settings");
  const message = l10n.t("The settings still turn Inkling on for some languages: remove that there.");
  if ((await vscode.window.showInformationMessage(message, look)) === look) {
    await openSettings(KEY);
  }
}

/** Turn suggestions in the language of a document off or on. */
export async function toggleLanguage(document: vscode.TextDocument): Promise<void> {
  const { languageId } = document;
  const wanted = !isEnabledFor(document);
  const value = unlessSame(wanted, isEnabledForFolder(document));
  await vscode.workspace
    .getConfiguration(undefined, { languageId })
    .update(KEY, value, vscode.ConfigurationTarget.Global, true);
  if (isEnabledFor(document) !== wanted) {
    await settle(document, wanted); // the workspace has something of its own to say
  }
}

/** Turn suggestions in the folder of a document off or on. */
export async function toggleFolder(document: vscode.TextDocument): Promise<void> {
  const folder = folderOf(document);
  if (folder === undefined) {
    return;
  }
  const wanted = !isOn(folder);
  await vscode.workspace
    .getConfiguration(undefined, folder)
    .update(KEY, unlessSame(wanted, isEnabledByRule()), vscode.ConfigurationTarget.WorkspaceFolder);
  if (!wanted && isEnabledFor(document)) {
    await settle(document, wanted); // its language had been turned on by itself
  }
}

/** For this language in this folder alone, which nothing outdoes. */
async function settle(document: vscode.TextDocument, wanted: boolean): Promise<void> {
  const target =
    folderOf(document) === undefined
      ? vscode.ConfigurationTarget.Workspace
      : vscode.ConfigurationTarget.WorkspaceFolder;
  await vscode.workspace.getConfiguration(undefined, document).update(KEY, wanted, target, true);
}

/** Forget what was turned on by itself: a language, or this folder. */
async function removeExceptions(folder: vscode.Uri | undefined): Promise<void> {
  const { Global, Workspace, WorkspaceFolder } = vscode.ConfigurationTarget;
  const settings = vscode.workspace.getConfiguration(undefined, folder ?? null);
  const found = settings.inspect(KEY);
  if (folder !== undefined && found?.workspaceFolderValue === true) {
    await settings.update(KEY, undefined, WorkspaceFolder);
  }
  for (const languageId of found?.languageIds ?? []) {
    const scope = { languageId, ...(folder === undefined ? {} : { uri: folder }) };
    const ofLanguage = vscode.workspace.getConfiguration(undefined, scope);
    const values = ofLanguage.inspect(KEY);
    const places: [unknown, vscode.ConfigurationTarget][] = [
      [values?.globalLanguageValue, Global],
      [values?.workspaceLanguageValue, Workspace],
      [folder === undefined ? undefined : values?.workspaceFolderLanguageValue, WorkspaceFolder],
    ];
    for (const [value, target] of places) {
      if (value === true) {
        await ofLanguage.update(KEY, undefined, target, true);
      }
    }
  }
}

function folders(): vscode.Uri[] {
  return vscode.workspace.workspaceFolders?.map(({ uri }) => uri) ?? [];
}

function folderOf(document: vscode.TextDocument): vscode.Uri | undefined {
  return vscode.workspace.getWorkspaceFolder(document.uri)?.uri;
}

/** An exception that says the same as the rule is none: it would outlive a change of the rule. */
function unlessSame(wanted: boolean, rule: boolean): boolean | undefined {
  return wanted === rule ? undefined : wanted;
}

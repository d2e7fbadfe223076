// The Python that the user selected, and the programs that can be the server.

import { statSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import type { Configuration } from "./configuration";
import { findServerCommand, inFolder, type Interpreter, type ServerCommand } from "./serverCommand";

export const PYTHON_SETTING = "python.defaultInterpreterPath";

/**
 * The workspace's choice first, then the one in the Python extension, then the user's own.
 *
 * @param selected in the Python extension, which may have chosen by itself
 */
export function interpreters(selected?: string): Interpreter[] {
  const found = vscode.workspace.getConfiguration().inspect<unknown>(PYTHON_SETTING);
  const ofWorkspace = vscode.workspace.isTrusted
    ? [found?.workspaceFolderValue, found?.workspaceValue, selected]
    : [];
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  return [
    ...ofWorkspace.map((value) => ({ path: inFolder(value, folder, path), byUser: false })),
    { path: found?.globalValue, byUser: true },
  ].filter((choice): choice is Interpreter => typeof choice.path === "string");
}

/** Pythons that the user has named, to install with. */
export function chosenPythons(): string[] {
  return interpreters()
    .filter(({ byUser, path: program }) => byUser && path.isAbsolute(program) && isFile(program))
    .map(({ path: program }) => program);
}

export function serverCommand(
  configuration: Configuration,
  installedPython: string | undefined,
  selected: string | undefined,
): ServerCommand | undefined {
  return findServerCommand({
    configured: configuration.serverCommand,
    shared: configuration.serverShared,
    interpreters: interpreters(selected),
    searchPath: process.env.PATH,
    installedPython,
    home: homedir(),
    workspaceFolders: (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath),
    windows: process.platform === "win32",
    path,
    isFile,
  });
}

/** Whether a program isn't there: at its whole path, or by its bare name on the PATH. */
export function isAbsent(program: string): boolean {
  if (path.isAbsolute(program)) {
    return !isFile(program);
  }
  if (program !== path.basename(program)) {
    return false; // from the folder that it is started in, which nobody knows here
  }
  const endings = process.platform === "win32" ? ["", ".exe", ".cmd", ".bat"] : [""];
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter((each) => each !== "");
  return !folders.some((each) =>
    endings.some((ending) => isFile(path.join(each, program + ending))),
  );
}

function isFile(file: string): boolean {
  try {
    return statSync(file).isFile();
  } catch {
    return false; // absent, or in a place that we may not see
  }
}

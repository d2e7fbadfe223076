// "Install Inkling", and what tuning needs beside it: with progress, a log and a way to cancel.

import path from "node:path";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { openSettings } from "../settingsPage";
import { addTuning, carriedWheel, install, TUNING, type Plan, type Telling } from "./environment";
import { installed } from "./environments";
import { InstallationError, type Help } from "./pipErrors";
import { candidates, findPython } from "./pythons";

const PYTHON_PAGE = "https://www.python.org/downloads/";

/** The folder of the extension's own environments. */
export function environmentsHome(context: vscode.ExtensionContext): string {
  return context.globalStorageUri.fsPath;
}

function wheelOf(context: vscode.ExtensionContext): string | undefined {
  return carriedWheel(path.join(context.extensionUri.fsPath, "wheel"));
}

/** Whether the environment was made from another wheel than the one that the extension carries. */
export function isOutdated(context: vscode.ExtensionContext): boolean {
  const wheel = wheelOf(context);
  const made = installed(environmentsHome(context))?.wheel;
  return wheel !== undefined && made !== undefined && made !== path.basename(wheel);
}

/** Whether the extension's own environment lacks what tuning needs. */
export function lacksTuning(context: vscode.ExtensionContext): boolean {
  return installed(environmentsHome(context))?.extras.includes(TUNING) === false;
}

/** Install; whether that has succeeded. A failure is one sentence with one button. */
export function installInkling(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
  chosenPythons: readonly string[],
  wheelIndex: string,
): Promise<boolean> {
  const title = l10n.t("Installing Inkling");
  return installing(context, log, title, wheelIndex, async (plan, telling) => {
    const python = await findPython(candidates(chosenPythons, process.platform === "win32"));
    await install(plan, python, telling);
  });
}

/** Offer what tuning needs, and install it; whether it is there now. */
export async function installTuning(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
  wheelIndex: string,
): Promise<boolean> {
  const button = l10n.t("Install for Tuning");
  const message = l10n.t("Tuning needs PyTorch and other packages, about 2 GB.");
  if ((await vscode.window.showInformationMessage(message, button)) !== button) {
    return false;
  }
  return installing(context, log, l10n.t("Installing for tuning"), wheelIndex, addTuning);
}

async function installing(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
  title: string,
  wheelIndex: string,
  act: (plan: Plan, telling: Telling) => Promise<void>,
): Promise<boolean> {
  const again = () => installing(context, log, title, wheelIndex, act);
  try {
    const wheel = wheelOf(context);
    if (wheel === undefined) {
      throw new InstallationError(l10n.t("This build of the extension carries no server."));
    }
    const plan = { home: environmentsHome(context), wheel, wheelIndex };
    await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      (progress, cancelled) => act(plan, tellingOf(progress, cancelled, log)),
    );
    return true;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log.error(reason);
    return offer(reason, error instanceof InstallationError ? error.help : "showLog", log, again);
  }
}

function tellingOf(
  progress: vscode.Progress<{ message: string }>,
  cancelled: vscode.CancellationToken,
  log: vscode.LogOutputChannel,
): Telling {
  const abort = new AbortController();
  cancelled.onCancellationRequested(() => {
    abort.abort();
  });
  return {
    step: (message) => {
      log.info(message);
      progress.report({ message });
    },
    line: (line) => {
      log.info(line);
    },
    signal: abort.signal,
  };
}

/** The failure with its button; whether trying again has succeeded. */
async function offer(
  reason: string,
  help: Help,
  log: vscode.LogOutputChannel,
  again: () => Promise<boolean>,
): Promise<boolean> {
  const titles: Record<Help, string> = {
    getPython: l10n.t("Get Python"),
    tryAgain: l10n.t("Try Again"),
    wheelIndex: l10n.t("Open Settings"),
    showLog: l10n.t("Show Log"),
  };
  const button = titles[help];
  if ((await vscode.window.showErrorMessage(reason, button)) !== button) {
    return false;
  }
  switch (help) {
    case "tryAgain":
      return again();
    case "getPython":
      await vscode.env.openExternal(vscode.Uri.parse(PYTHON_PAGE));
      return false;
    case "wheelIndex":
      await openSettings("inkling.server.wheelIndex");
      return false;
    case "showLog":
      log.show();
      return false;
  }
}

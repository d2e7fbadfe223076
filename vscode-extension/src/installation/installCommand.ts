// "Install Inkling": the private environment with progress, a log and a way to cancel.

import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { carriedWheel, install, installedWheel, InstallationError } from "./environment";
import { candidates, findPython } from "./pythons";
import path from "node:path";

const ENVIRONMENT = "environment";

export function environmentFolder(context: vscode.ExtensionContext): string {
  return path.join(context.globalStorageUri.fsPath, ENVIRONMENT);
}

function wheelOf(context: vscode.ExtensionContext): string | undefined {
  return carriedWheel(path.join(context.extensionUri.fsPath, "wheel"));
}

/** Whether the environment was made from another wheel than the one that the extension carries. */
export function isOutdated(context: vscode.ExtensionContext): boolean {
  const wheel = wheelOf(context);
  const installed = installedWheel(environmentFolder(context));
  return wheel !== undefined && installed !== undefined && installed !== path.basename(wheel);
}

/** Install; whether that has succeeded. A failure is one sentence with one button. */
export async function installInkling(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
  chosenPythons: readonly string[],
  wheelIndex: string,
): Promise<boolean> {
  const wheel = wheelOf(context);
  try {
    if (wheel === undefined) {
      throw new InstallationError(l10n.t("This build of the extension carries no server."));
    }
    const plan = { folder: environmentFolder(context), wheel, wheelIndex };
    await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: l10n.t("Installing Inkling"),
        cancellable: true,
      },
      async (progress, cancelled) => {
        const abort = new AbortController();
        cancelled.onCancellationRequested(() => {
          abort.abort();
        });
        const telling = {
          step: (message: string) => {
            log.info(message);
            progress.report({ message });
          },
          line: (line: string) => {
            log.info(line);
          },
          signal: abort.signal,
        };
        const python = await findPython(candidates(chosenPythons, process.platform === "win32"));
        await install(plan, python, telling);
      },
    );
    return true;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log.error(reason);
    await offer(error instanceof InstallationError, reason, log);
    return false;
  }
}

async function offer(known: boolean, reason: string, log: vscode.LogOutputChannel): Promise<void> {
  const needsPython = known && reason.includes("Python");
  const button = needsPython ? l10n.t("Get Python") : l10n.t("Show Log");
  if ((await vscode.window.showErrorMessage(reason, button)) === button) {
    if (needsPython) {
      await vscode.env.openExternal(vscode.Uri.parse("https://www.python.org/downloads/"));
    } else {
      log.show();
    }
  }
}

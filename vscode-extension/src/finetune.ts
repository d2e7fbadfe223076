// "Fine-tune this workspace": `python -m finetune` as a task of the editor, with its own terminal, and
// what it came to.

import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";

/** Exit statuses of the command. */
const BETTER = 0;
const NOT_BETTER = 1;

export async function finetuneWorkspace(
  commandLine: readonly string[],
  chooseModel: () => Promise<void>,
): Promise<void> {
  const folder = await chosenFolder();
  const [program, ...parameters] = commandLine;
  if (folder === undefined || program === undefined) {
    return;
  }
  const options = { cwd: folder.uri.fsPath, env: { PYTHONSAFEPATH: "1" } };
  const execution = new vscode.ProcessExecution(
    program,
    [...parameters, folder.uri.fsPath, "--yes"],
    options,
  );
  const title = l10n.t("Fine-tune on {0}", folder.name);
  const task = new vscode.Task({ type: "inkling" }, folder, title, "Inkling", execution);
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, clear: true };
  const running = await vscode.tasks.executeTask(task);
  const status = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    (_progress, cancelled) => {
      cancelled.onCancellationRequested(() => {
        running.terminate();
      });
      return exitOf(running);
    },
  );
  await tell(status, folder.name, chooseModel);
}

async function chosenFolder(): Promise<vscode.WorkspaceFolder | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length === 0) {
    void vscode.window.showInformationMessage(
      l10n.t("Open a folder first: then a model can be tuned on it."),
    );
  }
  return folders.length > 1 ? vscode.window.showWorkspaceFolderPick() : folders[0];
}

function exitOf(running: vscode.TaskExecution): Promise<number | undefined> {
  return new Promise((resolve) => {
    const listening = vscode.Disposable.from(
      vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
        if (execution === running) {
          listening.dispose();
          resolve(exitCode);
        }
      }),
      vscode.tasks.onDidEndTask(({ execution }) => {
        if (execution === running) {
          // A task that never had a process ends without the other event, which comes first.
          setTimeout(() => {
            listening.dispose();
            resolve(undefined);
          }, 200);
        }
      }),
    );
  });
}

async function tell(
  status: number | undefined,
  name: string,
  chooseModel: () => Promise<void>,
): Promise<void> {
  if (status === BETTER) {
    const choose = l10n.t("Choose a Model");
    const message = l10n.t("The model tuned on {0} is better and was installed.", name);
    if ((await vscode.window.showInformationMessage(message, choose)) === choose) {
      await chooseModel();
    }
  } else if (status === NOT_BETTER) {
    void vscode.window.showInformationMessage(
      l10n.t("Tuning on {0} brought nothing better, so nothing was changed.", name),
    );
  } else if (status !== undefined) {
    const look = l10n.t("Show Terminal");
    const message = l10n.t("{0} was not tuned on; the terminal says why.", name);
    if ((await vscode.window.showErrorMessage(message, look)) === look) {
      await vscode.commands.executeCommand("workbench.action.terminal.focus");
    }
  }
}

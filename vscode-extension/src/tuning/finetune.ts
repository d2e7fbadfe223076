// "Fine-tune this workspace": `python -m finetune` as a task of the editor, with its own terminal, how
// far it is, and what it came to.

import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { describeProgress, readProgress, type Progress } from "./progress";

/** Exit statuses of the command. */
const BETTER = 0;
const NOT_BETTER = 1;
/** Percent from which on both models have been compared; what breaks before that ends with 1, too. */
const PROVEN = 95;

const LOOK_EVERY_MS = 500;

/** What becomes of a new model. */
export interface Models {
  /** Whether completions come from the model in this folder already. */
  isUsed(folder: string): boolean;
  use(folder: string): Promise<void>;
}

export async function finetuneWorkspace(
  commandLine: readonly string[],
  models: Models,
): Promise<void> {
  const folder = await chosenFolder();
  const [program, ...parameters] = commandLine;
  if (folder === undefined || program === undefined) {
    return;
  }
  const place = mkdtempSync(path.join(tmpdir(), "inkling-tuning-"));
  const file = path.join(place, "progress.json");
  const given = [...parameters, folder.uri.fsPath, "--yes", "--progress-file", file];
  const options = { cwd: folder.uri.fsPath, env: { PYTHONSAFEPATH: "1" } };
  const execution = new vscode.ProcessExecution(program, given, options);
  const title = l10n.t("Fine-tune on {0}", folder.name);
  const task = new vscode.Task({ type: "inkling" }, folder, title, "Inkling", execution);
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, clear: true };
  const status = await ended(await vscode.tasks.executeTask(task), title, file);
  const reached = await lookInto(file);
  rmSync(place, { recursive: true, force: true });
  await tell(status, folder.name, reached, models);
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

/** Show how far it is until it has ended; its exit status. */
function ended(
  running: vscode.TaskExecution,
  title: string,
  file: string,
): Thenable<number | undefined> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (shown, cancelled) => {
      cancelled.onCancellationRequested(() => {
        running.terminate();
      });
      let done = 0;
      const looking = setInterval(() => {
        void lookInto(file).then((progress) => {
          if (progress !== undefined) {
            shown.report({ increment: progress.percent - done, message: describeProgress(progress) });
            done = progress.percent;
          }
        });
      }, LOOK_EVERY_MS);
      try {
        return await exitOf(running);
      } finally {
        clearInterval(looking);
      }
    },
  );
}

async function lookInto(file: string): Promise<Progress | undefined> {
  return readProgress(await readFile(file, "utf8").catch(() => ""));
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
  reached: Progress | undefined,
  models: Models,
): Promise<void> {
  if (status === BETTER && reached?.installed !== undefined) {
    await offer(name, reached.installed, models);
  } else if (status === NOT_BETTER && (reached?.percent ?? 0) >= PROVEN) {
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

async function offer(name: string, installed: string, models: Models): Promise<void> {
  if (models.isUsed(installed)) {
    // The server has noticed by itself that its model was replaced.
    void vscode.window.showInformationMessage(
      l10n.t("The model tuned on {0} is better and serves from now on.", name),
    );
    return;
  }
  const use = l10n.t("Use It");
  const message = l10n.t("The model tuned on {0} is better and was installed.", name);
  if ((await vscode.window.showInformationMessage(message, use)) === use) {
    await models.use(installed);
  }
}

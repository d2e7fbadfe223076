// Choosing a model: a list, a download with progress, and the way back.

import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { reportedError, run } from "../process";
import { modelChoices, percentOf, pulledFolder, readModels, type Choice } from "./modelList";

const PREVIOUS = "inkling.previousModel";

export interface Inkling {
  /** What the server answers; undefined without an answer, and then the user knows why. */
  ask(command: string, ...parameters: unknown[]): Promise<unknown>;
  /** A command line of Inkling's, such as `inkling model pull`; undefined: the user knows why. */
  commandLine(...command: string[]): string[] | undefined;
}

export async function chooseModel(
  inkling: Inkling,
  memory: vscode.Memento,
  log: vscode.LogOutputChannel,
): Promise<void> {
  const reply = await inkling.ask("inkling.models");
  if (reply === undefined) {
    return;
  }
  const choices = modelChoices(readModels(reply), chosenModel(), memory.get<string>(PREVIOUS));
  const choice = await vscode.window.showQuickPick(choices, {
    title: l10n.t("Model"),
    placeHolder: l10n.t("Completions come from this model"),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  const path = choice === undefined ? undefined : await pathOf(choice, inkling, log);
  if (path !== undefined && path !== chosenModel()) {
    await useModel(memory, path);
  }
}

/** Serve the model at `path`, and remember the one before. */
export async function useModel(memory: vscode.Memento, path: string): Promise<void> {
  await memory.update(PREVIOUS, chosenModel());
  await write(path);
}

/** Go back to the model before; without one, say so and offer the list. */
export async function rollBack(
  memory: vscode.Memento,
  chooseAnother: () => Promise<void>,
): Promise<void> {
  const previous = memory.get<string>(PREVIOUS);
  if (previous !== undefined) {
    await useModel(memory, previous);
    return;
  }
  const choose = l10n.t("Choose a Model");
  const message = l10n.t("There is no model before this one to go back to.");
  // Whoever runs the command doesn't wait for the message to be answered.
  void vscode.window
    .showInformationMessage(message, choose)
    .then((chosen) => (chosen === choose ? chooseAnother() : undefined));
}

export function canRollBack(memory: vscode.Memento): boolean {
  const previous = memory.get<string>(PREVIOUS);
  return previous !== undefined && previous !== chosenModel();
}

export function chosenModel(): string {
  const model = vscode.workspace.getConfiguration("inkling").get<unknown>("model");
  return typeof model === "string" ? model.trim() : "";
}

/** Where it takes effect: in the workspace if it is set there, else for the user. */
async function write(path: string): Promise<void> {
  const settings = vscode.workspace.getConfiguration("inkling");
  const ofWorkspace = settings.inspect("model")?.workspaceValue !== undefined;
  const target = ofWorkspace
    ? vscode.ConfigurationTarget.Workspace
    : vscode.ConfigurationTarget.Global;
  await settings.update("model", path, target);
}

async function pathOf(
  { action }: Choice,
  inkling: Inkling,
  log: vscode.LogOutputChannel,
): Promise<string | undefined> {
  switch (action.kind) {
    case "use":
      return action.path;
    case "download":
      return download(action.name, inkling, log);
    case "browse": {
      const files = await vscode.window.showOpenDialog({
        title: l10n.t("Choose a model"),
        filters: { [l10n.t("GGUF models")]: ["gguf"] },
      });
      return files?.[0]?.fsPath;
    }
  }
}

/** `inkling model pull`, with its progress; what was cancelled goes on the next time. */
async function download(
  name: string,
  inkling: Inkling,
  log: vscode.LogOutputChannel,
): Promise<string | undefined> {
  const commandLine = inkling.commandLine("model", "pull", name);
  if (commandLine === undefined) {
    return undefined;
  }
  const ended = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: l10n.t("Downloading {0}", name),
      cancellable: true,
    },
    async (progress, cancelled) => {
      const abort = new AbortController();
      cancelled.onCancellationRequested(() => {
        abort.abort();
      });
      let done = 0;
      const result = await run(commandLine, {
        // The hub's library draws its bar on terminals only, unless told so.
        environment: { TQDM_POSITION: "-1" },
        signal: abort.signal,
        line: (line) => {
          const percent = percentOf(line);
          if (percent === undefined) {
            log.info(line);
          } else if (percent > done) {
            progress.report({ increment: percent - done, message: `${String(percent)} %` });
            done = percent;
          }
        },
      });
      return { ...result, cancelled: cancelled.isCancellationRequested };
    },
  );
  if (ended.status === 0) {
    return pulledFolder(ended.output);
  }
  if (!ended.cancelled) {
    const again = l10n.t("Try Again");
    const said = await vscode.window.showErrorMessage(reportedError(ended.errors), again);
    return said === again ? download(name, inkling, log) : undefined;
  }
  return undefined;
}

// The commands that the palette and the menu offer.

import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { checkSources } from "./attribution/check";
import { OPEN_SOURCE } from "./attribution/referencesView";
import {
  isEnabledByRule,
  isEnabledFor,
  isEnabledForFolder,
  toggle,
  toggleFolder,
  toggleLanguage,
} from "./completion/enablement";
import { MINUTES } from "./completion/snooze";
import { nameOfLanguage } from "./installedLanguages";
import { installInkling, installTuning, lacksTuning } from "./installation/installCommand";
import { chosenPythons } from "./interpreters";
import { menuEntries } from "./menu";
import { chooseAdapter } from "./models/adapterPicker";
import { canRollBack, chosenModel, chooseModel, rollBack, useModel } from "./models/modelPicker";
import { text } from "./json";
import { explanation } from "./panels/explanation";
import { showStatistics } from "./panels/showStatistics";
import type { Session } from "./session";
import { openSettings } from "./settingsPage";
import { finetuneWorkspace } from "./tuning/finetune";

const WALKTHROUGH = "inkling-copilot.inkling#inkling.firstSteps";

export function registerCommands(
  context: vscode.ExtensionContext,
  session: Session,
): vscode.Disposable {
  const { life, log, references, sources } = session;
  const inkling = {
    ask: session.ask.bind(session),
    commandLine: session.commandLine.bind(session),
  };
  const choose = () => chooseModel(inkling, context.globalState, log);
  const commands: Record<string, (...parameters: unknown[]) => unknown> = {
    showMenu: () => showMenu(session, canRollBack(context.globalState)),
    toggle: (wanted) => toggle(typeof wanted === "boolean" ? wanted : undefined),
    toggleLanguage: () => withDocument(toggleLanguage),
    toggleFolder: () => withDocument(toggleFolder),
    snooze: () => snooze(session),
    hideSuggestion: () => session.sourceInSight.hide(),
    endSnooze: () => {
      session.snoozeFor(0);
    },
    restart: () => life.restartAfresh(),
    showLog: () => {
      log.show();
    },
    openSettings: (setting) => openSettings(text(setting)),
    openFile: (file) => vscode.window.showTextDocument(vscode.Uri.file(text(file) ?? "")),
    openWalkthrough: (step: unknown) =>
      vscode.commands.executeCommand(
        "workbench.action.openWalkthrough",
        typeof step === "string" ? { category: WALKTHROUGH, step } : WALKTHROUGH,
        false,
      ),
    install: () => install(context, session),
    chooseModel: choose,
    rollBackModel: async () => {
      if (session.hasServer()) {
        await rollBack(context.globalState, choose);
      }
    },
    chooseAdapter: () => chooseAdapter(inkling, context.workspaceState),
    explainLast: () => explainLast(session),
    showStatistics: () =>
      showStatistics(session.commandLine("stats", "--json"), session.statisticsPanel),
    checkFile: () => checkSources(inkling.ask, false),
    checkSelection: () => checkSources(inkling.ask, true),
    clearReferences: () => {
      references.clear();
      session.referencesView.refresh();
    },
    finetune: () => finetune(context, session),
  };
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([name, run]) =>
      vscode.commands.registerCommand(`inkling.${name}`, run),
    ),
    vscode.commands.registerCommand(OPEN_SOURCE, (...parameters: [unknown, unknown, unknown]) =>
      sources.open(...parameters),
    ),
  );
}

async function withDocument(
  act: (document: vscode.TextDocument) => Promise<void>,
): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (document !== undefined) {
    await act(document);
  }
}

async function showMenu(session: Session, hasModelBefore: boolean): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  const folder = document && vscode.workspace.getWorkspaceFolder(document.uri);
  const entries = menuEntries({
    status: session.statusBar.status,
    enabled: isEnabledByRule(),
    language: document && nameOfLanguage(document.languageId),
    enabledForLanguage: document === undefined || isEnabledFor(document),
    // With one folder, "everywhere" says the same.
    folder: (vscode.workspace.workspaceFolders?.length ?? 0) > 1 ? folder?.name : undefined,
    enabledForFolder: document === undefined || isEnabledForFolder(document),
    snoozed: session.quiet.isSnoozed,
    canRollBack: hasModelBefore,
    silence: session.quiet.silence,
  });
  const chosen = await vscode.window.showQuickPick(entries, { title: "Inkling" });
  if (chosen !== undefined) {
    await vscode.commands.executeCommand(`inkling.${chosen.command}`, chosen.about);
  }
}

async function snooze(session: Session): Promise<void> {
  const choices = MINUTES.map((minutes) => ({
    label: l10n.t("{0} minutes", String(minutes)),
    minutes,
  }));
  const chosen = await vscode.window.showQuickPick(choices, {
    title: l10n.t("Suggest nothing unasked for"),
  });
  if (chosen !== undefined) {
    session.snoozeFor(chosen.minutes);
  }
}

async function install(context: vscode.ExtensionContext, session: Session): Promise<void> {
  const { log, configuration, life } = session;
  if (await installInkling(context, log, chosenPythons(), configuration.wheelIndex)) {
    await life.restartAfresh();
  }
}

async function finetune(
  context: vscode.ExtensionContext,
  session: Session,
): Promise<void> {
  const commandLine = session.commandLine("finetune");
  const own = session.life.command?.origin === "installed";
  const { log, configuration } = session;
  const ready = () =>
    !own || !lacksTuning(context) || installTuning(context, log, configuration.wheelIndex);
  if (commandLine !== undefined && (await ready())) {
    await finetuneWorkspace(commandLine, {
      isUsed: (folder) => folder === chosenModel(),
      use: (folder) => useModel(context.globalState, folder),
    });
  }
}

async function explainLast(session: Session): Promise<void> {
  const last = await session.ask("inkling.explain");
  if (last === undefined) {
    return;
  }
  const sections = explanation(last, session.lastLatency);
  session.explainPanel.show(l10n.t("Inkling: the last suggestion"), sections);
}

// The extension's entry. What can be decided without VS Code is decided in modules that know nothing
// of it; the rest lives in `Session`.

import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { registerCommands } from "./commands";
import { removeOld } from "./installation/environments";
import { environmentsHome, isOutdated } from "./installation/installCommand";
import { Session } from "./session";
import { otherCompleters } from "./surroundings/otherExtensions";

const TOLD_OF_OTHERS = "inkling.toldOfOthers";

let session: Session | undefined;

export function activate(context: vscode.ExtensionContext): void {
  if (vscode.l10n.bundle !== undefined) {
    l10n.config({ contents: vscode.l10n.bundle });
  }
  const log = vscode.window.createOutputChannel("Inkling", { log: true });
  const opened = new Session(context, log);
  session = opened;
  context.subscriptions.push(log, opened, registerCommands(context, opened));
  // What other windows still use stays; this one is about to use the newest.
  const started = opened.life.restart();
  void started.then(() => offerUpdate(context, opened));
  void started
    .then(() => removeOld(environmentsHome(context)))
    .catch((error: unknown) => {
      log.warn(String(error));
    });
  void nameOthers(context);
  context.subscriptions.push(vscode.extensions.onDidChange(() => nameOthers(context)));
}

export async function deactivate(): Promise<void> {
  await session?.life.stop();
}

/** Two extensions that write ghost text get in each other's way: say so once for each. */
async function nameOthers(context: vscode.ExtensionContext): Promise<void> {
  const installed = vscode.extensions.all.map(({ id, packageJSON }) => {
    const { displayName } = packageJSON as { displayName?: unknown };
    return { id, name: typeof displayName === "string" ? displayName : id };
  });
  const told = context.globalState.get<string[]>(TOLD_OF_OTHERS, []);
  const news = otherCompleters(installed).filter(({ id }) => !told.includes(id));
  if (news.length === 0) {
    return;
  }
  const names = news.map(({ name }) => name).join(", ");
  const show = l10n.t("Show Extensions");
  const message = l10n.t(
    "{0} suggests code here, too: disable one of the two, or their suggestions will mix.",
    names,
  );
  await context.globalState.update(TOLD_OF_OTHERS, [...told, ...news.map(({ id }) => id)]);
  if ((await vscode.window.showInformationMessage(message, show)) === show) {
    await vscode.commands.executeCommand("workbench.extensions.search", `@installed ${names}`);
  }
}

/** The extension has brought a newer server than the one that it installed, which is in use. */
async function offerUpdate(context: vscode.ExtensionContext, { life }: Session): Promise<void> {
  if (life.command?.origin === "installed" && isOutdated(context)) {
    const update = l10n.t("Update");
    const message = l10n.t("This release of Inkling brings a newer server.");
    if ((await vscode.window.showInformationMessage(message, update)) === update) {
      await vscode.commands.executeCommand("inkling.install");
    }
  }
}

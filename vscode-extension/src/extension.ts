// The extension's entry: settings and commands on one side, the server's life on the other. What
// can be decided without VS Code is decided in the modules beside this one.

import { statSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import { readConfiguration, type Configuration } from "./configuration";
import { NOT_FOUND, type Failed } from "./failure";
import { RestartPolicy } from "./restartPolicy";
import { findServerCommand, type Interpreter, type ServerCommand } from "./serverCommand";
import { Server } from "./server";
import { describeStatus, type Command, type Status } from "./status";

const PYTHON = "python.defaultInterpreterPath";

let session: Session | undefined;

export function activate(context: vscode.ExtensionContext): void {
  session = new Session();
  context.subscriptions.push(session);
  void session.refresh();
}

export async function deactivate(): Promise<void> {
  await session?.stop();
}

/** Everything that lives as long as the window. */
class Session implements vscode.Disposable {
  private readonly log = vscode.window.createOutputChannel("Inkling", { log: true });
  private readonly item = vscode.window.createStatusBarItem(
    "inkling.status",
    vscode.StatusBarAlignment.Right,
  );
  private readonly disposables: { dispose(): unknown }[];
  private status: Status = { kind: "off" };
  private server: Server | undefined;
  private restartPolicy = new RestartPolicy();
  /** Starts and stops follow one another; two servers never run at once. */
  private queue: Promise<void> = Promise.resolve();
  private refreshIsQueued = false;

  constructor() {
    this.item.name = "Inkling";
    this.item.command = "inkling.showStatus";
    const commands: Record<Command | "showStatus", () => unknown> = {
      restart: () => {
        this.restartPolicy = new RestartPolicy();
        return this.refresh();
      },
      showLog: () => {
        this.log.show();
      },
      toggle: () => toggleEnabled(),
      openSettings: () =>
        vscode.commands.executeCommand("workbench.action.openSettings", "inkling"),
      showStatus: () => this.showStatus(),
    };
    this.disposables = [
      this.log,
      this.item,
      ...Object.entries(commands).map(([name, run]) =>
        vscode.commands.registerCommand(`inkling.${name}`, run),
      ),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration("inkling") || change.affectsConfiguration(PYTHON)) {
          void this.refresh();
        }
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.refresh()),
    ];
    this.item.show();
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables).dispose();
  }

  /** Stop the server that runs, and start the one that the settings ask for, if any. */
  refresh(): Promise<void> {
    if (this.refreshIsQueued) {
      return this.queue; // settings change in bursts
    }
    this.refreshIsQueued = true;
    this.queue = this.queue.then(async () => {
      this.refreshIsQueued = false;
      await this.server?.stop();
      this.server = undefined;
      const configuration = currentConfiguration();
      if (!configuration.enabled) {
        this.show({ kind: "off" });
        return;
      }
      const command = currentServerCommand(configuration);
      if (command === undefined) {
        this.show(NOT_FOUND);
        return;
      }
      const server = new Server(command, configuration, this.log, {
        report: (status) => {
          this.show(status);
        },
        died: (why) => {
          this.afterDeath(why);
        },
      });
      this.server = server;
      // Not awaited: one that hangs while it starts must not keep the next from taking its place.
      void server.start();
    });
    return this.queue;
  }

  private afterDeath(why: Failed): void {
    if (this.restartPolicy.mayRestart(Date.now())) {
      this.log.warn("the server died and is started again");
      void this.refresh();
    } else {
      this.show(why);
    }
  }

  /** Stop for good: the window closes. */
  stop(): Promise<void> {
    this.queue = this.queue.then(() => this.server?.stop());
    return this.queue;
  }

  private show(status: Status): void {
    this.status = status;
    const { text, tooltip, label, warning } = describeStatus(status);
    this.item.text = text;
    this.item.tooltip = tooltip;
    this.item.accessibilityInformation = { label };
    this.item.backgroundColor = warning
      ? new vscode.ThemeColor("statusBarItem.warningBackground")
      : undefined;
    if (status.kind === "failed") {
      this.log.error(status.reason);
      void this.showStatus();
    }
  }

  private async showStatus(): Promise<void> {
    const { tooltip, warning, buttons } = describeStatus(this.status);
    const titles = buttons.map((button) => button.title);
    const chosen = warning
      ? await vscode.window.showErrorMessage(tooltip, ...titles)
      : await vscode.window.showInformationMessage(tooltip, ...titles);
    const button = buttons.find(({ title }) => title === chosen);
    if (button !== undefined) {
      await vscode.commands.executeCommand(`inkling.${button.command}`);
    }
  }
}

function currentConfiguration(): Configuration {
  const settings = vscode.workspace.getConfiguration("inkling");
  return readConfiguration((key) => settings.get(key));
}

function currentServerCommand(configuration: Configuration): ServerCommand | undefined {
  return findServerCommand({
    configured: configuration.serverCommand,
    interpreters: interpreters(),
    searchPath: process.env.PATH,
    home: homedir(),
    workspaceFolders: (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath),
    windows: process.platform === "win32",
    path,
    isFile,
  });
}

/** The Python that the user selected: the workspace's choice first, then the user's own. */
function interpreters(): Interpreter[] {
  const found = vscode.workspace.getConfiguration().inspect<unknown>(PYTHON);
  const ofWorkspace = vscode.workspace.isTrusted
    ? [found?.workspaceFolderValue, found?.workspaceValue]
    : [];
  return [
    ...ofWorkspace.map((value) => ({ path: value, byUser: false })),
    { path: found?.globalValue, byUser: true },
  ].filter((choice): choice is Interpreter => typeof choice.path === "string");
}

function isFile(file: string): boolean {
  try {
    return statSync(file).isFile();
  } catch {
    return false; // absent, or in a place that we may not see
  }
}

/** Turn the setting round where it takes effect: in the workspace if it is set there. */
async function toggleEnabled(): Promise<void> {
  const settings = vscode.workspace.getConfiguration("inkling");
  const target =
    settings.inspect("enabled")?.workspaceValue === undefined
      ? vscode.ConfigurationTarget.Global
      : vscode.ConfigurationTarget.Workspace;
  await settings.update("enabled", !currentConfiguration().enabled, target);
}

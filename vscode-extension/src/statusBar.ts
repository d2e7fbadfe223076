// The status bar item: how the server is, and what goes on.

import * as vscode from "vscode";
import { describeStatus, IDLE, type Activity, type Button, type Status } from "./status";

export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem(
    "inkling.status",
    vscode.StatusBarAlignment.Right,
  );
  status: Status = { kind: "starting" };
  private activity: Activity = IDLE;

  constructor() {
    this.item.name = "Inkling";
    this.item.command = "inkling.showMenu";
    this.draw();
    this.item.show();
  }

  dispose(): void {
    this.item.dispose();
  }

  show(status: Status): void {
    this.status = status;
    this.draw();
  }

  /** Change some of what goes on. */
  note(change: Partial<Activity>): void {
    this.activity = { ...this.activity, ...change };
    this.draw();
  }

  private draw(): void {
    const { text, tooltip, label, warning, button } = describeStatus(this.status, this.activity);
    this.item.text = text;
    this.item.tooltip = button === undefined ? tooltip : withLink(tooltip, button);
    this.item.accessibilityInformation = { label, role: "button" };
    this.item.backgroundColor = warning
      ? new vscode.ThemeColor("statusBarItem.warningBackground")
      : undefined;
  }
}

function withLink(tooltip: string, { title, command }: Button): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.isTrusted = { enabledCommands: [`inkling.${command}`] };
  return text.appendText(tooltip).appendMarkdown(` [${title}](command:inkling.${command})`);
}

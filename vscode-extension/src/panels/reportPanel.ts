// A page beside the code; the same one is used again.

import * as vscode from "vscode";
import { page, type Section } from "./html";

export class ReportPanel implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;

  constructor(private readonly id: string) {}

  dispose(): void {
    this.panel?.dispose();
  }

  show(title: string, sections: readonly Section[]): void {
    if (this.panel === undefined) {
      const where = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
      this.panel = vscode.window.createWebviewPanel(this.id, title, where, {
        enableScripts: false,
        localResourceRoots: [],
      });
      this.panel.onDidDispose(() => {
        this.panel = undefined;
      });
    }
    this.panel.title = title;
    this.panel.webview.html = page(title, vscode.env.language, sections);
    this.panel.reveal(undefined, true);
  }
}

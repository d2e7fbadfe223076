// The source of the suggestion in sight: named on the status bar until the suggestion has gone.

import * as vscode from "vscode";
import type { StatusBar } from "../statusBar";
import type { Badge } from "./badge";

/** For `when` clauses. */
const NAMES_SOURCE = "inkling.namesSource";

export class SourceInSight implements vscode.Disposable {
  private isNamed = false;
  private readonly listening = vscode.Disposable.from(
    vscode.window.onDidChangeActiveTextEditor(() => {
      this.name(undefined);
    }),
    vscode.window.onDidChangeTextEditorSelection(() => {
      this.name(undefined);
    }),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      // What fits the edited text is asked for anew, and then named anew.
      const inFront = document === vscode.window.activeTextEditor?.document;
      if (inFront && contentChanges.length > 0) {
        this.name(undefined);
      }
    }),
  );

  constructor(private readonly statusBar: StatusBar) {}

  dispose(): void {
    this.listening.dispose();
  }

  name(badge: Badge | undefined): void {
    if (badge !== undefined || this.isNamed) {
      this.isNamed = badge !== undefined;
      this.statusBar.note({ badge });
      void vscode.commands.executeCommand("setContext", NAMES_SOURCE, this.isNamed);
    }
  }

  /** What Escape does where a source is named: the suggestion goes, and with it what is said of it. */
  async hide(): Promise<void> {
    this.name(undefined);
    await vscode.commands.executeCommand("editor.action.inlineSuggest.hide");
  }
}

// Where the cursor rests: the server reads the prompt for that place before a key asks for it.

import type * as vscode from "vscode";

const REST_MS = 600;

export class RestingCursor implements vscode.Disposable {
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly rests: (document: vscode.TextDocument, at: vscode.Position) => void) {}

  dispose(): void {
    clearTimeout(this.timer);
  }

  moved({ document, selection }: vscode.TextEditor): void {
    clearTimeout(this.timer);
    if (selection.isEmpty) {
      this.timer = setTimeout(() => {
        this.rests(document, selection.active);
      }, REST_MS);
    }
  }
}

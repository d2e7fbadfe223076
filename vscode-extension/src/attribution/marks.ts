// Spans that have a source: the server's diagnostics, drawn discreetly instead of listed as
// problems. The hover is the server's.

import * as vscode from "vscode";
import { inkedParts } from "./inkedParts";
import { readReference, type References } from "./references";

export class Marks implements vscode.Disposable {
  private readonly decoration = vscode.window.createTextEditorDecorationType({
    textDecoration: "underline dotted var(--vscode-editorInfo-foreground) from-font",
    overviewRulerColor: new vscode.ThemeColor("editorInfo.foreground"),
    overviewRulerLane: vscode.OverviewRulerLane.Right,
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  });
  private readonly ranges = new Map<string, vscode.Range[]>();
  private readonly disposables: vscode.Disposable;

  constructor(
    private readonly references: References,
    private readonly wanted: () => boolean,
    private readonly changed: () => void,
  ) {
    this.disposables = vscode.Disposable.from(
      this.decoration,
      vscode.window.onDidChangeVisibleTextEditors(() => {
        this.draw();
      }),
    );
  }

  dispose(): void {
    this.disposables.dispose();
  }

  /** The language client's middleware for diagnostics. */
  take(uri: vscode.Uri, diagnostics: readonly vscode.Diagnostic[]): void {
    this.ranges.set(
      uri.toString(),
      diagnostics.map(({ range }) => range),
    );
    this.draw();
    const found = diagnostics.flatMap((each) => {
      // The language client keeps what the server put into `data`.
      const data = "data" in each ? each.data : undefined;
      return readReference(uri.toString(), each.range.start.line, data) ?? [];
    });
    if (this.references.add(found)) {
      this.changed();
    }
  }

  /** Draw them all anew: an editor has come, or the setting has changed. */
  draw(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      const ranges = this.wanted() ? this.ranges.get(editor.document.uri.toString()) : undefined;
      const inked = (ranges ?? []).flatMap((range) => partsOf(range, editor.document));
      editor.setDecorations(this.decoration, inked);
    }
  }
}

function partsOf(range: vscode.Range, document: vscode.TextDocument): vscode.Range[] {
  const lineAt = (line: number) => (line < document.lineCount ? document.lineAt(line).text : "");
  return inkedParts(range, lineAt).map(
    ({ start, end }) => new vscode.Range(start.line, start.character, end.line, end.character),
  );
}

// The source of a span, opened beside it: a read-only document with the passage and where it is from.

import * as vscode from "vscode";
import { readFinding, sourceDocument } from "./finding";

const SCHEME = "inkling-source";

export class SourceDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);

  dispose(): void {
    this.registration.dispose();
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? "";
  }

  /** Show the span itself, if its place is known, and its first source beside it. */
  async open(data: unknown, uri?: unknown, line?: unknown): Promise<void> {
    const finding = readFinding(data);
    const source = finding?.sources[0];
    if (finding === undefined || source === undefined) {
      return;
    }
    if (typeof uri === "string" && typeof line === "number") {
      const at = new vscode.Range(line, 0, line, 0);
      const own = vscode.Uri.parse(uri);
      await vscode.window.showTextDocument(own, { selection: at, viewColumn: vscode.ViewColumn.One });
    }
    const place = vscode.Uri.from({
      scheme: SCHEME,
      path: `/${source.repo}/${source.path}`,
      fragment: String(source.firstLine),
    });
    this.texts.set(place.toString(), sourceDocument(finding, source));
    const document = await vscode.workspace.openTextDocument(place);
    await vscode.window.showTextDocument(document, {
      viewColumn: vscode.ViewColumn.Beside,
      preserveFocus: true,
      preview: true,
    });
  }
}

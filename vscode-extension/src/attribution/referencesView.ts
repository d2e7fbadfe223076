// The view "References": every span with a source since the editor started.

import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { describeMatch, describeSource, type Finding } from "./finding";
import type { Reference, References } from "./references";

export const VIEW = "inkling.references";
export const OPEN_SOURCE = "inkling.openSource";

type Node = { readonly uri: string } | { readonly reference: Reference };

export class ReferencesView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly view: vscode.TreeView<Node>;

  constructor(private readonly references: References) {
    this.view = vscode.window.createTreeView(VIEW, { treeDataProvider: this });
  }

  dispose(): void {
    vscode.Disposable.from(this.view, this.changed).dispose();
  }

  refresh(): void {
    this.changed.fire(undefined);
    const count = this.references.documents.flatMap((uri) => this.references.of(uri)).length;
    const tooltip = l10n.t("Passages with a known source: {0}.", String(count));
    this.view.badge = count === 0 ? undefined : { value: count, tooltip };
  }

  getChildren(node?: Node): Node[] {
    if (node === undefined) {
      return this.references.documents.map((uri) => ({ uri }));
    }
    const found = "uri" in node ? this.references.of(node.uri) : [];
    return found.map((reference) => ({ reference }));
  }

  getTreeItem(node: Node): vscode.TreeItem {
    if ("uri" in node) {
      const item = new vscode.TreeItem(
        vscode.Uri.parse(node.uri),
        vscode.TreeItemCollapsibleState.Expanded,
      );
      item.iconPath = vscode.ThemeIcon.File;
      return item;
    }
    return referenceItem(node.reference);
  }
}

function referenceItem({ uri, line, excerpt, finding }: Reference): vscode.TreeItem {
  const item = new vscode.TreeItem(excerpt);
  const source = finding.sources[0];
  const about = source === undefined ? "" : describeSource(source);
  item.description = about;
  item.tooltip = `${describeMatch(finding)}\n${about}`;
  item.accessibilityInformation = { label: `${excerpt}: ${about}` };
  item.iconPath = new vscode.ThemeIcon("references");
  item.contextValue = "reference";
  item.command = {
    title: "",
    command: OPEN_SOURCE,
    arguments: [finding satisfies Finding, uri, line],
  };
  return item;
}

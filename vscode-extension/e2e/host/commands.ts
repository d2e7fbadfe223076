// The commands of the extension, in the real extension host.

import assert from "node:assert/strict";
import * as vscode from "vscode";

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string }[];
    readonly walkthroughs: readonly { readonly steps: readonly unknown[] }[];
  };
}

function extension(): vscode.Extension<unknown> {
  const found = vscode.extensions.getExtension("inkling-copilot.inkling");
  assert.ok(found, "the extension is installed");
  return found;
}

const enabled = (scope?: vscode.ConfigurationScope) =>
  vscode.workspace.getConfiguration("inkling", scope).get<boolean>("enabled");

export function commandTests(): void {
  describe("the commands", () => {
    before(() => extension().activate());

    it("are all there, with a title in words", async () => {
      const known = await vscode.commands.getCommands(true);
      const { contributes } = extension().packageJSON as Manifest;
      assert.ok(contributes.commands.length > 10);
      for (const { command, title } of contributes.commands) {
        assert.ok(known.includes(command), command);
        assert.doesNotMatch(title, /%/);
      }
      assert.equal(contributes.walkthroughs[0]?.steps.length, 5);
    });

    it("switch off and on, everywhere and in one language", async () => {
      assert.equal(enabled(), true);
      await vscode.commands.executeCommand("inkling.toggle");
      assert.equal(enabled(), false);
      await vscode.commands.executeCommand("inkling.toggle");
      assert.equal(enabled(), true);
      const document = await vscode.workspace.openTextDocument({ language: "python" });
      await vscode.window.showTextDocument(document);
      await vscode.commands.executeCommand("inkling.toggleLanguage");
      assert.equal(enabled(document), false);
      assert.equal(enabled({ languageId: "javascript" }), true);
      await vscode.commands.executeCommand("inkling.toggleLanguage");
      assert.equal(enabled(document), true);
    });

    it("switch off in the folder of the document in front", async () => {
      const [folder] = vscode.workspace.workspaceFolders ?? [];
      assert.ok(folder);
      const file = vscode.Uri.joinPath(folder.uri, "account.py");
      await vscode.window.showTextDocument(file);
      await vscode.commands.executeCommand("inkling.toggleFolder");
      assert.equal(enabled(file), false);
      await vscode.commands.executeCommand("inkling.toggleFolder");
      assert.equal(enabled(file), true);
    });

    it("go back to the model before only where there was one", async () => {
      const model = () => vscode.workspace.getConfiguration("inkling").get("model");
      const before = model();
      await vscode.commands.executeCommand("inkling.rollBackModel");
      assert.equal(model(), before);
    });

    it("open the source of a finding beside, read-only", async () => {
      const source = { repo: "dunes", path: "quicksand.py", license: "MIT", text: "sand = 1" };
      const finding = { kind: "exact", tier: "strong", sources: [source] };
      await vscode.commands.executeCommand("inkling.openSource", finding);
      const shown = vscode.workspace.textDocuments.find(
        ({ uri }) => uri.scheme === "inkling-source",
      );
      assert.match(shown?.getText() ?? "", /dunes[^]*MIT[^]*sand = 1/);
    });

    it("do nothing with what is no finding", async () => {
      await vscode.commands.executeCommand("inkling.openSource", { sources: "x" });
      await vscode.commands.executeCommand("inkling.suggestionAccepted", 3);
    });
  });
}

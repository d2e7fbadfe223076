// The settings of the extension, as the real editor understands them.

import assert from "node:assert/strict";
import * as vscode from "vscode";

const settings = () => vscode.workspace.getConfiguration("inkling");

export function settingTests(): void {
  describe("the settings", () => {
    it("have the defaults that the manifest declares", () => {
      assert.equal(settings().inspect("maxLines")?.defaultValue, 8);
      assert.equal(settings().inspect("attribution.policy")?.defaultValue, "byLicence");
      assert.deepEqual(settings().inspect("server.command")?.defaultValue, []);
    });

    it("let a folder not say what belongs to the machine", async () => {
      const write = settings().update(
        "server.wheelIndex",
        "https://example.org",
        vscode.ConfigurationTarget.Workspace,
      );
      await assert.rejects(Promise.resolve(write));
    });

    it("take a value for one language", async () => {
      const target = vscode.ConfigurationTarget.Workspace;
      const ofMarkdown = vscode.workspace.getConfiguration("inkling", { languageId: "markdown" });
      await ofMarkdown.update("enabled", false, target, true);
      const enabled = (languageId: string) =>
        vscode.workspace.getConfiguration("inkling", { languageId }).get("enabled");
      assert.equal(enabled("markdown"), false);
      assert.equal(enabled("python"), true);
      await ofMarkdown.update("enabled", undefined, target, true);
    });
  });
}

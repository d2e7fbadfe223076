// What is never asked about, and what is never read.

import { expect, it } from "vitest";
import { MEMORY_ALONE, VAULT_BEGINNING, VAULT_REST } from "./samples";
import type { Session } from "./session";

export function privacyScenarios(session: () => Session): void {
  it("asks nothing in a file of secrets", async () => {
    const { window, server } = session();
    await window.open(".env");
    await window.press("Control+End");
    const typed = async () => {
      await window.type("KEY=");
      await window.page.waitForTimeout(1000);
      expect(await window.ghost()).toBe("");
      return window.status();
    };
    const reason = "suggests nothing in this file: files of this name hold secrets";
    await window.until("the reason", typed, (status) => status.includes(reason));
    expect(server.log).toMatch(/no suggestion: .*secret/);
    await window.closeEditor(".env");
  });

  it("says so in a language that the model doesn't know, and offers another", async () => {
    const { window } = session();
    await window.open("account.py");
    await window.untilStatus(/is ready/);
    await window.open("main.c");
    await window.press("Control+End");
    await window.type("int x");
    await window.untilStatus(/suggests nothing in this file: the model was not trained on c/);
    await window.page.locator('[id$=".inkling.status"] a').first().click();
    await window.pick("Nothing Is Suggested in This File");
    await window.rows("qwen2.5-coder-1.5b").first().waitFor();
    await window.press("Escape");
    await window.closeEditor("main.c");
    await window.open("account.py");
    await window.untilStatus(/is ready/);
  });

  it("suggests from other files of the workspace, but not from what files.exclude hides", async () => {
    const { window, editor } = session();
    const typed = async () => {
      await window.replaceAll("");
      await window.type(VAULT_BEGINNING, 5);
      await window.page.waitForTimeout(700);
      return window.ghost();
    };
    editor.configure(MEMORY_ALONE);
    await window.open("notes.py");
    expect(await window.typeUntilGhost("", VAULT_BEGINNING)).toContain(VAULT_REST);
    editor.configure({ ...MEMORY_ALONE, "files.exclude": { "**/vault.py": true } });
    await window.until("silence", typed, (ghost) => !ghost.includes(VAULT_REST));
    editor.configure(MEMORY_ALONE);
    await window.until("memory", typed, (ghost) => ghost.includes(VAULT_REST));
    editor.configure({});
    await window.closeEditor("notes.py");
  });
}

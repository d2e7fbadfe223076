// What goes wrong, and the one sentence with the one button that helps.

import { rmSync } from "node:fs";
import { expect, it } from "vitest";
import { copyModel } from "./planted";
import { ACCOUNT, BEGINNING } from "./samples";
import type { Session } from "./session";
import { Workbench } from "./workbench";

const MEGABYTES = 10;

export function failureScenarios(session: () => Session): void {
  async function completes(window = session().window): Promise<void> {
    await window.open("account.py");
    await window.typeUntilGhost(ACCOUNT, BEGINNING);
    await window.press("Escape");
  }

  it("starts a server again that was killed, and completes", async () => {
    const { window, server } = session();
    await window.clearNotifications();
    const [before] = server.shared;
    server.kill();
    await window.until(
      "another process",
      () => Promise.resolve(server.shared),
      (all) => all.length === 1 && all[0] !== before,
    );
    await window.untilStatus(/ready/);
    await completes();
    expect(await window.notifications()).toEqual([]);
  });

  it("names a wrong server program, with a button that opens the settings", async () => {
    const { window, editor } = session();
    await window.open("account.py");
    editor.configure({ "inkling.server.command": ["/no/such/inkling"] });
    const missingProgram = /The server program '\/no\/such\/inkling' does not exist/;
    await window.untilMessage(missingProgram, "Open Settings");
    await window.screenshot("failure");
    await window.button("Open Settings").click();
    await window.untilSetting("Command");
    await window.closePage("Settings");
    // What else needs the program says the same, rather than to fail in words of its own.
    const needy = ["Choose a Model…", "Choose an Adapter…", "Explain the Last Suggestion"];
    for (const entry of [...needy, "Check This File for Sources", "Statistics"]) {
      await window.clearNotifications();
      await window.chooseInMenu(entry);
      await window.untilMessage(missingProgram, "Open Settings");
    }
    editor.configure({});
    await window.untilStatus(/ready/);
    await window.clearNotifications();
  });

  it("names a wrong server program also where Inkling is off and nobody has started it", async () => {
    const { window, editor } = session();
    editor.configure({ "inkling.enabled": false, "inkling.server.command": ["no-such-inkling"] });
    await window.untilStatus(/is off\.$/);
    for (const entry of ["Statistics", "Fine-tune This Workspace…"]) {
      await window.clearNotifications();
      await window.chooseInMenu(entry);
      await window.untilMessage(/'no-such-inkling' does not exist/, "Open Settings");
    }
    editor.configure({});
    await window.untilStatus(/ready/);
    await window.clearNotifications();
  });

  it("names a wrong model, and serves again with a good one", async () => {
    const { window, editor } = session();
    editor.configure({ "inkling.model": "/no/model.gguf" });
    await window.untilMessage(/\/no\/model\.gguf/, "Choose a Model");
    editor.configure({});
    await window.untilStatus(/ready/);
    await window.clearNotifications();
    await completes();
  });

  it("goes on with a model whose file is deleted, and says so at the next start", async () => {
    const { window, editor, folder } = session();
    const model = copyModel(folder, "short-lived");
    editor.configure({ "inkling.model": model });
    await window.untilStatus(/short-lived/);
    rmSync(model, { recursive: true });
    await completes();
    await window.command("Inkling: Restart Server");
    await window.untilMessage(/There is no model at .*short-lived/, "Choose a Model");
    editor.configure({});
    await window.untilStatus(/inkling-starter/);
    await window.clearNotifications();
  });

  it("says that a file of 10 MB is too large, in no more time than a suggestion takes", async () => {
    const { window, server } = session();
    const answers = () => server.log.split("no suggestion: the document is too large").length;
    const asked = async () => {
      const before = answers();
      await window.press("Alt+\\");
      await window.until("an answer", () => Promise.resolve(answers()), (now) => now > before);
    };
    await window.open("large.py");
    await window.press("Control+End");
    await window.type("\nx = ");
    await window.untilStatus(/suggests nothing in this file: the document is too large/);
    const large = await timeOf(asked);
    await window.closeEditor("large.py");
    const small = await timeOf(completes);
    await window.untilStatus(/is ready/);
    expect(large / small).toBeLessThan(1);
  });

  it("completes in two windows on one workspace, which share one server", async () => {
    const { browser, editor, server } = session();
    const second = await Workbench.open(browser, editor.url, `folder=${editor.workspace}`);
    await second.untilStatus(/ready/);
    expect(server.processes).toHaveLength(2);
    expect(server.shared).toHaveLength(1);
    await completes(second);
    await second.page.close();
    await completes();
  });
}

async function timeOf(what: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await what();
  return performance.now() - started;
}

export function largeFile(): string {
  const line = "value = compute(1, 2, 3)\n";
  return line.repeat(Math.ceil((MEGABYTES * 1e6) / line.length));
}

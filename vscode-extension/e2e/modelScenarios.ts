// Another model and another adapter: listed, fetched, taken, and back again.

import { expect, it } from "vitest";
import { ACCOUNT, BEGINNING } from "./samples";
import type { Session } from "./session";

export function modelScenarios(session: () => Session, another: () => string): void {
  async function completes(): Promise<void> {
    const { window } = session();
    await window.open("account.py");
    await window.typeUntilGhost(ACCOUNT, BEGINNING);
    await window.press("Escape");
  }

  it("takes another one while the server runs, and goes back", async () => {
    const { window, editor, server } = session();
    const [before] = server.processes;
    editor.configure({ "inkling.model": another() });
    await window.untilStatus(/another-model/);
    await completes();
    editor.configure({});
    await window.untilStatus(/inkling-starter/);
    expect(server.processes).toEqual([before]);
  });

  it("downloads one of the list with progress, serves it, and rolls back", async () => {
    const { window } = session();
    await window.command("Inkling: Choose a Model");
    await window.rows("qwen2.5-coder-1.5b").first().waitFor();
    await window.screenshot("models");
    await window.pick("qwen2.5-coder-0.5b");
    await window.untilNotification(/Downloading qwen2\.5-coder-0\.5b: \d+ %/);
    await window.untilStatus(/ready with the model qwen2\.5-coder-0\.5b/);
    await completes();
    await window.command("Inkling: Roll Back to the Model Before");
    await window.untilStatus(/ready with the model inkling-starter/);
    await completes();
  });

  it("says in one sentence why a model can't be fetched", async () => {
    const { window, editor } = session();
    await window.command("Inkling: Choose a Model");
    await window.pick("starcoder2-3b");
    await window.untilMessage(/StarCoder2-3B-GGUF could not be fetched/, "Try Again");
    await window.clearNotifications();
    editor.configure({});
  });

  it("runs the model with an adapter, refuses one that doesn't fit, and goes back", async () => {
    const { window } = session();
    const choose = async (name: string) => {
      await window.command("Inkling: Choose an Adapter");
      await window.pick(name);
    };
    await choose("tuned-on-mine");
    await window.untilStatus(/model inkling-starter and the adapter tuned-on-mine/);
    await completes();
    await choose("for-another-model");
    await window.untilMessage(/doesn't fit the model inkling-starter/, "Choose an Adapter");
    await window.clearNotifications();
    await window.untilStatus(/adapter tuned-on-mine/);
    await window.command("Inkling: Restart Server");
    await window.untilStatus(/adapter tuned-on-mine/);
    await choose("None");
    await window.untilStatus(/model inkling-starter \(/);
  });

  it("tunes one on the workspace in a task, whose failure is one sentence", async () => {
    const { window } = session();
    await window.command("Inkling: Fine-tune This Workspace");
    await window.untilNotification(/Fine-tune on workspace/);
    await window.page.locator(".terminal-outer-container").first().waitFor();
    const message = /workspace was not tuned on; the terminal says why/;
    await window.untilNotification(message, 200_000); // torch takes its time to be loaded
    await window.untilMessage(message, "Show Terminal");
    await window.screenshot("fine-tune");
    await window.clearNotifications();
  });
}

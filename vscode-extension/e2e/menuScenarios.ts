// The status menu, another model and back, the panels, and the sources of a planted match.

import { expect, it } from "vitest";
import { ACCOUNT, BEGINNING } from "./samples";
import type { Session } from "./session";

export function menuScenarios(session: () => Session, other: () => string): void {
  it("opens a menu behind the status bar item", async () => {
    const { window } = session();
    await window.open("account.py");
    await window.page.locator('[id$=".inkling.status"] a').first().click();
    await window.rows("Choose a Model").first().waitFor();
    await window.screenshot("menu");
    await window.press("Escape");
  });

  it("lists models, takes another one while the server runs, and goes back", async () => {
    const { window, editor, server } = session();
    const [before] = server.processes;
    await window.command("Inkling: Choose a Model");
    await window.rows("qwen2.5-coder-1.5b").first().waitFor();
    await window.screenshot("models");
    await window.press("Escape");
    editor.configure({ "inkling.model": other() });
    await window.untilStatus(/another-model/);
    await window.open("account.py");
    await window.replaceAll(ACCOUNT);
    await window.type(BEGINNING);
    await window.untilGhost();
    editor.configure({});
    await window.untilStatus(/inkling-starter/);
    expect(server.processes).toEqual([before]);
  });

  it("explains the last suggestion", async () => {
    const { window } = session();
    await window.open("account.py");
    await window.replaceAll(ACCOUNT);
    await window.type(BEGINNING);
    await window.untilGhost();
    await window.command("Inkling: Explain the Last Suggestion");
    const text = await window.webviewText(/Outcome/);
    expect(text).toMatch(/in the prompt/);
    expect(text).toMatch(/in the cache/);
    expect(text).toMatch(/from request to answer/);
    await window.screenshot("explain");
    await window.command("View: Close All Editors in Group");
  });

  it("shows statistics", async () => {
    const { window } = session();
    await window.command("Inkling: Show Statistics");
    expect(await window.webviewText(/python/)).toMatch(/accepted/);
    await window.command("View: Close All Editors in Group");
  });

  it("finds a planted match: underlined, explained by a hover, listed, and its source opens", async () => {
    const { window } = session();
    await window.open("quicksand.py");
    await window.command("Inkling: Check This File for Sources");
    await window.untilNotification(/Passages with a known source: 1/);
    const marked = window.page.locator('.view-line [class*="ced-"]').first();
    await marked.waitFor();
    await window.page.locator(".view-line", { hasText: "drifted.pop" }).first().hover();
    const hover = window.page.locator(".monaco-hover-content", { hasText: "dunes" }).first();
    await hover.waitFor();
    expect(await hover.textContent()).toMatch(/GPL-3\.0-only/);
    await window.screenshot("source-hover");
    await window.button("Show References").click();
    const row = window.page.locator(".pane-body .monaco-list-row", { hasText: "dunes" }).first();
    await row.waitFor();
    await row.click();
    await window.page.locator(".tab", { hasText: "quicksand.py" }).nth(1).waitFor();
    await window.screenshot("references");
    await window.clearNotifications();
  });
}

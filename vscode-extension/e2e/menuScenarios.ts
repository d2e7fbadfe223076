// The status menu, and the panels that it opens.

import { expect, it } from "vitest";
import { ACCOUNT, BEGINNING } from "./samples";
import type { Session } from "./session";

export function menuScenarios(session: () => Session): void {
  it("opens a menu behind the status bar item", async () => {
    const { window } = session();
    await window.open("account.py");
    await window.page.locator('[id$=".inkling.status"] a').first().click();
    await window.rows("Choose a Model").first().waitFor();
    await window.screenshot("menu");
    await window.press("Escape");
  });

  it("turns on and off what its entries say, also where a language has its own way", async () => {
    const { window, editor } = session();
    await window.open("account.py");
    await window.chooseInMenu("Disable");
    await window.untilStatus(/is off\.$/);
    await window.command("Inkling: Enable/Disable for This Language");
    await window.untilStatus(/ready/);
    await window.open("main.c");
    await window.untilStatus(/off for this document/);
    await window.chooseInMenu("Disable");
    await window.untilStatus(/is off\.$/);
    await window.open("account.py");
    await window.untilStatus(/is off\.$/);
    await window.chooseInMenu("Enable");
    await window.untilStatus(/ready/);
    editor.configure({});
  });

  it("explains the last suggestion", async () => {
    const { window } = session();
    await window.open("account.py");
    await window.typeUntilGhost(ACCOUNT, BEGINNING);
    // What is typed along a suggestion asks nobody; a key asks the model.
    await window.press("Escape", "Alt+\\");
    await window.untilGhost();
    await window.command("Inkling: Explain the Last Suggestion");
    const text = await window.webviewText(/Outcome/);
    expect(text).toMatch(/in the prompt/);
    expect(text).toMatch(/in the cache/);
    expect(text).toMatch(/from request to answer/);
    // The parts are those of the request, so they add up to what it says of itself.
    const parts = [...text.matchAll(/^[^\n]*\t\d+\t(\d+)\s*$/gm)].map(([, count]) => Number(count));
    const inPrompt = Number(/in the prompt\s+(\d+)/.exec(text)?.[1]);
    expect(parts.length).toBeGreaterThan(2);
    expect(parts.reduce((sum, count) => sum + count)).toBe(inPrompt);
    await window.screenshot("explain");
    await window.closePage("Inkling: the last suggestion");
  });

  it("shows statistics", async () => {
    const { window } = session();
    await window.command("Inkling: Show Statistics");
    expect(await window.webviewText(/python/)).toMatch(/accepted/);
    await window.closePage("Inkling: Statistics");
  });
}

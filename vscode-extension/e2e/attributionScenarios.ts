// Sources: of what stands in a file, of what is suggested, and of what was taken.

import { expect, it } from "vitest";
import { plantIndex } from "./planted";
import { MARBLES, MARBLES_TYPED, QUICKSAND } from "./samples";
import type { Session } from "./session";

/** However busy the machine is, no suggestion is shown before its check has ended. */
const PATIENT = { "inkling.attribution.budget": 60_000 };

export function attributionScenarios(session: () => Session, folder: string): void {
  /** Type the beginning of code that the model goes on with. */
  async function begun(): Promise<string> {
    const { window } = session();
    await window.open("marbles.py");
    return window.typeUntilGhost(MARBLES, MARBLES_TYPED);
  }

  it("finds a planted match: underlined, explained by a hover, listed, and its source opens", async () => {
    const { window } = session();
    await window.open("quicksand.py");
    await window.command("Inkling: Check This File for Sources");
    const said = await window.untilNotification(/Passages with a known source: 1/);
    expect(said).not.toMatch(/another corpus/);
    const marked = window.page.locator('.view-line [class*="ced-"]').first();
    await marked.waitFor();
    const line = window.page.locator(".view-line", { hasText: "drifted.pop" }).first();
    await line.hover({ position: { x: 130, y: 9 } });
    const hover = window.page.locator(".monaco-hover-content", { hasText: "dunes" }).first();
    await hover.waitFor();
    expect(await hover.textContent()).toMatch(/This long passage stands word for word in/);
    expect(await hover.textContent()).toMatch(/GPL-3\.0-only/);
    await window.button("Show References").click();
    const row = window.page.locator(".pane-body .monaco-list-row", { hasText: "dunes" }).first();
    await row.waitFor();
    await row.click();
    await window.page.locator(".tab", { hasText: "quicksand.py" }).nth(1).waitFor();
    const source = window.page.locator(".view-line", { hasText: "Licence: GPL-3.0-only" });
    await source.first().waitFor();
    await window.clearNotifications();
    await window.screenshot("references");
    await window.press("Control+j");
    await window.page.locator(".part.panel").waitFor({ state: "hidden" });
    await window.page.locator(".view-line", { hasText: "drifted.pop" }).first().hover({
      position: { x: 130, y: 9 },
    });
    await hover.waitFor();
    await window.screenshot("source-hover");
  });

  it("lists it once, where it stands, while one types above it", async () => {
    const { window } = session();
    await window.open("quicksand.py");
    await window.press("Control+Home");
    await window.type("import os\nvalue = 12\n\n");
    await window.command("Focus on References View");
    const pane = window.page.locator(".pane-body");
    const rows = pane.locator(".monaco-list-row", { hasText: "dunes" });
    await rows.first().waitFor();
    await window.page.waitForTimeout(1000);
    expect(await rows.allTextContents()).toEqual([expect.stringMatching(/^def quicksand/)]);
    await window.press("Control+j");
    await window.page.locator(".part.panel").waitFor({ state: "hidden" });
    await window.open("quicksand.py");
    await window.replaceAll(QUICKSAND);
  });

  it("shows how to get an index where there is none", async () => {
    const { window, editor } = session();
    await window.clearNotifications();
    editor.configure({ "inkling.attribution.index": "" });
    await window.open("quicksand.py");
    const asked = async () => {
      await window.command("Inkling: Check This File for Sources");
      await window.page.waitForTimeout(500);
      return (await window.notifications()).join();
    };
    await window.until("the way to an index", asked, (said) => said.includes("attribution build"));
    await window.untilMessage(/'inkling attribution build CORPUS' makes/, "Show How");
    await window.button("Show How").click();
    await window.page.locator(".getting-started-step.expanded", { hasText: "Know the sources" }).waitFor();
    editor.configure({});
    await window.closePage(/Walkthrough|Welcome/);
    await window.clearNotifications();
  });

  it("checks the selection, and only that", async () => {
    const { window } = session();
    await window.open("quicksand.py");
    await window.press("Control+Home", "Shift+ArrowDown");
    await window.command("Inkling: Check the Selection for Sources");
    await window.untilNotification(/Nothing here has a known source/);
    await window.clearNotifications();
    await window.press("Control+a");
    await window.command("Inkling: Check the Selection for Sources");
    await window.untilNotification(/Passages with a known source: 1/);
    await window.clearNotifications();
    await window.press("Control+Home");
  });

  /** What can be read on the status bar. */
  async function shownStatus(): Promise<string> {
    const item = session().window.page.locator('[id$=".inkling.status"]').first();
    return (await item.textContent()) ?? "";
  }

  it("names the source in the status bar while it is shown, and marks it once taken", async () => {
    const { window, editor, server } = session();
    const text = `${MARBLES}${MARBLES_TYPED}${await begun()}\n`;
    const index = plantIndex(folder, text, "marbles");
    editor.configure({ "inkling.attribution.index": index, ...PATIENT });
    await window.until("the index", () => Promise.resolve(server.log), isOpen(index));
    await begun();
    await window.untilStatus(/The suggestion has a source: exact: dunes, .*GPL-3\.0-only/);
    expect(await shownStatus()).toContain("dunes · GPL-3.0-only");
    await window.screenshot("badge");
    await window.press("Escape");
    await window.untilStatus(/is ready/);
    expect(await window.ghost()).toBe("");
    // Of several, if the model has more to say, only the editor knows which one is in sight.
    const named = /(The suggestion has a source:|Suggestions with a source: 1 of [23];) exact: dunes/;
    await window.press("Alt+\\");
    await window.untilStatus(named);
    expect(await shownStatus()).toMatch(/dunes · GPL-3\.0-only/);
    await window.press("Alt+]");
    await window.untilStatus(named);
    await window.press("Escape");
    await window.untilStatus(/is ready/);
    await begun();
    await window.untilStatus(/The suggestion has a source/);
    await window.press("Tab");
    const returned = window.page.locator(".view-line", { hasText: "return sorted" }).first();
    const hover = window.page.locator(".monaco-hover-content:visible", { hasText: "dunes" }).first();
    // What is suggested next may come in between.
    const hovered = async () => {
      await window.page.mouse.move(0, 0);
      await returned.locator('[class*="ced-"]').last().hover();
      await window.page.waitForTimeout(1000);
      return hover.isVisible();
    };
    await window.until("the hover", hovered, (seen) => seen);
    expect(await hover.textContent()).toMatch(/GPL-3\.0-only/);
    await window.press("Escape", "Escape"); // the hover, and what is suggested next
    await window.untilStatus(/is ready/);
  });

  it("withholds it where the policy says so, and explains why", async () => {
    const { window, editor, server } = session();
    const index = { "inkling.attribution.index": `${folder}/marbles`, ...PATIENT };
    editor.configure({ ...index, "inkling.attribution.policy": "block" });
    await window.open("marbles.py");
    const blocked = () => server.log.split("no suggestion: blocked: exact: dunes").length;
    const before = blocked();
    const again = async () => {
      await window.replaceAll(MARBLES);
      await window.type(MARBLES_TYPED);
      await window.page.waitForTimeout(1000);
      return blocked() > before && (await window.ghost()) === "";
    };
    await window.until("the silence", again, (silent) => silent);
    await window.command("Inkling: Explain the Last Suggestion");
    expect(await window.webviewText(/Outcome/)).toMatch(/blocked: exact: dunes/);
    await window.closePage("Inkling: the last suggestion");
    editor.configure({});
    await window.closeEditor("marbles.py");
  });
}

function isOpen(index: string): (log: string) => boolean {
  return (log) => log.includes(`the index ${index} is open`);
}

// The editor's window, as its user sees and handles it: a thin page object over Playwright.

import { mkdirSync } from "node:fs";
import path from "node:path";
import { chromium, type Browser, type Locator, type Page } from "playwright-core";
import { expect } from "vitest";
import { chromium as chromiumProgram, SCREENSHOTS } from "./places";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
// Machines that test are busy: patience costs nothing where all goes well.
const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 40;

export async function launchBrowser(): Promise<Browser> {
  const program = chromiumProgram();
  return chromium.launch({ args: FLAGS, ...(program ? { executablePath: program } : {}) });
}

export class Workbench {
  private constructor(readonly page: Page) {}

  /** Open a folder (or what else `query` names) in a new window. */
  static async open(browser: Browser, url: string, query: string): Promise<Workbench> {
    const page = await browser.newPage({ viewport: { width: 1200, height: 720 } });
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(`${url}/?${query}`, { waitUntil: "commit", timeout: 2 * PATIENCE_MS });
    await page.waitForSelector(".monaco-workbench .part.statusbar", {
      timeout: 3 * PATIENCE_MS,
    });
    return new Workbench(page);
  }

  /** Look until `see` gives something that `fits`; its last value is in the error otherwise. */
  async until<T>(
    what: string,
    see: () => Promise<T>,
    fits: (value: T) => boolean,
    patience = PATIENCE_MS,
  ): Promise<T> {
    const end = Date.now() + patience;
    for (;;) {
      const value = await see();
      if (fits(value)) {
        return value;
      }
      if (Date.now() > end) {
        throw new Error(`waited in vain for ${what}; last seen: ${JSON.stringify(value)}`);
      }
      await this.page.waitForTimeout(LOOK_EVERY_MS);
    }
  }

  async status(): Promise<string> {
    const item = this.page.locator('[id$=".inkling.status"]').first();
    if ((await item.count()) === 0) {
      return "";
    }
    const own = await item.getAttribute("aria-label");
    return own ?? (await item.locator("a").first().getAttribute("aria-label")) ?? "";
  }

  async untilStatus(pattern: RegExp, patience = 2 * PATIENCE_MS): Promise<string> {
    return this.until(
      `the status ${String(pattern)}`,
      () => this.status().catch(() => ""),
      (status) => pattern.test(status),
      patience,
    );
  }

  /** The ghost text as it stands: first line, then further lines. */
  async ghost(): Promise<string> {
    const [first, further] = await Promise.all([
      this.page.locator(".ghost-text-decoration, .ghost-text-decoration-preview").allTextContents(),
      this.page.locator(".suggest-preview-text .ghost-text").allTextContents(),
    ]);
    return [first.join(""), ...further].join("\n").replaceAll("\u00a0", " ").trimEnd();
  }

  untilGhost(fits: (ghost: string) => boolean = (ghost) => ghost !== ""): Promise<string> {
    return this.until("ghost text", () => this.ghost(), fits);
  }

  /** Another text in the editor in front, the cursor at its end. */
  async replaceAll(text: string): Promise<void> {
    await this.press("Escape", "Control+A", "Delete");
    await this.page.keyboard.insertText(text);
    await this.press("Escape", "Control+End");
  }

  /** Type at the end of `text` until there is ghost text: an editor that has just started may not
   *  know yet whom to ask. */
  async typeUntilGhost(text: string, typed: string): Promise<string> {
    for (let tries = 0; tries < 5; tries++) {
      await this.replaceAll(text);
      await this.type(typed);
      const ghost = await this.until("ghost text", () => this.ghost(), (seen) => seen !== "", 12_000)
        .catch(() => "");
      if (ghost !== "") {
        return ghost;
      }
    }
    throw new Error(`there is no ghost text after ${typed}`);
  }

  /** From now on note every state of the ghost text that the page draws. */
  async watchGhost(): Promise<void> {
    await this.page.evaluate(() => {
      const seen: string[] = [];
      const look = () => {
        const parts = document.querySelectorAll(".ghost-text-decoration");
        const ghost = [...parts].map((part) => part.textContent).join("");
        if (seen.at(-1) !== ghost) {
          seen.push(ghost.replaceAll("\u00a0", " "));
        }
        requestAnimationFrame(look);
      };
      look();
      Object.assign(window, { inklingGhosts: seen });
    });
  }

  async watchedGhosts(): Promise<string[]> {
    return this.page.evaluate(
      () => (window as unknown as { inklingGhosts: string[] }).inklingGhosts,
    );
  }

  /** The text of the page that a panel shows. */
  async webviewText(pattern: RegExp): Promise<string> {
    return this.until(
      `a page with ${String(pattern)}`,
      async () => {
        const texts = this.page.frames().map((frame) =>
          frame.evaluate(() => document.body.innerText).catch(() => ""),
        );
        return (await Promise.all(texts)).find((text) => pattern.test(text)) ?? "";
      },
      (text) => text !== "",
    );
  }

  async open(name: string, inside = ".monaco-editor.focused"): Promise<void> {
    await this.openPalette("Control+P", name, this.focusedRow(name));
    await this.press("Enter");
    await this.page.waitForSelector(`.tab.active[data-resource-name="${name}"]`);
    await this.page.waitForSelector(`${inside} .view-line`);
  }

  /** Close a panel's page by its tab. */
  async closePage(title: string | RegExp): Promise<void> {
    const tab = this.page.locator(".tab", { hasText: title }).first();
    await tab.locator(".tab-actions .action-label").first().click();
    await tab.waitFor({ state: "detached" });
    await this.page.locator(".view-lines").first().click();
  }

  /** Close the editor in front, whatever is unsaved in it. */
  async closeEditor(name: string): Promise<void> {
    await this.command("View: Revert and Close Editor");
    await this.page.waitForSelector(`.tab[data-resource-name="${name}"]`, { state: "detached" });
  }

  /** Open a palette and find an entry; keys pressed while something else closes are lost. */
  private async openPalette(key: string, text: string, entry: Locator): Promise<void> {
    const input = this.page.locator(".quick-input-widget .monaco-inputbox input:focus");
    for (let tries = 0; tries < 6; tries++) {
      await this.press(key);
      if (await appears(input)) {
        await this.page.keyboard.type(text);
        if (await appears(entry)) {
          return;
        }
      }
      await this.press("Escape");
    }
    throw new Error(`${key} did not find ${text}`);
  }

  /** Run a command of the palette by its title. */
  async command(title: string): Promise<void> {
    await this.openPalette("F1", title, this.focusedRow(title));
    await this.press("Enter");
  }

  private focusedRow(label: string): Locator {
    return this.page.locator(".quick-input-list .monaco-list-row.focused", { hasText: label });
  }

  /** Open the walkthrough, look which steps are ticked, and close it: it takes the focus at will. */
  async tickedSteps(): Promise<string[]> {
    await this.command("Inkling: First Steps");
    const steps = '[data-done-step-id*="inkling.firstSteps"]';
    await this.page.locator(steps).first().waitFor();
    await this.page.waitForTimeout(3000); // ticks follow the opening
    const ticked = this.page.locator(`${steps}[aria-checked="true"]`);
    const ids = await ticked.evaluateAll((boxes) =>
      boxes.map((box) => box.getAttribute("data-done-step-id") ?? ""),
    );
    const tab = this.page.locator(".tab", { hasText: /Walkthrough|Welcome/ }).first();
    await tab.locator(".tab-actions .action-label").first().click();
    await tab.waitFor({ state: "detached" });
    return [...new Set(ids.map((id) => id.split("#").at(-1) ?? ""))];
  }

  rows(label: string): Locator {
    return this.page.locator(".quick-input-list .monaco-list-row", { hasText: label });
  }

  /** Take an entry of a list that has opened. */
  async pick(label: string): Promise<void> {
    await this.rows(label).first().waitFor();
    await this.page.keyboard.type(label);
    await this.focusedRow(label).waitFor();
    await this.press("Enter");
  }

  /** Take the entry of the status menu that reads just so. */
  async chooseInMenu(label: string): Promise<void> {
    await this.page.locator('[id$=".inkling.status"] a').first().click();
    const exact = this.page.getByText(label, { exact: true });
    await this.page.locator(".quick-input-list .monaco-list-row").filter({ has: exact }).click();
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) {
      await this.page.keyboard.press(key);
    }
  }

  async type(text: string, delay = 30): Promise<void> {
    await this.page.keyboard.type(text, { delay });
  }

  async notifications(): Promise<string[]> {
    return this.page.locator(".notification-list-item-message").allTextContents();
  }

  /** Hear every message from now on, also one that is gone before anybody could look. */
  async listen(): Promise<() => Promise<string[]>> {
    const heard = await this.page.evaluateHandle(() => {
      const texts: string[] = [];
      new MutationObserver(() => {
        for (const message of document.querySelectorAll(".notification-list-item-message")) {
          const text = message.textContent;
          if (text !== "" && !texts.includes(text)) {
            texts.push(text);
          }
        }
      }).observe(document.body, { childList: true, subtree: true, characterData: true });
      return texts;
    });
    return () => heard.jsonValue();
  }

  async untilNotification(pattern: RegExp, patience = PATIENCE_MS): Promise<string> {
    const all = await this.until(
      `the message ${String(pattern)}`,
      () => this.notifications(),
      (texts) => texts.some((text) => pattern.test(text)),
      patience,
    );
    return all.find((text) => pattern.test(text)) ?? "";
  }

  /** A message that fits: one sentence, and just these buttons. */
  async untilMessage(pattern: RegExp, ...buttons: string[]): Promise<void> {
    const message = await this.untilNotification(pattern);
    expect(message).not.toMatch(/[.!?]\s+[A-Z]/);
    const item = this.page.locator(".notification-list-item", { hasText: message }).first();
    expect(await item.locator(".monaco-button").allTextContents()).toEqual(buttons);
  }

  button(title: string): Locator {
    return this.page.locator(".notification-list-item .monaco-button", { hasText: title }).first();
  }

  /** The settings are open and show this one, by the last part of its title. */
  async untilSetting(label: string): Promise<void> {
    const shown = this.page.locator(".settings-editor .setting-item-label", { hasText: label });
    await shown.first().waitFor();
  }

  async clearNotifications(): Promise<void> {
    await this.command("Notifications: Clear All Notifications");
    await this.until(
      "no messages",
      () => this.notifications(),
      (all) => all.length === 0,
    );
  }

  /** Keep a picture for the README. */
  async screenshot(name: string): Promise<void> {
    await this.page.waitForTimeout(500); // what fades in has arrived
    mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`) });
  }
}

function appears(what: Locator): Promise<boolean> {
  return what.waitFor({ timeout: 10_000 }).then(
    () => true,
    () => false,
  );
}

// The editor's window, as its user sees and handles it: a thin page object over Playwright.

import { mkdirSync } from "node:fs";
import path from "node:path";
import { chromium, type Browser, type Locator, type Page } from "playwright-core";
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
const PATIENCE_MS = 30_000;
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
    await page.goto(`${url}/?${query}`);
    await page.waitForSelector(".monaco-workbench .part.statusbar", { timeout: 120_000 });
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

  async untilStatus(pattern: RegExp, patience = 60_000): Promise<string> {
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

  async open(name: string): Promise<void> {
    await this.press("Control+P");
    await this.page.waitForSelector(".quick-input-widget .monaco-inputbox input:focus");
    await this.page.keyboard.type(name);
    await this.page
      .locator(`.quick-input-list .monaco-list-row[aria-label*="${name}"]`)
      .first()
      .waitFor();
    await this.press("Enter");
    await this.page.waitForSelector(`.tab.active[data-resource-name="${name}"]`);
    await this.page.waitForSelector(".monaco-editor.focused .view-line");
  }

  /** Run a command of the palette by its title. */
  async command(title: string): Promise<void> {
    await this.press("F1");
    await this.page.waitForSelector(".quick-input-widget .monaco-inputbox input:focus");
    await this.page.keyboard.type(title);
    await this.rows(title).first().waitFor();
    await this.press("Enter");
  }

  rows(label: string): Locator {
    return this.page.locator(`.quick-input-list .monaco-list-row[aria-label^="${label}"]`);
  }

  async pick(label: string): Promise<void> {
    await this.rows(label).first().click();
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

  async untilNotification(pattern: RegExp): Promise<string> {
    const all = await this.until(
      `the message ${String(pattern)}`,
      () => this.notifications(),
      (texts) => texts.some((text) => pattern.test(text)),
    );
    return all.find((text) => pattern.test(text)) ?? "";
  }

  button(title: string): Locator {
    return this.page.locator(".notification-list-item .monaco-button", { hasText: title }).first();
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
    mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`) });
  }
}

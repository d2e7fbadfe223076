// Ghost text as its user sees it: taken, in parts, passed by, typed along, and not asked for at all.

import { expect, it } from "vitest";
import { ACCOUNT, BEGINNING } from "./samples";
import type { Session } from "./session";

const FLICKER_KEYS = 6;

export function completionScenarios(session: () => Session): void {
  /** The file as it was, the cursor at its end. */
  async function fresh(): Promise<void> {
    const { window } = session();
    await window.open("account.py");
    await window.replaceAll(ACCOUNT);
  }

  async function begun(): Promise<string> {
    const { window } = session();
    await window.open("account.py");
    return window.typeUntilGhost(ACCOUNT, BEGINNING);
  }

  it("shows ghost text, which Tab takes into the file on disk", async () => {
    const { window } = session();
    const ghost = await begun();
    await window.screenshot("ghost-text");
    await window.press("Tab");
    const whole = `${ACCOUNT}${BEGINNING}${ghost}`;
    expect(await session().saved("account.py", (text) => text === whole)).toBe(whole);
  });

  it("gives the next word to Ctrl+Right, and goes on with the rest", async () => {
    const { window } = session();
    const ghost = await begun();
    await window.press("Control+ArrowRight");
    const rest = await window.untilGhost((left) => left !== "" && left.length < ghost.length);
    expect(ghost.endsWith(rest)).toBe(true);
    await window.press("Escape");
    const taken = `${BEGINNING}${ghost.slice(0, ghost.length - rest.length)}`;
    const text = await session().saved("account.py", (saved) => saved.endsWith(taken));
    expect(text).toBe(`${ACCOUNT}${taken}`);
  });

  it("gives the next line to Ctrl+Alt+Right", async () => {
    const { window } = session();
    const ghost = await begun();
    await window.press("Control+Alt+ArrowRight");
    const line = `${ACCOUNT}${BEGINNING}${ghost.split("\n")[0] ?? ""}`;
    const text = await session().saved("account.py", (saved) => saved.startsWith(line));
    expect(text.startsWith(line)).toBe(true);
  });

  it("tells the server what was taken, in whole and in part", async () => {
    const { window, server } = session();
    await window.until(
      "the report",
      () => Promise.resolve(server.statistics),
      (events) => events.includes("partly-accepted") && events.includes('"accepted"'),
    );
  });

  it("hides it on Escape, and leaves the file as it was", async () => {
    const { window } = session();
    await begun();
    await window.press("Escape");
    await window.until("no ghost", () => window.ghost(), (ghost) => ghost === "");
    const asTyped = `${ACCOUNT}${BEGINNING}`;
    expect(await session().saved("account.py", (text) => text === asTyped)).toBe(asTyped);
  });

  it("shrinks by what is typed along, without a flicker", async () => {
    const { window } = session();
    const ghost = await begun();
    const along = ghost.slice(0, Math.min(FLICKER_KEYS, ghost.length - 1));
    await window.watchGhost();
    await window.type(along, 120);
    const left = await window.untilGhost((rest) => rest.length === ghost.length - along.length);
    expect(left).toBe(ghost.slice(along.length));
    const seen = await window.watchedGhosts();
    expect(seen.filter((each) => !ghost.endsWith(each) || each === "")).toEqual([]);
  });

  it("has other suggestions behind Alt+], and takes the one that is shown", async () => {
    const { window } = session();
    const first = await begun();
    // One that was typed along before may be followed by itself, made longer.
    const until = async (key: string, fits: (ghost: string) => boolean) => {
      for (let presses = 0; presses < 4; presses++) {
        await window.press(key);
        const ghost = await window.until("another", () => window.ghost(), fits, 12_000).catch(() => "");
        if (ghost !== "") {
          return ghost;
        }
      }
      throw new Error(`${key} shows nothing else than ${first}`);
    };
    const isOther = (ghost: string) => ghost !== "" && !ghost.startsWith(first);
    await until("Alt+]", isOther);
    await until("Alt+[", (ghost) => ghost.startsWith(first));
    const other = (await until("Alt+]", isOther)).split("\n")[0] ?? "";
    await window.press("Tab");
    const taken = `${ACCOUNT}${BEGINNING}${other}`;
    await session().saved("account.py", (text) => text.startsWith(taken));
  });

  it("is asked for with a key", async () => {
    const { window, server } = session();
    await begun();
    await window.press("Escape");
    const before = server.requests;
    await window.press("Alt+\\");
    await window.untilGhost();
    expect(server.requests).toBeGreaterThan(before);
  });

  it("comes in the cells of a notebook", async () => {
    const { window } = session();
    await window.open("book.ipynb", ".notebook-editor");
    const cell = window.page.locator(".notebook-editor .cell .monaco-editor").last();
    await cell.click();
    await window.press("Control+End");
    await window.type(BEGINNING);
    await window.untilGhost();
    await window.screenshot("notebook");
    await window.press("Escape", "Escape");
    await window.closeEditor("book.ipynb");
  });

  it("is requested neither where a language is switched off nor while it is snoozed", async () => {
    const { window, server } = session();
    await fresh();
    await window.command("Inkling: Enable/Disable for This Language");
    await window.untilStatus(/off for this document \(Python\)/);
    const before = server.requests;
    await window.type(BEGINNING);
    await window.page.waitForTimeout(1500);
    expect(await window.ghost()).toBe("");
    expect(server.requests).toBe(before);
    await window.command("Inkling: Enable/Disable for This Language");
    await window.untilStatus(/ready/);
    await window.command("Inkling: Snooze for a While");
    await window.pick("5 minutes");
    await window.untilStatus(/snoozed until/);
    const snoozed = server.requests;
    await window.type("    ");
    await window.page.waitForTimeout(1000);
    expect(server.requests).toBe(snoozed);
    await window.command("Inkling: End Snooze");
    await window.untilStatus(/ready/);
  });

  it("is not requested, and no server runs, where it is switched off altogether", async () => {
    const { window, server } = session();
    await fresh();
    await window.command("Inkling: Enable/Disable Everywhere");
    await window.untilStatus(/is off\.$/);
    await window.until("no process", () => Promise.resolve(server.processes), (all) => all.length === 0);
    const before = server.requests;
    await window.type(BEGINNING);
    await window.page.waitForTimeout(1500);
    expect(await window.ghost()).toBe("");
    expect(server.requests).toBe(before);
    await window.command("Inkling: Enable/Disable Everywhere");
    await window.untilStatus(/ready/);
    await begun();
  });
}

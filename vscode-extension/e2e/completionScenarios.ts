// Ghost text as its user sees it: taken, in parts, passed by, typed along, and not asked for at all.

import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { ACCOUNT, BEGINNING, MEMORY_ALONE, PARCEL_BEGINNING } from "./samples";
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

  it("gives the next line, and not the one after it, to Ctrl+Alt+Right", async () => {
    const { window, editor } = session();
    editor.configure(MEMORY_ALONE);
    await window.open("notes.py");
    await window.typeUntilGhost("", PARCEL_BEGINNING);
    await window.press("Escape", "Alt+\\"); // within a line, more than its end comes only if asked for
    // The editor draws the line of the cursor and those below it separately: both have to be there.
    const ghost = await window.untilGhost((seen) => /^[^\n]+\n {4}parcel\./.test(seen));
    const [line = ""] = ghost.split("\n");
    await window.press("Control+Alt+ArrowRight");
    const taken = `${PARCEL_BEGINNING}${line}`;
    const text = await session().saved("notes.py", (saved) => saved.startsWith(taken));
    expect(text.trimEnd()).toBe(taken);
    editor.configure({});
    await window.closeEditor("notes.py");
    // Later scenarios need a workspace that is too small to tune on.
    rmSync(path.join(editor.workspace, "parcel.py"));
    writeFileSync(path.join(editor.workspace, "notes.py"), "");
  });

  it("gives all of it word by word", async () => {
    const { window } = session();
    const ghost = await begun();
    for (let rest = ghost; rest !== ""; ) {
      const isLess = (left: string) => left !== rest && rest.endsWith(left) && left !== "";
      await window.press("Control+ArrowRight");
      // What follows the last word may be another suggestion, or none.
      rest = await window.until("the rest", () => window.ghost(), isLess, 3000).catch(() => "");
    }
    await window.press("Escape");
    const whole = `${ACCOUNT}${BEGINNING}${ghost}`;
    expect(await session().saved("account.py", (text) => text === whole)).toBe(whole);
  });

  it("tells the server what was taken, in whole and in part, each suggestion once", async () => {
    const { window, server } = session();
    const taken = () =>
      server.suggestions
        .map(([shown, ...events]) => {
          const takes = events.filter(({ kind }) => kind.endsWith("accepted"));
          const characters = takes.reduce((sum, take) => sum + take.characters, 0);
          const kinds = takes.map(({ kind }) => kind);
          return { kinds, missing: (shown?.characters ?? 0) - characters };
        })
        .filter(({ kinds }) => kinds.length > 0);
    // At once, a word, a line, and word by word.
    const all = await window.until("the report", () => Promise.resolve(taken()), (seen) => seen.length > 3);
    const whole = all.filter(({ kinds }) => kinds.includes("accepted"));
    expect(whole.map(({ missing }) => missing)).toEqual([0, 0]);
    expect(whole.map(({ kinds }) => kinds.filter((kind) => kind === "accepted").length)).toEqual([1, 1]);
    expect(whole[1]?.kinds.length).toBeGreaterThan(2);
    const inPart = all.filter(({ kinds }) => !kinds.includes("accepted"));
    expect(inPart.map(({ kinds }) => kinds.length)).toEqual([1, 1]);
    expect(inPart.every(({ missing }) => missing > 0)).toBe(true);
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

// The ticks of the walkthrough that follow what happens, not what the user does. The editor ticks a
// step when its context becomes true, but never where that was true already when it first looked at
// the walkthrough: so each context is true for a moment only, and once more when a page opens.

import * as vscode from "vscode";

/** Steps, and the contexts that the manifest names in their `completionEvents`. */
const CONTEXTS = {
  ready: "inkling.tick.ready",
  suggested: "inkling.tick.suggested",
} as const;

const MOMENT_MS = 300;
/** A page that has opened reads the walkthrough some time later. */
const AFTER_OPENING_MS = [500, 2500, 6000];

export class Ticks implements vscode.Disposable {
  private readonly holding = new Set<string>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly listening = vscode.window.tabGroups.onDidChangeTabs(({ opened, changed }) => {
    // The API has no kind of its own for the page.
    if ([...opened, ...changed].some((tab) => tab.isActive && tab.input === undefined)) {
      for (const delay of AFTER_OPENING_MS) {
        this.later(delay, () => {
          this.say([...this.holding]);
        });
      }
    }
  });

  /** Whether what `step` is about is so now. */
  note(step: keyof typeof CONTEXTS, holds: boolean): void {
    const context = CONTEXTS[step];
    if (!holds) {
      this.holding.delete(context);
    } else if (!this.holding.has(context)) {
      this.holding.add(context);
      this.say([context]);
    }
  }

  dispose(): void {
    this.timers.forEach(clearTimeout);
    this.listening.dispose();
  }

  private say(contexts: readonly string[]): void {
    for (const context of contexts) {
      void vscode.commands.executeCommand("setContext", context, true);
      this.later(MOMENT_MS, () => {
        void vscode.commands.executeCommand("setContext", context, false);
      });
    }
  }

  private later(milliseconds: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      act();
    }, milliseconds);
    this.timers.add(timer);
  }
}

// The environment that the user selected in the Python extension, if there is that extension. It
// keeps the choice to itself: no setting tells of it.

import * as vscode from "vscode";
import { fields, text } from "./json";

const PYTHON_EXTENSION = "ms-python.python";

type Subscribe = (listener: () => void) => vscode.Disposable;

/** Where an environment's Python or folder is, in what the extension's API answers. */
export function environmentPath(answer: unknown): string | undefined {
  return text(fields(answer).path);
}

export class PythonExtension implements vscode.Disposable {
  private selected: string | undefined;
  private subscription: vscode.Disposable | undefined;

  /** @param changed the selection is known, or another one */
  constructor(private readonly changed: () => void) {}

  /** Python or its environment's folder; undefined if nothing is selected or known so far. */
  get environment(): string | undefined {
    return this.selected;
  }

  /** Ask the extension, and listen to it from now on. Whatever it throws is no concern of ours. */
  async follow(): Promise<void> {
    try {
      const exported: unknown = await vscode.extensions
        .getExtension<unknown>(PYTHON_EXTENSION)
        ?.activate();
      const environments = fields(fields(exported).environments);
      const { getActiveEnvironmentPath: ask, onDidChangeActiveEnvironmentPath: listen } =
        environments;
      if (typeof ask !== "function") {
        return;
      }
      const look = () => {
        this.take(environmentPath(ask.call(environments)));
      };
      if (typeof listen === "function") {
        this.subscription = (listen as Subscribe).call(environments, look);
      }
      look();
    } catch {
      // An older release, or a broken one: then it is as if it weren't there.
    }
  }

  dispose(): void {
    this.subscription?.dispose();
  }

  private take(path: string | undefined): void {
    if (path !== this.selected) {
      this.selected = path;
      this.changed();
    }
  }
}

// The languages of this editor, by name.

import * as vscode from "vscode";
import { languageName } from "./languageNames";

/** What the editor calls a language, for people. */
export function nameOfLanguage(id: string): string {
  return languageName(id, vscode.extensions.all.map(({ packageJSON }) => packageJSON as unknown));
}

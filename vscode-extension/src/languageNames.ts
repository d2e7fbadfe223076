// What a language is called: VS Code's API knows ids only, but the extensions that bring the languages
// name them. Knows no VS Code.

import { fields, list, text } from "./json";

/**
 * The name of a language, or its id where nobody names it.
 *
 * @param manifests of the installed extensions
 */
export function languageName(id: string, manifests: readonly unknown[]): string {
  for (const manifest of manifests) {
    for (const each of list(fields(fields(manifest).contributes).languages)) {
      const language = fields(each);
      const name = text(list(language.aliases)[0]);
      if (language.id === id && name !== undefined) {
        return name;
      }
    }
  }
  return id;
}

// What the server knows of adapters, as the picker lists it. Knows no VS Code.

import * as l10n from "@vscode/l10n";
import { fields, list, text } from "../json";

export interface AdapterChoice {
  readonly label: string;
  readonly description: string;
  /** null: the plain model; undefined: the user looks for a file. */
  readonly path?: string | null;
}

/** @param reply to the command `inkling.models` */
export function adapterChoices(reply: unknown): AdapterChoice[] {
  const adapters = list(fields(reply).adapters).map(fields);
  const isPlain = !adapters.some(({ used }) => used === true);
  const plain: AdapterChoice = {
    label: `${mark(isPlain)} ${l10n.t("None")}`,
    description: l10n.t("the plain model"),
    path: null,
  };
  const browse: AdapterChoice = {
    label: `$(folder-opened) ${l10n.t("Choose a File…")}`,
    description: l10n.t("an adapter of this model as GGUF"),
  };
  const known = adapters.flatMap(({ name, path, base, fits, used }): AdapterChoice[] => {
    const place = text(path);
    if (place === undefined) {
      return [];
    }
    const other = fits === false ? text(base) : undefined;
    return [
      {
        label: `${mark(used === true)} ${text(name) ?? place}`,
        description: other === undefined ? place : l10n.t("for the model {0}", other),
        path: place,
      },
    ];
  });
  return [plain, ...known, browse];
}

function mark(used: boolean): string {
  return used ? "$(check)" : "$(versions)";
}

/** What to call an adapter: the folder of a tuned model, else the file. */
export function adapterName(path: string): string {
  const [file = path, folder] = path.split(/[\\/]/).reverse();
  return file === "adapter.gguf" && folder !== undefined ? folder : file;
}

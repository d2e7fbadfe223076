// What the server knows of models, as the picker lists it. Knows no VS Code.

import * as l10n from "@vscode/l10n";
import { fields, list, number, text } from "../json";

export interface Model {
  readonly name: string;
  /** Where it lies; undefined: it has to be downloaded first. */
  readonly path?: string | undefined;
  readonly bytes?: number | undefined;
  readonly licence?: string | undefined;
  readonly note?: string | undefined;
}

export interface Choice {
  readonly label: string;
  readonly description: string;
  readonly detail?: string;
  readonly action:
    | { readonly kind: "use"; readonly path: string }
    | { readonly kind: "download"; readonly name: string }
    | { readonly kind: "browse" };
}

/** @param reply to the command `inkling.models` */
export function readModels(reply: unknown): Model[] {
  return list(fields(reply).models).flatMap((each) => {
    const { name, path, bytes, licence, note } = fields(each);
    return text(name) === undefined
      ? []
      : [
          {
            name: text(name) ?? "",
            path: text(path),
            bytes: number(bytes),
            licence: text(licence),
            note: text(note),
          },
        ];
  });
}

/**
 * What can be chosen, the present model marked.
 *
 * @param current setting `inkling.model`; empty for that of Inkling's own configuration
 * @param previous what was chosen before, to go back to
 */
export function modelChoices(
  models: readonly Model[],
  current: string,
  previous: string | undefined,
): Choice[] {
  const back: Choice[] =
    previous === undefined || previous === current
      ? []
      : [
          {
            label: `$(discard) ${l10n.t("Roll Back")}`,
            description: previous === "" ? l10n.t("the default model") : previous,
            action: { kind: "use", path: previous },
          },
        ];
  const mark = (path: string) => (path === current ? "$(check)" : "$(package)");
  const standard: Choice = {
    label: `${mark("")} ${l10n.t("Default")}`,
    description: l10n.t("the model of Inkling's own configuration, else the starter model"),
    action: { kind: "use", path: "" },
  };
  const known = models.map((model): Choice => {
    const detail = [model.licence, model.note].filter((part) => part).join(" · ");
    const size = model.bytes === undefined ? "" : gigabytes(model.bytes);
    return {
      label: `${model.path === undefined ? "$(cloud-download)" : mark(model.path)} ${model.name}`,
      description:
        model.path === undefined ? l10n.t("download {0}", size) : l10n.t("on this machine"),
      ...(detail === "" ? {} : { detail }),
      action:
        model.path === undefined
          ? { kind: "download", name: model.name }
          : { kind: "use", path: model.path },
    };
  });
  const ofFile: Choice[] =
    current === "" || models.some(({ path }) => path === current)
      ? []
      : [
          {
            label: `${mark(current)} ${baseName(current)}`,
            description: current,
            action: { kind: "use", path: current },
          },
        ];
  const browse: Choice = {
    label: `$(folder-opened) ${l10n.t("Choose a File…")}`,
    description: l10n.t("any GGUF model with fill-in-the-middle"),
    action: { kind: "browse" },
  };
  return [...back, standard, ...ofFile, ...known, browse];
}

function baseName(file: string): string {
  return file.split(/[\\/]/).at(-1) ?? file;
}

export function gigabytes(bytes: number): string {
  return l10n.t("{0} GB", (bytes / 1e9).toFixed(1));
}

/** The share (0 to 100) that a line of a progress bar tells; undefined if it tells none. */
export function percentOf(line: string): number | undefined {
  const found = [...line.matchAll(/(\d{1,3})%/g)].at(-1)?.[1];
  return found === undefined ? undefined : Math.min(100, Number(found));
}

/** The path that `inkling model pull` prints at its end. */
export function pulledFolder(output: string): string | undefined {
  return /^The model is in (.+)\.$/m.exec(output)?.[1];
}

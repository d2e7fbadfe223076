// What pip, and what makes environments, say went wrong: in one sentence, and what helps. Knows no
// VS Code.

import * as l10n from "@vscode/l10n";
import { reportedError, type Ended } from "../process";

/** What helps against a failed installation: the kind of its one button. */
export type Help = "getPython" | "tryAgain" | "wheelIndex" | "showLog";

/** Why it was not installed: one sentence, and what helps. */
export class InstallationError extends Error {
  constructor(
    message: string,
    readonly help: Help = "showLog",
  ) {
    super(message);
  }
}

/** Debian's Python comes without what makes environments; it says so on standard output. */
const NO_VENV = /ensurepip is not\s+available|No module named '?(?:venv|ensurepip)/;
/** As pip until 24 says it, and as it does since: the names on the line, or on the next one. */
const NOT_COMPILED = new RegExp(
  [
    "Failed building wheel for",
    "Could not build wheels for[^\\n]*",
    "Failed to build[^\\n]*(?:\\n\\s*╰─>[^\\n]*)?",
    "Building wheel for(?=[^\\n]*did not run successfully)",
  ]
    .map((said) => `${said}\\Wllama[-_]cpp[-_]python`)
    .join("|"),
  "i",
);

export function environmentFailure({ output, errors }: Ended): InstallationError {
  const said = `${output}\n${errors}`;
  if (NO_VENV.test(said)) {
    const named = /\bapt(?:-get)? install (python[\d.]*-venv)/.exec(said)?.[1] ?? "python3-venv";
    return new InstallationError(
      l10n.t("This Python can't make environments: install the package {0}.", named),
      "tryAgain",
    );
  }
  return new InstallationError(
    l10n.t("The environment could not be made: {0}.", pipError(errors || output)),
  );
}

export function pipFailure({ output, errors }: Ended): InstallationError {
  const said = `${output}\n${errors}`;
  if (NOT_COMPILED.test(said)) {
    return new InstallationError(
      l10n.t(
        "llama-cpp-python could not be compiled: install a C++ compiler, or name an index of " +
          "prebuilt wheels in the settings.",
      ),
      "wheelIndex",
    );
  }
  return new InstallationError(l10n.t("pip could not install Inkling: {0}.", pipError(errors)));
}

/** What pip, or another command, says went wrong, without a full stop. */
export function pipError(errors: string): string {
  const told = errors.split(/\r?\n/).findLast((line) => line.startsWith("ERROR: "));
  const reason = told?.slice("ERROR: ".length) ?? reportedError(errors);
  return reason.replace(/[.\s]+$/, "") || l10n.t("its log says why");
}

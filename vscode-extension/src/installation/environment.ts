// The extension's own Python environment: made from the wheel that it carries, in steps that tell
// how they go. Half an environment is never used: a file written at the end says that it is whole.
// Knows no VS Code.

import { existsSync, readFileSync, rmSync, writeFileSync, mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import * as l10n from "@vscode/l10n";
import { reportedError, run, type Ended } from "../process";
import { isNewEnough, LEAST, type Python } from "./pythons";

const FINISHED = "inkling-installed.json";

export interface Plan {
  /** Where the environment goes. */
  readonly folder: string;
  readonly wheel: string;
  /** Index of prebuilt llama-cpp-python wheels; empty for none. */
  readonly wheelIndex: string;
}

export interface Telling {
  step(title: string): void;
  line(line: string): void;
  readonly signal: AbortSignal;
}

/** Why it was not installed: one sentence. */
export class InstallationError extends Error {}

export function pythonOf(folder: string, windows = process.platform === "win32"): string {
  return windows ? path.join(folder, "Scripts", "python.exe") : path.join(folder, "bin", "python");
}

/** Python of a whole environment; undefined if there is none. */
export function installedPython(folder: string): string | undefined {
  const python = pythonOf(folder);
  return existsSync(path.join(folder, FINISHED)) && existsSync(python) ? python : undefined;
}

/** The wheel that the environment was made from. */
export function installedWheel(folder: string): string | undefined {
  try {
    const told: unknown = JSON.parse(readFileSync(path.join(folder, FINISHED), "utf8"));
    const wheel = (told as { wheel?: unknown } | null)?.wheel;
    return typeof wheel === "string" ? wheel : undefined;
  } catch {
    return undefined;
  }
}

/** The wheel that the extension carries; undefined if it was packaged without one. */
export function carriedWheel(folder: string): string | undefined {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const wheel = names.find((name) => name.endsWith(".whl"));
  return wheel === undefined ? undefined : path.join(folder, wheel);
}

/**
 * Make the environment, in place of what is there.
 *
 * @throws InstallationError with the sentence for the user
 */
export async function install(
  plan: Plan,
  python: Python | undefined,
  telling: Telling,
): Promise<void> {
  const least = LEAST.join(".");
  if (python === undefined) {
    throw new InstallationError(
      l10n.t("No Python was found; Inkling needs Python {0} or newer: install it.", least),
    );
  }
  if (!isNewEnough(python.version)) {
    const found = python.version.join(".");
    throw new InstallationError(
      l10n.t("Python {0} is too old; Inkling needs {1} or newer: install it.", found, least),
    );
  }
  rmSync(plan.folder, { recursive: true, force: true });
  mkdirSync(path.dirname(plan.folder), { recursive: true });
  telling.step(l10n.t("Making an environment …"));
  const made = await run([...python.commandLine, "-m", "venv", plan.folder], telling);
  check(made, telling, l10n.t("The environment could not be made"));
  telling.step(l10n.t("Installing; llama.cpp may be compiled, which takes minutes …"));
  const installed = await run(pipInstall(plan), telling);
  check(installed, telling, l10n.t("pip could not install Inkling"));
  telling.step(l10n.t("Trying it …"));
  const tried = await run([pythonOf(plan.folder), "-P", "-m", "inkling", "--version"], telling);
  check(tried, telling, l10n.t("Inkling was installed, but doesn't run"));
  const finished = { wheel: path.basename(plan.wheel), version: tried.output.trim() };
  writeFileSync(path.join(plan.folder, FINISHED), JSON.stringify(finished));
}

export function pipInstall(plan: Plan): string[] {
  const prebuilt =
    plan.wheelIndex === "" ? [] : ["--extra-index-url", plan.wheelIndex, "--prefer-binary"];
  const quiet = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"];
  return [pythonOf(plan.folder), "-m", "pip", "install", ...quiet, ...prebuilt, plan.wheel];
}

function check(ended: Ended, telling: Telling, what: string): void {
  if (ended.status !== 0) {
    const why = telling.signal.aborted ? l10n.t("it was cancelled") : pipError(ended.errors);
    throw new InstallationError(`${what}: ${why}.`);
  }
}

/** What pip, or another command, says went wrong, without a full stop. */
export function pipError(errors: string): string {
  const told = errors.split(/\r?\n/).findLast((line) => line.startsWith("ERROR: "));
  const reason = told?.slice("ERROR: ".length) ?? reportedError(errors);
  return reason.replace(/[.\s]+$/, "") || l10n.t("its log says why");
}

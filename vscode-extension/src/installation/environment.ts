// Makes the extension's own Python environment from the wheel that it carries, in steps that tell how
// they go. Knows no VS Code.

import { existsSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import * as l10n from "@vscode/l10n";
import { run, type Ended } from "../process";
import { finish, freshFolder, installed, newestEnvironment, pythonOf } from "./environments";
import { Lock } from "./lock";
import { environmentFailure, InstallationError, pipError, pipFailure } from "./pipErrors";
import { isNewEnough, LEAST, type Python } from "./pythons";

/** What every installation has beside the server: what fetches models. */
const USUAL = "models";
export const TUNING = "train";

export interface Plan {
  /** The folder of environments. */
  readonly home: string;
  readonly wheel: string;
  /** Index of prebuilt llama-cpp-python wheels; empty for none. */
  readonly wheelIndex: string;
}

export interface Telling {
  step(title: string): void;
  line(line: string): void;
  readonly signal: AbortSignal;
}

/** The wheel that the extension carries; undefined if it was packaged without one. */
export function carriedWheel(folder: string): string | undefined {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const wheel = names.find((name) => name.endsWith(".whl"));
  return wheel === undefined ? undefined : path.join(folder, wheel);
}

/**
 * Make an environment, which is used once it is whole; until then the one before is.
 *
 * @throws InstallationError with the sentence for the user
 */
export async function install(
  plan: Plan,
  python: Python | undefined,
  telling: Telling,
): Promise<void> {
  const usable = checked(python);
  // What was added to the one before isn't lost with an update.
  const extras = [...new Set([USUAL, ...(installed(plan.home)?.extras ?? [])])];
  await locked(plan.home, async () => {
    const folder = freshFolder(plan.home, plan.wheel);
    try {
      await make(folder, plan, usable, extras, telling);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
    finish(folder, { wheel: path.basename(plan.wheel), extras });
  });
}

/**
 * Add what tuning needs to the environment that is there.
 *
 * @throws InstallationError with the sentence for the user
 */
export async function addTuning(plan: Plan, telling: Telling): Promise<void> {
  await locked(plan.home, async () => {
    const folder = newestEnvironment(plan.home);
    if (folder === undefined) {
      throw new InstallationError(l10n.t("The environment is gone: install Inkling."), "tryAgain");
    }
    const extras = [USUAL, TUNING];
    telling.step(l10n.t("Installing what tuning needs …"));
    const ended = await run(pipInstall(folder, plan, extras), telling);
    check(ended, telling, pipFailure);
    finish(folder, { wheel: path.basename(plan.wheel), extras });
  });
}

function checked(python: Python | undefined): Python {
  const least = LEAST.join(".");
  if (python === undefined) {
    throw new InstallationError(
      l10n.t("No Python was found; Inkling needs Python {0} or newer: install it.", least),
      "getPython",
    );
  }
  if (!isNewEnough(python.version)) {
    const found = python.version.join(".");
    throw new InstallationError(
      l10n.t("Python {0} is too old; Inkling needs {1} or newer: install it.", found, least),
      "getPython",
    );
  }
  return python;
}

async function locked(home: string, act: () => Promise<void>): Promise<void> {
  const lock = Lock.take(home);
  if (lock === undefined) {
    throw new InstallationError(
      l10n.t("Another window is installing Inkling: wait until it has finished."),
      "tryAgain",
    );
  }
  try {
    await act();
  } finally {
    lock.release();
  }
}

async function make(
  folder: string,
  plan: Plan,
  python: Python,
  extras: readonly string[],
  telling: Telling,
): Promise<void> {
  telling.step(l10n.t("Making an environment …"));
  const made = await run([...python.commandLine, "-m", "venv", folder], telling);
  check(made, telling, environmentFailure);
  telling.step(l10n.t("Installing; llama.cpp may be compiled, which takes minutes …"));
  const ended = await run(pipInstall(folder, plan, extras), telling);
  check(ended, telling, pipFailure);
  telling.step(l10n.t("Trying it …"));
  const tried = await run([pythonOf(folder), "-P", "-m", "inkling", "--version"], telling);
  check(tried, telling, ({ errors }) => {
    const why = pipError(errors);
    return new InstallationError(l10n.t("Inkling was installed, but doesn't run: {0}.", why));
  });
}

export function pipInstall(folder: string, plan: Plan, extras: readonly string[]): string[] {
  const prebuilt =
    plan.wheelIndex === "" ? [] : ["--extra-index-url", plan.wheelIndex, "--prefer-binary"];
  const quiet = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"];
  // A bare path has no room for the extras; the address keeps spaces and drive letters unharmed.
  const requirement = `inkling[${extras.join(",")}] @ ${pathToFileURL(plan.wheel).href}`;
  return [pythonOf(folder), "-m", "pip", "install", ...quiet, ...prebuilt, requirement];
}

function check(ended: Ended, telling: Telling, failure: (ended: Ended) => InstallationError): void {
  if (telling.signal.aborted) {
    throw new InstallationError(l10n.t("The installation was cancelled."), "tryAgain");
  }
  if (ended.status !== 0) {
    throw failure(ended);
  }
}

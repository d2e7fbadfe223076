// The extension's settings: what a user may write, and what is made of it. Knows no VS Code.

import type { Glob } from "./surroundings/hiddenFiles";

export type Source = "both" | "model" | "memory";
export type AttributionPolicy = "byLicence" | "show" | "badge" | "block";

export interface Configuration {
  /** Bundle folder or GGUF file; empty leaves the choice to the server. */
  readonly model: string;
  /** Complete while typing, not only when asked. */
  readonly automatic: boolean;
  /** Longest completion, in tokens. */
  readonly maxNewTokens: number;
  /** Longest completion, in lines. */
  readonly maxLines: number;
  /** A completion ends where it would become less probable than this. */
  readonly minProbability: number;
  readonly source: Source;
  readonly statistics: boolean;
  readonly pauseOnBattery: boolean;
  readonly attributionPolicy: AttributionPolicy;
  /** Folder of the index of the training data; empty leaves the choice to the server. */
  readonly attributionIndex: string;
  /** How long a suggestion waits for the check of its sources, in milliseconds. */
  readonly attributionBudget: number;
  /** Mark accepted text that has a source. */
  readonly attributionMarks: boolean;
  /** Program and leading arguments; empty means that the server is looked for. */
  readonly serverCommand: readonly string[];
  /** All windows share one server process. */
  readonly serverShared: boolean;
  /** Index of prebuilt llama-cpp-python wheels; empty for none. */
  readonly wheelIndex: string;
}

export const DEFAULTS: Configuration = {
  model: "",
  automatic: true,
  maxNewTokens: 64,
  maxLines: 8,
  minProbability: 0.3,
  source: "both",
  statistics: true,
  pauseOnBattery: false,
  attributionPolicy: "byLicence",
  attributionIndex: "",
  attributionBudget: 10,
  attributionMarks: true,
  serverCommand: [],
  serverShared: true,
  wheelIndex: "",
};

const SOURCES: readonly Source[] = ["both", "model", "memory"];
const POLICIES: readonly AttributionPolicy[] = ["byLicence", "show", "badge", "block"];
const MOST = 1024;
const MOST_MILLISECONDS = 60_000;

/**
 * The configuration that `get` describes. Settings files are edited by hand, so any value may come;
 * one of a wrong type counts as absent.
 */
export function readConfiguration(get: (key: string) => unknown): Configuration {
  const text = (key: string) => {
    const value = get(key);
    return typeof value === "string" ? value.trim() : "";
  };
  const flag = (key: string, otherwise: boolean) => {
    const value = get(key);
    return typeof value === "boolean" ? value : otherwise;
  };
  const count = (key: string, otherwise: number, most = MOST) => {
    const value = get(key);
    return isCount(value, most) ? value : otherwise;
  };
  const minProbability = get("minProbability");
  const command = get("server.command");
  return {
    model: text("model"),
    automatic: flag("automatic", DEFAULTS.automatic),
    maxNewTokens: count("maxNewTokens", DEFAULTS.maxNewTokens),
    maxLines: count("maxLines", DEFAULTS.maxLines),
    minProbability: isShare(minProbability) ? minProbability : DEFAULTS.minProbability,
    source: oneOf(SOURCES, get("source")) ?? DEFAULTS.source,
    statistics: flag("statistics", DEFAULTS.statistics),
    pauseOnBattery: flag("pauseOnBattery", DEFAULTS.pauseOnBattery),
    attributionPolicy: oneOf(POLICIES, get("attribution.policy")) ?? DEFAULTS.attributionPolicy,
    attributionIndex: text("attribution.index"),
    attributionBudget: count("attribution.budget", DEFAULTS.attributionBudget, MOST_MILLISECONDS),
    attributionMarks: flag("attribution.marks", DEFAULTS.attributionMarks),
    serverCommand: isCommand(command) ? command : DEFAULTS.serverCommand,
    serverShared: flag("server.shared", DEFAULTS.serverShared),
    wheelIndex: text("server.wheelIndex"),
  };
}

/**
 * What the server is told at `initialize` and later; the names are those of its options.
 *
 * @param exclude what the user hides of the workspace
 * @param adapter what the model runs with, if one was chosen
 */
export function serverOptions(
  configuration: Configuration,
  exclude: readonly Glob[],
  adapter?: string,
): Record<string, unknown> {
  const { model, attributionIndex, attributionPolicy, attributionBudget } = configuration;
  return {
    ...(model === "" ? {} : { model }),
    ...(adapter === undefined ? {} : { adapter }),
    maxNewTokens: configuration.maxNewTokens,
    maxLines: configuration.maxLines,
    minProbability: configuration.minProbability,
    source: configuration.source,
    exclude,
    statistics: configuration.statistics,
    statusNotifications: true,
    ...(attributionIndex === "" ? {} : { attributionIndex }),
    ...(attributionBudget === DEFAULTS.attributionBudget
      ? {}
      : { attributionBudgetMs: attributionBudget }),
    ...(attributionPolicy === "byLicence" ? {} : { attributionPolicy }),
  };
}

function oneOf<T>(allowed: readonly T[], value: unknown): T | undefined {
  return allowed.find((each) => each === value);
}

function isCount(value: unknown, most: number): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most;
}

function isShare(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= 1;
}

function isCommand(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((part) => typeof part === "string" && part !== "");
}

// The extension's settings: what a user may write, and what is made of it. Knows no VS Code.

export interface Configuration {
  readonly enabled: boolean;
  /** Bundle folder or GGUF file; empty leaves the choice to the server. */
  readonly model: string;
  /** Longest completion, in tokens. */
  readonly maxNewTokens: number;
  /** Program and leading arguments; empty means that the server is looked for. */
  readonly serverCommand: readonly string[];
}

export const DEFAULTS: Configuration = {
  enabled: true,
  model: "",
  maxNewTokens: 64,
  serverCommand: [],
};

const MOST_NEW_TOKENS = 1024;

/**
 * The configuration that `get` describes. Settings files are edited by hand, so any value may come;
 * one of a wrong type counts as absent.
 */
export function readConfiguration(get: (key: string) => unknown): Configuration {
  const enabled = get("enabled");
  const model = get("model");
  const maxNewTokens = get("maxNewTokens");
  const command = get("server.command");
  return {
    enabled: typeof enabled === "boolean" ? enabled : DEFAULTS.enabled,
    model: typeof model === "string" ? model.trim() : DEFAULTS.model,
    maxNewTokens: isCount(maxNewTokens) ? maxNewTokens : DEFAULTS.maxNewTokens,
    serverCommand: isCommand(command) ? command : DEFAULTS.serverCommand,
  };
}

/** What the server is told at `initialize`; the names are those of its `initializationOptions`. */
export function initializationOptions(configuration: Configuration): Record<string, unknown> {
  return {
    ...(configuration.model === "" ? {} : { model: configuration.model }),
    maxNewTokens: configuration.maxNewTokens,
  };
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MOST_NEW_TOKENS;
}

function isCommand(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((part) => typeof part === "string" && part !== "");
}

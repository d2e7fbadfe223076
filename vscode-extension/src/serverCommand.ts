// Which program is the server: the setting's, else the `inkling` of the user's Python, else that of
// the PATH, else the one that the extension installed. A folder that someone opens must not be able to
// bring its own server: what the PATH holds of it is left out, and its Python counts only once the
// user trusts it. Knows no VS Code and reads no disk itself.

import type { PlatformPath } from "node:path";

const SERVE = "lsp";

export interface ServerCommand {
  /** Absolute path, or what the user wrote in the setting. */
  readonly command: string;
  readonly args: readonly string[];
  /** Where it was found, for the log and the tooltip. */
  readonly origin: "setting" | "python" | "path" | "installed";
}

export interface Interpreter {
  /** A `python.defaultInterpreterPath`: a program, or the folder of an environment. */
  readonly path: string;
  /** Whether it stands in the user's own settings rather than in the workspace's. */
  readonly byUser: boolean;
}

export interface Surroundings {
  readonly configured: readonly string[];
  /** Whether all windows share one process. */
  readonly shared: boolean;
  /** Those of the workspace among them only if the user trusts it. */
  readonly interpreters: readonly Interpreter[];
  readonly searchPath: string | undefined;
  /** Python of the extension's own environment, if it was installed. */
  readonly installedPython?: string | undefined;
  readonly home: string;
  readonly workspaceFolders: readonly string[];
  readonly windows: boolean;
  /** `node:path`, of the platform that the server runs on. */
  readonly path: PlatformPath;
  readonly isFile: (path: string) => boolean;
}

/**
 * The path that a setting of the workspace means: `${workspaceFolder}/.venv`, or one below the folder.
 *
 * @param value of the setting, of whatever type
 */
export function inFolder(
  value: unknown,
  folder: string | undefined,
  platform: PlatformPath,
): unknown {
  if (typeof value !== "string" || folder === undefined) {
    return value;
  }
  const known = value.trim().replace(/\$\{workspace(?:Folder|Root)\}/g, folder);
  // A bare name is no path: it is looked up elsewhere.
  const isPath = known.includes("/") || known.includes(platform.sep);
  const isBelow = isPath && !platform.isAbsolute(known) && !/^~[\\/]/.test(known);
  return isBelow ? platform.join(folder, known) : known;
}

/** The program to start, or `undefined` if there is none. */
export function findServerCommand(around: Surroundings): ServerCommand | undefined {
  const serve = around.shared ? [SERVE, "--share"] : [SERVE];
  const [configured, ...before] = around.configured;
  if (configured !== undefined) {
    const args = [...before, ...serve];
    return { command: expandHome(configured, around), args, origin: "setting" };
  }
  for (const interpreter of around.interpreters) {
    for (const candidate of besideInterpreter(interpreter.path, around)) {
      if (around.isFile(candidate)) {
        return { command: candidate, args: serve, origin: "python" };
      }
    }
  }
  for (const candidate of onSearchPath(around)) {
    if (!isInWorkspace(candidate, around) && around.isFile(candidate)) {
      return { command: candidate, args: serve, origin: "path" };
    }
  }
  if (around.installedPython !== undefined) {
    const args = ["-P", "-m", "inkling", ...serve];
    return { command: around.installedPython, args, origin: "installed" };
  }
  return undefined;
}

/** The command line of another of Inkling's commands, from that of the server. */
export function siblingCommand(server: ServerCommand, ...command: string[]): string[] {
  return [server.command, ...server.args.slice(0, server.args.lastIndexOf(SERVE)), ...command];
}

function programName(around: Surroundings): string {
  return around.windows ? "inkling.exe" : "inkling";
}

/** Where environments put their programs: beside Python, or one folder down in `bin` or `Scripts`. */
function besideInterpreter(interpreter: string, around: Surroundings): string[] {
  const python = expandHome(interpreter.trim(), around);
  if (!around.path.isAbsolute(python)) {
    return []; // A bare name is looked up on the PATH; a relative path lies in the workspace.
  }
  const folder = around.path.dirname(python);
  const inEnvironment = around.windows ? "Scripts" : "bin";
  const folders = around.windows
    ? [folder, around.path.join(folder, inEnvironment), around.path.join(python, inEnvironment)]
    : [folder, around.path.join(python, inEnvironment)];
  return folders.map((each) => around.path.join(each, programName(around)));
}

function onSearchPath(around: Surroundings): string[] {
  return (around.searchPath ?? "")
    .split(around.path.delimiter)
    .filter((folder) => around.path.isAbsolute(folder))
    .map((folder) => around.path.join(folder, programName(around)));
}

function isInWorkspace(program: string, around: Surroundings): boolean {
  return around.workspaceFolders.some((folder) => {
    const between = around.path.relative(folder, program);
    return !/^\.\.(?:[\\/]|$)/.test(between) && !around.path.isAbsolute(between);
  });
}

function expandHome(path: string, around: Surroundings): string {
  return /^~[\\/]/.test(path) ? around.path.join(around.home, path.slice(2)) : path;
}

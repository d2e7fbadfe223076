// Which Pythons there may be, and whether one is new enough. Knows no VS Code.

import { run } from "../process";

export const LEAST: readonly [number, number] = [3, 11];

export interface Python {
  readonly commandLine: readonly string[];
  readonly version: readonly [number, number];
}

/** Command lines worth trying, the user's own choice first. */
export function candidates(chosen: readonly string[], windows: boolean): string[][] {
  const usual = windows
    ? [["py", "-3"], ["python"], ["python3"]]
    : [["python3"], ["python3.13"], ["python3.12"], ["python3.11"], ["python"]];
  return [...chosen.map((path) => [path]), ...usual];
}

export function isNewEnough([major, minor]: readonly [number, number]): boolean {
  return major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1]);
}

/** @param output of `python -c` that prints major and minor version */
export function readVersion(output: string): [number, number] | undefined {
  const found = /^(\d+) (\d+)$/m.exec(output.trim());
  return found === null ? undefined : [Number(found[1]), Number(found[2])];
}

/** The first that is new enough; else the newest that was found; undefined if there is none. */
export async function findPython(
  commandLines: readonly string[][],
  ask: typeof run = run,
): Promise<Python | undefined> {
  let best: Python | undefined;
  for (const commandLine of commandLines) {
    const program = "import sys; print(*sys.version_info[:2])";
    const { status, output } = await ask([...commandLine, "-I", "-c", program]);
    const version = status === 0 ? readVersion(output) : undefined;
    if (version === undefined) {
      continue;
    }
    if (isNewEnough(version)) {
      return { commandLine, version };
    }
    if (best === undefined || isNewer(version, best.version)) {
      best = { commandLine, version };
    }
  }
  return best;
}

function isNewer(one: readonly [number, number], other: readonly [number, number]): boolean {
  return one[0] > other[0] || (one[0] === other[0] && one[1] > other[1]);
}

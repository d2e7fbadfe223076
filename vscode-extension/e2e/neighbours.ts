// What the machine and the editor have beside Inkling: another extension, a battery.

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { EXTENSION } from "./places";

/** An extension that does nothing but bear the name of one that completes code, too. */
export function packOther(folder: string): string {
  return pack(folder, { name: "twinny", publisher: "rjmacarthy", displayName: "twinny" });
}

/** An extension with the Python extension's name and API, in which an environment is selected. */
export function packPython(folder: string, environment: string): string {
  const program =
    "exports.activate = () => ({ environments: {" +
    `getActiveEnvironmentPath: () => ({ id: "one", path: ${JSON.stringify(environment)} }),` +
    "onDidChangeActiveEnvironmentPath: () => ({ dispose() {} }) } });";
  const names = { name: "python", publisher: "ms-python", displayName: "Python" };
  return pack(folder, names, program);
}

function pack(folder: string, names: { name: string; [key: string]: string }, program?: string): string {
  const place = path.join(folder, names.name);
  const vsix = path.join(folder, `${names.name}.vsix`);
  mkdirSync(place);
  const manifest = {
    version: "3.0.0",
    engines: { vscode: "^1.91.0" },
    // One with a program would be off in a folder that isn't trusted.
    ...(program === undefined ? {} : { main: "./extension.js", activationEvents: [] }),
    ...names,
  };
  writeFileSync(path.join(place, "package.json"), JSON.stringify(manifest));
  writeFileSync(path.join(place, "extension.js"), program ?? "");
  writeFileSync(path.join(place, "LICENSE"), "");
  writeFileSync(path.join(place, "README.md"), "Stands for another extension.");
  const vsce = path.join(EXTENSION, "node_modules", ".bin", "vsce");
  const quiet = ["--allow-missing-repository", "--no-dependencies", "--out", vsix];
  execFileSync(vsce, ["package", ...quiet], { cwd: place, stdio: "ignore" });
  return vsix;
}

const SUPPLIES = "/sys/class/power_supply";

/** What runs a program on a machine whose battery is being emptied; undefined if that can't be. */
export function onBattery(folder: string): string[] | undefined {
  const supplies = path.join(folder, "supplies");
  mkdirSync(path.join(supplies, "BAT0"), { recursive: true });
  for (const [file, value] of Object.entries({ type: "Battery", status: "Discharging" })) {
    writeFileSync(path.join(supplies, "BAT0", file), `${value}\n`);
  }
  const script = `mount --bind '${supplies}' ${SUPPLIES} && exec "$@"`;
  const parameters = ["--map-root-user", "--mount", "sh", "-c", script, "sh"];
  try {
    execFileSync("unshare", [...parameters, "true"], { stdio: "ignore" });
    return ["unshare", ...parameters];
  } catch {
    return undefined; // no such folder, or namespaces are not for everybody here
  }
}

import { chmodSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import {
  carriedWheel,
  install,
  installedPython,
  installedWheel,
  pipError,
  pipInstall,
  pythonOf,
} from "../src/installation/environment";
import { candidates, findPython, isNewEnough, readVersion } from "../src/installation/pythons";

const folder = () => mkdtempSync(path.join(tmpdir(), "inkling-install-"));
const silent = () => ({
  step: () => undefined,
  line: () => undefined,
  signal: new AbortController().signal,
});

/** A program that answers like a Python of this version, and makes no environments. */
function fakePython(version: string): string {
  const program = path.join(folder(), "python3");
  writeFileSync(program, `#!/bin/sh\ncase "$*" in *version_info*) echo '${version}';; *) exit 1;; esac\n`);
  chmodSync(program, 0o755);
  return program;
}

describe("the Pythons of a machine", () => {
  it("begin with the one that the user chose", () => {
    expect(candidates(["/opt/python"], false)[0]).toEqual(["/opt/python"]);
    expect(candidates([], true)[0]).toEqual(["py", "-3"]);
  });

  it("are new enough from 3.11 on", () => {
    expect(isNewEnough([3, 10])).toBe(false);
    expect(isNewEnough([3, 11])).toBe(true);
    expect(isNewEnough([4, 0])).toBe(true);
    expect(readVersion("3 12\n")).toEqual([3, 12]);
    expect(readVersion("Python was not found; run without arguments")).toBeUndefined();
  });

  it("are asked in turn until one will do; else the newest of them is named", async () => {
    const [old, older, good] = ["3 9", "3 8", "3 12"].map(fakePython);
    const found = await findPython([["/no/python"], [older ?? ""], [old ?? ""], [good ?? ""]]);
    expect(found?.version).toEqual([3, 12]);
    expect((await findPython([[older ?? ""], [old ?? ""]]))?.version).toEqual([3, 9]);
    expect(await findPython([["/no/python"]])).toBeUndefined();
  });
});

describe("an installation", () => {
  const plan = () => ({
    folder: path.join(folder(), "environment"),
    wheel: "/w/inkling-1.whl",
    wheelIndex: "",
  });

  it("says what is missing when there is no Python, or an old one", async () => {
    await expect(install(plan(), undefined, silent())).rejects.toThrow(
      "No Python was found; Inkling needs Python 3.11 or newer: install it.",
    );
    const old = { commandLine: ["python3"], version: [3, 9] as const };
    await expect(install(plan(), old, silent())).rejects.toThrow("Python 3.9 is too old");
  });

  it("that fails leaves nothing that would be used", async () => {
    const where = plan();
    const python = { commandLine: [fakePython("3 12")], version: [3, 12] as const };
    await expect(install(where, python, silent())).rejects.toThrow("could not be made");
    expect(installedPython(where.folder)).toBeUndefined();
  });

  it("is whole only with its last file", () => {
    const where = plan().folder;
    mkdirSync(path.dirname(pythonOf(where)), { recursive: true });
    writeFileSync(pythonOf(where), "");
    expect(installedPython(where)).toBeUndefined();
    writeFileSync(path.join(where, "inkling-installed.json"), '{"wheel": "inkling-1.whl"}');
    expect(installedPython(where)).toBe(pythonOf(where));
    expect(installedWheel(where)).toBe("inkling-1.whl");
  });

  it("asks a further index for prebuilt wheels only where one is named", () => {
    expect(pipInstall(plan())).not.toContain("--extra-index-url");
    const wheelIndex = "https://example.org/whl";
    expect(pipInstall({ ...plan(), wheelIndex })).toContain(wheelIndex);
  });

  it("takes the wheel that the extension carries", () => {
    const where = folder();
    expect(carriedWheel(where)).toBeUndefined();
    expect(carriedWheel(path.join(where, "absent"))).toBeUndefined();
    writeFileSync(path.join(where, "inkling-1-py3-none-any.whl"), "");
    expect(existsSync(carriedWheel(where) ?? "")).toBe(true);
  });

  it("gives pip's own reason", () => {
    const errors = "WARNING: x\nERROR: No matching distribution found for llama-cpp-python\n\n";
    expect(pipError(errors)).toBe("No matching distribution found for llama-cpp-python");
    expect(pipError("")).toBe("its log says why");
  });
});

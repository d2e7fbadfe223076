import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { addTuning, carriedWheel, install, pipInstall } from "../src/installation/environment";
import {
  finish,
  freshFolder,
  installed,
  installedPython,
  markUsed,
  pythonOf,
  removeOld,
} from "../src/installation/environments";
import { Lock } from "../src/installation/lock";
import { environmentFailure, pipError, pipFailure } from "../src/installation/pipErrors";
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

  it("are compared by their whole version", async () => {
    const [three, two] = ["3 6", "2 7"].map(fakePython);
    expect((await findPython([[three ?? ""], [two ?? ""]]))?.version).toEqual([3, 6]);
  });
});

/** A Python whose environments note what they are asked for; with the file "broken" they fail. */
function environmentMaker(home: string): string {
  const program = path.join(folder(), "python3");
  const inside = `#!/bin/sh\necho "$*" >> '${home}/asked'\n[ ! -e '${home}/broken' ]\n`;
  const make = `mkdir -p "$3/bin"; printf '%s' "$INSIDE" > "$3/bin/python"; chmod +x "$3/bin/python"`;
  writeFileSync(program, `#!/bin/sh\nINSIDE=$(cat <<'END'\n${inside}END\n)\n${make}\n`);
  chmodSync(program, 0o755);
  return program;
}

describe("an installation", () => {
  const plan = (home = folder()) => ({
    home,
    wheel: "/w/inkling-0.2.0-py3-none-any.whl",
    wheelIndex: "",
  });
  const maker = (home: string) => ({
    commandLine: [environmentMaker(home)],
    version: [3, 12] as const,
  });
  const asked = (home: string) => readFileSync(path.join(home, "asked"), "utf8");

  it("says what is missing when there is no Python, or an old one", async () => {
    await expect(install(plan(), undefined, silent())).rejects.toMatchObject({
      message: "No Python was found; Inkling needs Python 3.11 or newer: install it.",
      help: "getPython",
    });
    const old = { commandLine: ["python3"], version: [3, 9] as const };
    await expect(install(plan(), old, silent())).rejects.toThrow("Python 3.9 is too old");
  });

  it("that fails leaves nothing that would be used", async () => {
    const where = plan();
    const python = { commandLine: [fakePython("3 12")], version: [3, 12] as const };
    await expect(install(where, python, silent())).rejects.toThrow("could not be made");
    expect(installedPython(where.home)).toBeUndefined();
  });

  it("that fails leaves the one before as it was; one that succeeds replaces it", async () => {
    const where = plan();
    const python = maker(where.home);
    await install(where, python, silent());
    const before = installedPython(where.home) ?? "";
    writeFileSync(path.join(where.home, "broken"), "");
    await expect(install(where, python, silent())).rejects.toThrow("pip could not install");
    expect(installedPython(where.home)).toBe(before);
    expect(existsSync(before)).toBe(true);
    rmSync(path.join(where.home, "broken"));
    await install(where, python, silent());
    expect(installedPython(where.home)).not.toBe(before);
  });

  it("asks pip for what fetches models, and keeps what was added for tuning", async () => {
    const where = plan();
    const python = maker(where.home);
    await install(where, python, silent());
    expect(asked(where.home)).toContain("inkling[models] @ file:///w/inkling-0.2.0-py3-none-any.whl");
    expect(installed(where.home)?.extras).toEqual(["models"]);
    await addTuning(where, silent());
    expect(asked(where.home)).toContain("inkling[models,train] @ file:///w/inkling-0.2.0");
    await install(where, python, silent());
    expect(installed(where.home)?.extras).toEqual(["models", "train"]);
  });

  it("names the wheel as an address, whatever is in its path", () => {
    const wheel = path.resolve("/a b/ü#/inkling-1-py3-none-any.whl");
    const requirement = pipInstall("/e", { ...plan(), wheel }, ["models"]).at(-1) ?? "";
    expect(requirement).toMatch(/^inkling\[models\] @ file:\/\/\/[^ ]*$/);
    expect(requirement).toContain("a%20b/%C3%BC%23/inkling-1");
  });

  it("asks a further index for prebuilt wheels only where one is named", () => {
    expect(pipInstall("/e", plan(), [])).not.toContain("--extra-index-url");
    const wheelIndex = "https://example.org/whl";
    expect(pipInstall("/e", { ...plan(), wheelIndex }, [])).toContain(wheelIndex);
  });

  it("takes the wheel that the extension carries", () => {
    const where = folder();
    expect(carriedWheel(where)).toBeUndefined();
    expect(carriedWheel(path.join(where, "absent"))).toBeUndefined();
    writeFileSync(path.join(where, "inkling-1-py3-none-any.whl"), "");
    expect(existsSync(carriedWheel(where) ?? "")).toBe(true);
  });

  it("waits for another window's, which it leaves alone", async () => {
    const where = plan();
    const lock = Lock.take(where.home);
    await expect(install(where, maker(where.home), silent())).rejects.toMatchObject({
      message: "Another window is installing Inkling: wait until it has finished.",
      help: "tryAgain",
    });
    lock?.release();
    await install(where, maker(where.home), silent());
    expect(installedPython(where.home)).toBeDefined();
  });
});

describe("the lock of installations", () => {
  const GONE = "2147483646"; // no system has so many processes

  it("is held by one, and given back", () => {
    const home = folder();
    const lock = Lock.take(home);
    expect(Lock.take(home)).toBeUndefined();
    lock?.release();
    expect(Lock.take(home)).toBeDefined();
  });

  it("is taken over from a process that is gone, or that has forgotten it", () => {
    const home = folder();
    const file = path.join(home, "install.lock");
    writeFileSync(file, GONE);
    const lock = Lock.take(home);
    expect(readFileSync(file, "utf8")).toBe(String(process.pid));
    const longAgo = new Date(Date.now() - 3_600_000);
    utimesSync(file, longAgo, longAgo);
    expect(Lock.take(home)).toBeDefined();
    lock?.release();
  });
});

describe("the environments of a machine", () => {
  const made = { wheel: "inkling-1.whl", extras: ["models"] };

  function environment(home: string, whole = true): string {
    const where = freshFolder(home, "/w/inkling-1.0-py3-none-any.whl");
    mkdirSync(path.dirname(pythonOf(where)), { recursive: true });
    writeFileSync(pythonOf(where), "");
    if (whole) {
      finish(where, made);
      const number = Number(where.split("-").at(-1));
      utimesSync(path.join(where, "inkling-installed.json"), number, number);
    }
    return where;
  }

  it("are whole only with their last file", () => {
    const home = folder();
    const where = environment(home, false);
    expect(installedPython(home)).toBeUndefined();
    finish(where, made);
    expect(installedPython(home)).toBe(pythonOf(where));
    expect(installed(home)).toEqual(made);
  });

  it("have folders of their own, named by the version", () => {
    const home = folder();
    const names = [environment(home), environment(home)].map((where) => path.basename(where));
    expect(names).toEqual(["environment-1.0-1", "environment-1.0-2"]);
    expect(installedPython(home)).toContain("environment-1.0-2");
  });

  it("are removed once replaced, or never finished, unless a window uses them", async () => {
    const home = folder();
    const used = environment(home);
    markUsed(home);
    const [replaced, half, newest] = [environment(home), environment(home, false), environment(home)];
    await removeOld(home);
    const there = [used, replaced, half, newest].map((where) => existsSync(where));
    expect(there).toEqual([true, false, false, true]);
  });

  it("are left alone while one is being made", async () => {
    const home = folder();
    const half = environment(home, false);
    const lock = Lock.take(home);
    await removeOld(home);
    expect(existsSync(half)).toBe(true);
    lock?.release();
  });
});

describe("what went wrong with an installation", () => {
  const ended = (output: string, errors: string) => ({ status: 1, output, errors });

  it("is pip's own reason", () => {
    const errors = "WARNING: x\nERROR: No matching distribution found for llama-cpp-python\n\n";
    expect(pipError(errors)).toBe("No matching distribution found for llama-cpp-python");
    expect(pipError("")).toBe("its log says why");
    expect(pipFailure(ended("", errors)).help).toBe("showLog");
  });

  it("is a package of Debian's, which it names on standard output", () => {
    const said =
      "The virtual environment was not created successfully because ensurepip is not\n" +
      "available.  On Debian/Ubuntu systems, you need to install the python3-venv\n" +
      "package using the following command.\n\n    apt install python3.11-venv\n";
    const failure = environmentFailure(ended(said, ""));
    expect(failure.message).toBe(
      "This Python can't make environments: install the package python3.11-venv.",
    );
    expect(failure.help).toBe("tryAgain");
    const none = environmentFailure(ended("", "/usr/bin/python3: No module named venv"));
    expect(none.message).toContain("python3-venv");
  });

  it.each([
    "  ERROR: Failed building wheel for llama-cpp-python\n" +
      "ERROR: Could not build wheels for llama-cpp-python, which is required to install " +
      "pyproject.toml-based projects\n",
    "  error: subprocess-exited-with-error\n  × Building wheel for llama-cpp-python " +
      "(pyproject.toml) did not run successfully.\n  │ exit code: 1\n" +
      "error: failed-wheel-build-for-install\n\n× Failed to build installable wheels for some " +
      "pyproject.toml based projects\n╰─> llama-cpp-python\n",
    "ERROR: ERROR: Failed to build installable wheels for some pyproject.toml based projects " +
      "(llama-cpp-python)\n",
  ])("is the compiler, in the words of old and new pips", (errors) => {
    const failure = pipFailure(ended("Building wheels for collected packages\n", errors));
    expect(failure.message).toMatch(/^llama-cpp-python could not be compiled: .*compiler.*\.$/);
    expect(failure.help).toBe("wheelIndex");
  });

  it("is not the compiler where another package fails", () => {
    const errors = "ERROR: Could not build wheels for pydivsufsort\n";
    const output = "Collecting llama-cpp-python\nBuilding wheel for llama-cpp-python: finished\n";
    expect(pipFailure(ended(output, errors)).help).toBe("showLog");
  });
});

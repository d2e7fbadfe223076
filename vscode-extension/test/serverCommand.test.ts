import path from "node:path";
import { describe, expect, it } from "vitest";
import { findServerCommand, inFolder, siblingCommand, type Surroundings } from "../src/serverCommand";

interface Machine extends Partial<Surroundings> {
  files?: string[];
}

function find({ files = [], ...around }: Machine) {
  return findServerCommand({
    configured: [],
    shared: false,
    interpreters: [],
    searchPath: undefined,
    home: "/home/ada",
    workspaceFolders: ["/home/ada/project"],
    windows: false,
    path: path.posix,
    isFile: (file) => files.includes(file),
    ...around,
  });
}

describe("the setting", () => {
  it("goes before everything else, with its arguments", () => {
    const found = find({
      configured: ["/opt/python", "-P", "-m", "inkling"],
      searchPath: "/usr/bin",
      files: ["/usr/bin/inkling"],
    });
    expect(found).toEqual({
      command: "/opt/python",
      args: ["-P", "-m", "inkling", "lsp"],
      origin: "setting",
    });
  });

  it("may start at the user's home", () => {
    expect(find({ configured: ["~/bin/inkling"] })?.command).toBe("/home/ada/bin/inkling");
  });

  it("may name a program of the workspace, for the user chose it", () => {
    const command = "/home/ada/project/.venv/bin/inkling";
    expect(find({ configured: [command] })?.command).toBe(command);
  });
});

describe("the user's Python", () => {
  const files = ["/envs/tools/bin/inkling", "/usr/bin/inkling"];
  const searchPath = "/usr/bin";

  it.each(["/envs/tools/bin/python", "/envs/tools/bin/python3.12", "/envs/tools"])(
    "has Inkling beside it: %s",
    (python) => {
      const found = find({ interpreters: [{ path: python, byUser: true }], searchPath, files });
      expect(found).toEqual({ command: files[0], args: ["lsp"], origin: "python" });
    },
  );

  it.each(["python", "", "./.venv/bin/python", "/envs/without/bin/python"])(
    "is passed over when it is %j",
    (python) => {
      const found = find({ interpreters: [{ path: python, byUser: true }], searchPath, files });
      expect(found?.origin).toBe("path");
    },
  );

  it("may lie in the workspace, once that is trusted", () => {
    const python = "/home/ada/project/.venv/bin/python";
    const inside = ["/home/ada/project/.venv/bin/inkling"];
    expect(find({ interpreters: [{ path: python, byUser: false }], files: inside })?.command).toBe(
      inside[0],
    );
  });

  it("of the workspace's settings is good when it lies elsewhere", () => {
    const found = find({
      interpreters: [{ path: "/envs/tools/bin/python", byUser: false }],
      files,
    });
    expect(found?.command).toBe(files[0]);
  });
});

describe("a path in the workspace's settings", () => {
  it.each([
    ["${workspaceFolder}/.venv/bin/python", "/home/ada/project/.venv/bin/python"],
    [".venv/bin/python", "/home/ada/project/.venv/bin/python"],
    ["./.venv", "/home/ada/project/.venv"],
    ["/envs/tools/bin/python", "/envs/tools/bin/python"],
    ["~/envs/bin/python", "~/envs/bin/python"],
    ["python3", "python3"],
    [7, 7],
  ])("%j is %j", (value, meant) => {
    expect(inFolder(value, "/home/ada/project", path.posix)).toBe(meant);
  });

  it("is left alone without a folder", () => {
    expect(inFolder(".venv/bin/python", undefined, path.posix)).toBe(".venv/bin/python");
  });
});

describe("the PATH", () => {
  it("is searched in order", () => {
    const found = find({
      searchPath: "/empty:/usr/local/bin:/usr/bin",
      files: ["/usr/bin/inkling", "/usr/local/bin/inkling"],
    });
    expect(found).toEqual({ command: "/usr/local/bin/inkling", args: ["lsp"], origin: "path" });
  });

  it.each([".", "", "bin", "./node_modules/.bin", "/home/ada/project", "/home/ada/project/bin"])(
    "never leads into the workspace: %j",
    (folder) => {
      const isFile = () => true;
      expect(find({ searchPath: folder, isFile })).toBe(undefined);
      expect(find({ searchPath: `${folder}:/usr/bin`, isFile })?.command).toBe("/usr/bin/inkling");
    },
  );

  it("knows a neighbour of the workspace from the workspace", () => {
    const files = ["/home/ada/project-tools/inkling", "/home/ada/inkling"];
    expect(find({ searchPath: "/home/ada/project-tools", files })?.command).toBe(files[0]);
    expect(find({ searchPath: "/home/ada", files })?.command).toBe(files[1]);
  });

  it("may be unset", () => {
    expect(find({})).toBe(undefined);
  });
});

describe("on Windows", () => {
  const windows = {
    windows: true,
    path: path.win32,
    home: "C:\\Users\\ada",
    workspaceFolders: ["C:\\Work\\Project"],
  };

  it.each(["C:\\env\\Scripts\\python.exe", "C:\\env\\python.exe", "C:\\env"])(
    "programs lie in Scripts: %s",
    (python) => {
      const file = "C:\\env\\Scripts\\inkling.exe";
      const interpreters = [{ path: python, byUser: true }];
      expect(find({ ...windows, interpreters, files: [file] })?.command).toBe(file);
    },
  );

  it("the workspace is known in any case, and other drives are elsewhere", () => {
    const isFile = () => true;
    expect(find({ ...windows, searchPath: "c:\\work\\project\\bin", isFile })).toBe(undefined);
    expect(find({ ...windows, searchPath: "D:\\bin", isFile })?.command).toBe(
      "D:\\bin\\inkling.exe",
    );
  });
});

describe("a server for all windows", () => {
  const shared = find({ shared: true, searchPath: "/usr/bin", files: ["/usr/bin/inkling"] });

  it("is asked for by a flag", () => {
    expect(shared?.args).toEqual(["lsp", "--share"]);
  });

  it("leaves the other commands as they are", () => {
    expect(shared && siblingCommand(shared, "stats")).toEqual(["/usr/bin/inkling", "stats"]);
    const module_ = find({ configured: ["/opt/python", "-m", "inkling"], shared: true });
    expect(module_ && siblingCommand(module_, "doctor")).toEqual([
      "/opt/python",
      "-m",
      "inkling",
      "doctor",
    ]);
  });
});

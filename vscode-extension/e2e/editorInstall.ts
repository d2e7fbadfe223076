// A complete VS Code server from npm: the package `code-server` carries one in lib/vscode. Fetched
// once into the cache; nothing is compiled, and code-server's own wrapper is not used.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { CACHE, type Release, ripgrep } from "./places";

export interface Installed {
  /** The program that runs `main`. */
  readonly node: string;
  /** The server's entry, out/server-main.js. */
  readonly main: string;
}

const TERMINAL = "1.1.0";
// Our own strictness about Node reaches a nested npm through the environment; the editor's packages
// are made for the Node that the editor brings.
const LENIENT = "--engine-strict=false";
const COMPLETE = ["--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", LENIENT];

/** Fetch a release unless the cache has it. */
export function installEditor(release: Release): Installed {
  const folder = path.join(CACHE, `code-server-${release.codeServer}`);
  const code = path.join(folder, "package", "lib", "vscode");
  const finished = path.join(folder, "finished");
  if (!existsSync(finished)) {
    console.log(`fetching VS Code (code-server ${release.codeServer} from npm) …`);
    rmSync(folder, { recursive: true, force: true });
    unpack(`code-server@${release.codeServer}`, folder);
    for (const place of [code, path.join(code, "extensions")]) {
      npm(["install", ...COMPLETE], place);
    }
    finish(code);
    writeFileSync(finished, "");
  }
  bringRipgrep(code);
  bringTerminal(code);
  return {
    node: release.node === undefined ? process.execPath : installNode(release.node),
    main: path.join(code, "out", "server-main.js"),
  };
}

/** What code-server's own installation scripts would do, without compiling. */
function finish(code: string): void {
  const asar = path.join(code, "node_modules.asar");
  if (!existsSync(asar)) {
    symlinkSync("node_modules", asar);
  }
}

/** The editor's package of ripgrep fetches its program from another host, so this machine's serves. */
function bringRipgrep(code: string): void {
  const program = ripgrep();
  const bin = path.join(code, "node_modules", "@vscode", "ripgrep", "bin");
  if (program !== undefined && existsSync(path.dirname(bin)) && !existsSync(path.join(bin, "rg"))) {
    mkdirSync(bin, { recursive: true });
    symlinkSync(program, path.join(bin, "rg"));
  }
}

/** Terminals need a compiled module; the npm package of this name has it for Linux, compiled. */
function bringTerminal(code: string): void {
  const module = path.join(code, "node_modules", "node-pty");
  const target = path.join(module, "build", "Release");
  const prebuilt = path.join(module, "prebuilds", `linux-${process.arch}`, "pty.node");
  if (existsSync(prebuilt) || existsSync(path.join(target, "pty.node"))) {
    return;
  }
  unpack(`@lydell/node-pty-linux-${process.arch}@${TERMINAL}`, target);
  renameSync(path.join(target, "package", "pty.node"), path.join(target, "pty.node"));
}

function installNode(major: string): string {
  const folder = path.join(CACHE, `node-${major}`);
  const program = path.join(folder, "package", "bin", "node");
  if (!existsSync(program)) {
    console.log(`fetching Node ${major} from npm …`);
    unpack(`node-linux-${process.arch}@${major}`, folder);
  }
  return program;
}

/** Unpack an npm package into `folder`/package. */
function unpack(name: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  npm(["pack", name, "--silent"], folder);
  const archive = readdirSync(folder).find((file) => file.endsWith(".tgz"));
  if (archive === undefined) {
    throw new Error(`npm pack ${name} has left no archive`);
  }
  execFileSync("tar", ["-xzf", archive], { cwd: folder });
  rmSync(path.join(folder, archive));
}

function npm(commandLine: string[], cwd: string): void {
  execFileSync("npm", commandLine, { cwd, stdio: ["ignore", "ignore", "inherit"] });
}

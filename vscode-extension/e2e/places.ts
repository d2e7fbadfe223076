// Where the real-editor tests find what they need, and where they put what they make.

import { existsSync } from "node:fs";
import path from "node:path";

/** An editor to test in: the release of code-server that carries it, and the Node it runs on. */
export interface Release {
  readonly codeServer: string;
  /** Major version of an npm-packaged Node; undefined: the one that runs the tests. */
  readonly node?: string;
}

export const SUPPORTED: Release = { codeServer: "4.100.3" };
export const NEWEST: Release = { codeServer: "4.139.1", node: "24" };

export const EXTENSION = path.resolve(import.meta.dirname, "..");
export const REPOSITORY = path.dirname(EXTENSION);
/** Downloaded editors and the data of the last run; git ignores it. */
export const CACHE = path.join(EXTENSION, ".vscode-test");
/** The README's pictures are taken anew only when asked for. */
export const SCREENSHOTS =
  process.env.INKLING_TEST_PICTURES === undefined
    ? path.join(CACHE, "pictures")
    : path.join(EXTENSION, "images");
export const VSIX = path.join(EXTENSION, "inkling.vsix");
export const STARTER_MODEL = path.join(REPOSITORY, "inkling", "starter");

/** The Python that runs the language server, of this checkout. */
export const PYTHON =
  process.env.INKLING_TEST_PYTHON ?? path.join(REPOSITORY, ".venv", "bin", "python");

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

const RIPGREP = ["/usr/bin/rg", "/usr/local/bin/rg"];

/** What VS Code finds files with; undefined if it isn't installed. */
export function ripgrep(): string | undefined {
  return RIPGREP.find((program) => existsSync(program));
}

/** The browser; undefined if none is installed. */
export function chromium(): string | undefined {
  return [process.env.INKLING_TEST_CHROMIUM, ...CHROMIUM].find(
    (program) => program !== undefined && existsSync(program),
  );
}

/** Why the tests can't run on this machine; undefined if they can. */
export function missing(): string | undefined {
  if (process.platform !== "linux") {
    return "the real-editor tests run on Linux only";
  }
  if (chromium() === undefined) {
    return "Chromium is not installed (Debian: apt install chromium)";
  }
  if (ripgrep() === undefined) {
    return "ripgrep, with which the editor finds files, is not installed (Debian: apt install ripgrep)";
  }
  if (!existsSync(PYTHON)) {
    return `there is no Python environment (${PYTHON}); 'make test' makes one`;
  }
  return existsSync(VSIX) ? undefined : "there is no inkling.vsix; 'make vsix' makes one";
}

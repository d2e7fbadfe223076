// The real language server of this checkout behind a small program of its own, so that its log can
// be read and its processes be found.

import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { PYTHON, REPOSITORY } from "./places";

export const REQUEST = "received textDocument/inlineCompletion";

/** A line of the local statistics, as far as it is looked at. */
interface Event {
  readonly kind: string;
  readonly characters: number;
  readonly suggestion: string;
}

export class TestServer {
  /** What the setting `inkling.server.command` names. */
  readonly program: string;
  readonly logFile: string;
  readonly environment: NodeJS.ProcessEnv;

  /** @param tuning options of each fine-tuning, after those that the extension gives */
  constructor(folder: string, tuning: readonly string[] = []) {
    this.program = path.join(folder, "inkling-under-test");
    this.logFile = path.join(folder, "server.log");
    this.environment = {
      INKLING_HOME: path.join(folder, "inkling-home"),
      PYTHONPATH: REPOSITORY,
      OMP_NUM_THREADS: "1",
    };
    const logging = `--log-level debug --log-file '${this.logFile}'`;
    writeFileSync(
      this.program,
      "#!/bin/sh\n" +
        `[ "$1" != finetune ] || set -- "$@" ${tuning.join(" ")}\n` +
        `[ "$1" = lsp ] || exec '${PYTHON}' -P -m inkling "$@"\n` +
        `exec '${PYTHON}' -P -m inkling "$@" ${logging}\n`,
    );
    chmodSync(this.program, 0o755);
  }

  get log(): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile, "utf8") : "";
  }

  /** The lines of the local statistics. */
  get statistics(): string {
    const file = path.join(this.environment.INKLING_HOME ?? "", "statistics.jsonl");
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  /** The same by suggestion: what happened to it, in order. */
  get suggestions(): Event[][] {
    const events = this.statistics.split("\n").filter(Boolean).map((line) => JSON.parse(line) as Event);
    const numbers = [...new Set(events.map(({ suggestion }) => suggestion))];
    return numbers.map((number) => events.filter(({ suggestion }) => suggestion === number));
  }

  /** How many requests for completions the server has received. */
  get requests(): number {
    return this.log.split(REQUEST).length - 1;
  }

  /** The processes that windows have started; with a shared server, relays to that. */
  get processes(): number[] {
    return processesWith(this.logFile);
  }

  /** The process that serves all windows, as long as there is one. */
  get shared(): number[] {
    return processesWith(path.join(this.environment.INKLING_HOME ?? "", "run"));
  }

  kill(): void {
    for (const process_ of [...this.processes, ...this.shared]) {
      process.kill(process_, "SIGKILL");
    }
  }
}

function processesWith(argument: string): number[] {
  const listing = execFileSync("ps", ["-ww", "-eo", "pid=,args="], { encoding: "utf8" });
  return listing
    .split("\n")
    .filter((line) => line.includes(argument) && !line.includes("ps -ww"))
    .map((line) => Number.parseInt(line, 10));
}

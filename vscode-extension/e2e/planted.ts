// What the scenarios need around the server: an index of training data that holds one text, a bundle
// of the starter model that belongs to no corpus of its own, so that this index is as good as any;
// adapters, and a model hub.

import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { PYTHON, REPOSITORY, STARTER_MODEL } from "./places";

/** The hub's library reads 10 MB at a time, so that a bar needs some more to move. */
const PADDING = "40000000";
const BYTES_A_SECOND = "15000000";

const ENVIRONMENT = { ...process.env, PYTHONPATH: REPOSITORY, OMP_NUM_THREADS: "1" };

function script(name: string): string {
  return path.join(import.meta.dirname, name);
}

/** @param name of the index's folder in `folder` */
export function plantIndex(folder: string, text: string, name: string): string {
  const file = path.join(folder, `${name}.py`);
  const index = path.join(folder, name);
  writeFileSync(file, text);
  execFileSync(PYTHON, [script("plant_index.py"), file, index, STARTER_MODEL], {
    cwd: REPOSITORY,
    env: ENVIRONMENT,
  });
  return index;
}

/** An adapter among the installed models of `home`; it fits the starter model if it has its width. */
export function plantAdapter(home: string, name: string, base: string, width: number): void {
  const parameters = [name, base, String(width), home];
  execFileSync(PYTHON, [script("plant_adapter.py"), ...parameters], {
    cwd: REPOSITORY,
    env: ENVIRONMENT,
  });
}

/** A checkpoint of a model so small that it is tuned in seconds. */
export function plantTiny(folder: string): string {
  const checkpoint = path.join(folder, "tiny");
  mkdirSync(checkpoint);
  execFileSync(PYTHON, [script("plant_tiny.py"), checkpoint], {
    cwd: REPOSITORY,
    env: ENVIRONMENT,
  });
  return checkpoint;
}

export interface Hub {
  readonly address: string;
  stop(): void;
}

/** A model hub on this machine that has one model of the list: the starter model, made larger. */
export async function startHub(): Promise<Hub> {
  const name = "ggml-org/Qwen2.5-Coder-0.5B-Q8_0-GGUF/qwen2.5-coder-0.5b-q8_0.gguf";
  const file = path.join(STARTER_MODEL, "model.gguf");
  const hub = spawn(PYTHON, [script("serve_hub.py"), name, file, PADDING, BYTES_A_SECOND], {
    cwd: REPOSITORY,
    env: ENVIRONMENT,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: hub.stdout });
  const address = await new Promise<string>((resolve, reject) => {
    lines.once("line", resolve);
    hub.once("exit", () => {
      reject(new Error("the hub does not start"));
    });
  });
  return {
    address,
    stop: () => {
      hub.stdin.end();
    },
  };
}

/** A copy of the starter model under another name. */
export function copyModel(folder: string, name: string): string {
  const target = path.join(folder, name);
  cpSync(STARTER_MODEL, target, { recursive: true });
  const manifest = path.join(target, "bundle.json");
  const bundle = JSON.parse(readFileSync(manifest, "utf8")) as Record<string, unknown>;
  writeFileSync(manifest, JSON.stringify({ ...bundle, name, corpus: null }));
  return target;
}

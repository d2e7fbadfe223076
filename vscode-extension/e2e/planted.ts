// An index of training data that holds one text, and a bundle of the starter model that belongs to no
// corpus of its own, so that this index is as good as any.

import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { PYTHON, REPOSITORY, STARTER_MODEL } from "./places";

export function plantIndex(folder: string, text: string): string {
  const file = path.join(folder, "planted.py");
  const index = path.join(folder, "index");
  writeFileSync(file, text);
  const script = path.join(import.meta.dirname, "plant_index.py");
  execFileSync(PYTHON, [script, file, index], {
    cwd: REPOSITORY,
    env: { ...process.env, PYTHONPATH: REPOSITORY, OMP_NUM_THREADS: "1" },
  });
  return index;
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

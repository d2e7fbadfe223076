// All spans with a source since the editor started, by document. Knows no VS Code.

import type { Finding } from "./finding";

export interface Reference {
  readonly uri: string;
  /** From 0. */
  readonly line: number;
  /** What stands there, shortened. */
  readonly excerpt: string;
  readonly finding: Finding;
}

function key({ uri, excerpt, finding }: Reference): string {
  const source = finding.sources[0];
  return JSON.stringify([uri, excerpt, source?.repo, source?.path, source?.firstLine]);
}

export class References {
  private readonly all = new Map<string, Reference>();

  /** Note what was found; whether any of it is new or has moved. */
  add(found: readonly Reference[]): boolean {
    let changed = false;
    for (const reference of found) {
      const known = this.all.get(key(reference));
      changed ||= known?.line !== reference.line;
      this.all.set(key(reference), reference);
    }
    return changed;
  }

  clear(): void {
    this.all.clear();
  }

  get documents(): string[] {
    return [...new Set([...this.all.values()].map(({ uri }) => uri))];
  }

  of(uri: string): Reference[] {
    return [...this.all.values()]
      .filter((reference) => reference.uri === uri)
      .sort((left, right) => left.line - right.line);
  }
}

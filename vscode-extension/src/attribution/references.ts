// All spans with a source since the editor started, by document. Knows no VS Code.

import { fields, text } from "../json";
import { readFinding, type Finding } from "./finding";

export interface Reference {
  readonly uri: string;
  /** From 0. */
  readonly line: number;
  /** What stands there, shortened. */
  readonly excerpt: string;
  readonly finding: Finding;
}

/**
 * A diagnostic's data as a reference; undefined if it is none. The excerpt is the server's: the range
 * belongs to the text that the server knew, and meanwhile something else may stand there.
 */
export function readReference(uri: string, line: number, data: unknown): Reference | undefined {
  const finding = readFinding(data);
  const excerpt = text(fields(data).excerpt) ?? "";
  return finding === undefined ? undefined : { uri, line, excerpt, finding };
}

function key({ uri, excerpt, finding }: Reference): string {
  const source = finding.sources[0];
  return JSON.stringify([uri, excerpt, source?.repo, source?.path, source?.firstLine]);
}

/** Whether it is the beginning of the other: taken word by word, a passage grows. */
function isBeginningOf(reference: Reference, other: Reference): boolean {
  const { excerpt } = other;
  return excerpt.startsWith(reference.excerpt) && key({ ...reference, excerpt }) === key(other);
}

export class References {
  private readonly all = new Map<string, Reference>();

  /** Note what was found; whether any of it is new or has moved. */
  add(found: readonly Reference[]): boolean {
    let changed = false;
    for (const reference of found) {
      const known = this.all.get(key(reference));
      changed ||= known?.line !== reference.line;
      for (const [each, before] of this.all) {
        if (isBeginningOf(before, reference)) {
          this.all.delete(each);
        }
      }
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

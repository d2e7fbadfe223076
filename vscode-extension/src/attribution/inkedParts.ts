// What of a span is underlined: its text without the blanks before each line. Knows no VS Code.

interface Place {
  readonly line: number;
  readonly character: number;
}

export interface Span {
  readonly start: Place;
  readonly end: Place;
}

/** @param lineAt the text of a line; "" below the last one */
export function inkedParts({ start, end }: Span, lineAt: (line: number) => string): Span[] {
  const parts: Span[] = [];
  for (let line = start.line; line <= end.line; line++) {
    const text = lineAt(line);
    const indent = text.length - text.trimStart().length;
    const from = Math.max(indent, line === start.line ? start.character : 0);
    const to = Math.min(text.trimEnd().length, line === end.line ? end.character : text.length);
    if (from < to) {
      parts.push({ start: { line, character: from }, end: { line, character: to } });
    }
  }
  return parts;
}

// Pages without scripts for the panels: every text from outside is escaped. Knows no VS Code.

const ESCAPES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

export interface Section {
  readonly title: string;
  /** One sentence, or nothing. */
  readonly text?: string;
  readonly head?: readonly string[];
  readonly rows?: readonly (readonly string[])[];
  /** Texts that are shown when they are asked for. */
  readonly folded?: readonly { readonly title: string; readonly text: string }[];
}

/** A page of sections in the editor's own colours. */
export function page(title: string, language: string, sections: readonly Section[]): string {
  return `<!DOCTYPE html>
<html lang="${escape(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline';">
<title>${escape(title)}</title>
<style>
body { font-family: var(--vscode-font-family); color: var(--vscode-foreground); padding: 0 1.2em 2em; max-width: 52em; }
h1 { font-size: 1.4em; font-weight: 600; }
h2 { font-size: 1.05em; font-weight: 600; margin: 1.6em 0 0.4em; }
section { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { text-align: left; padding: 0.25em 1.1em 0.25em 0; border-bottom: 1px solid var(--vscode-widget-border, transparent); }
th { color: var(--vscode-descriptionForeground); font-weight: 400; }
summary { cursor: pointer; margin-top: 0.4em; }
pre { font-family: var(--vscode-editor-font-family); white-space: pre-wrap; overflow-wrap: anywhere; border-left: 2px solid var(--vscode-widget-border, currentColor); margin: 0.3em 0; padding-left: 0.8em; }
td:not(:first-child) { font-variant-numeric: tabular-nums; }
</style>
</head>
<body>
<h1>${escape(title)}</h1>
${sections.map(section).join("\n")}
</body>
</html>
`;
}

function section({ title, text, head, rows, folded }: Section): string {
  const said = text === undefined ? "" : `<p>${escape(text)}</p>`;
  return `<section aria-label="${escape(title)}"><h2>${escape(title)}</h2>${said}${table(head, rows)}${(folded ?? []).map(fold).join("")}</section>`;
}

function fold({ title, text }: { title: string; text: string }): string {
  // A line break right after the tag isn't shown, so that one of the text's own is not lost.
  return `<details><summary>${escape(title)}</summary><pre>\n${escape(text)}</pre></details>`;
}

function table(head?: readonly string[], rows?: readonly (readonly string[])[]): string {
  if (rows === undefined || rows.length === 0) {
    return "";
  }
  const titles = head?.map((cell) => `<th scope="col">${escape(cell)}</th>`).join("") ?? "";
  const lines = rows
    .map((row) => `<tr>${row.map((cell) => `<td>${escape(cell)}</td>`).join("")}</tr>`)
    .join("");
  return `<table>${titles === "" ? "" : `<thead><tr>${titles}</tr></thead>`}<tbody>${lines}</tbody></table>`;
}

// Other extensions that write ghost text: two of them show each other's leftovers. Knows no VS Code.

const OTHERS = new Set(
  [
    "GitHub.copilot",
    "GitHub.copilot-chat",
    "Continue.continue",
    "TabbyML.vscode-tabby",
    "ggml-org.llama-vscode",
    "HuggingFace.huggingface-vscode",
    "Codeium.codeium",
    "Supermaven.supermaven",
    "TabNine.tabnine-vscode",
    "rjmacarthy.twinny",
    "smallcloud.codify",
    "AmazonWebServices.amazon-q-vscode",
    "Google.geminicodeassist",
    "sourcegraph.cody-ai",
    "VisualStudioExptTeam.vscodeintellicode-completions",
  ].map((id) => id.toLowerCase()),
);

export interface Other {
  readonly id: string;
  readonly name: string;
}

/** Those of the installed extensions that complete code inline, too. */
export function otherCompleters(installed: readonly Other[]): Other[] {
  return installed.filter(({ id }) => OTHERS.has(id.toLowerCase()));
}

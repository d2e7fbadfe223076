// What `files.exclude` hides, as the server is told: nothing of such files is read for other files.
// Knows no VS Code.

import { fields, text } from "../json";

/** A glob below a folder; with `when` it hides only files that have this sibling. */
export interface Glob {
  readonly pattern: string;
  readonly baseUri: string;
  readonly when?: string;
}

/**
 * @param setting value of `files.exclude`, of any shape
 * @param baseUri of the workspace folder that it holds in
 */
export function hiddenFiles(setting: unknown, baseUri: string): Glob[] {
  return Object.entries(fields(setting)).flatMap(([pattern, value]): Glob[] => {
    const when = text(fields(value).when);
    if (pattern === "" || (value !== true && when === undefined)) {
      return [];
    }
    return [{ pattern, baseUri, ...(when === undefined ? {} : { when }) }];
  });
}

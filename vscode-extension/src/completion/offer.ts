// What the server says of a suggestion: the command that it puts into the item. Knows no VS Code.

import { fields, text } from "../json";

export interface Offer {
  /** By which the server knows the suggestion. */
  readonly id: string;
  /** One line on its source, if it has one that the policy wants named. */
  readonly badge?: string;
  /** The package that the badge names, and its licence if that is known. */
  readonly source?: { readonly repo: string; readonly license?: string };
}

/** @param argumentsOfCommand of the command `inkling.accept`: an id and what the check said */
export function readOffer(argumentsOfCommand: readonly unknown[] | undefined): Offer | undefined {
  const id = text(argumentsOfCommand?.[0]);
  const verdict = fields(argumentsOfCommand?.[1]);
  const badge = text(verdict.badge);
  const source = readSource(verdict.source);
  return id === undefined
    ? undefined
    : {
        id,
        ...(badge === undefined ? {} : { badge }),
        ...(source === undefined ? {} : { source }),
      };
}

function readSource(value: unknown): Offer["source"] {
  const { repo, license } = fields(value);
  const name = text(repo);
  const licence = text(license);
  return name === undefined
    ? undefined
    : { repo: name, ...(licence === undefined ? {} : { license: licence }) };
}

// What the server says of a suggestion: the command that it puts into the item. Knows no VS Code.

import { fields, text } from "../json";

export interface Offer {
  /** By which the server knows the suggestion. */
  readonly id: string;
  /** One line on its source, if it has one that the policy wants named. */
  readonly badge?: string;
}

/** @param argumentsOfCommand of the command `inkling.accept`: an id and what the check said */
export function readOffer(argumentsOfCommand: readonly unknown[] | undefined): Offer | undefined {
  const id = text(argumentsOfCommand?.[0]);
  const badge = text(fields(argumentsOfCommand?.[1]).badge);
  return id === undefined ? undefined : { id, ...(badge === undefined ? {} : { badge }) };
}

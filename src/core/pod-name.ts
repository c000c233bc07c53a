/** What the API server takes for the names of a namespace (RFC 1123, a label) and of a pod (a subdomain), with a slash between. */
export const POD_NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\/[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/** Longest name of a pod in a sentence, in characters. */
const NAME_MOST = 80;
/** Its end tells one pod of a workload from the others. */
const NAME_END = 24;

/** The name of a pod with its middle left out where it is too long for a sentence. */
export const shortName = (name: string): string =>
  name.length <= NAME_MOST
    ? name
    : `${name.slice(0, NAME_MOST - NAME_END - 1)}…${name.slice(name.length - NAME_END)}`;

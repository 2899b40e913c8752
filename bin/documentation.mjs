// Where the documentation is: it is not installed with the package.

import { createRequire } from "node:module";

const { repository } = createRequire(import.meta.url)("../package.json");

/** The address of a page of the repository's documentation, such as `gateway.md`. */
export const documentation = (page) =>
  `${repository.url.replace(/^git\+|\.git$/g, "")}/blob/main/docs/${page}`;

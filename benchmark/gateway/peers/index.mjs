// Who is measured: the provider itself, two reverse proxies, and gateways.

import * as haproxy from "./haproxy.mjs";
import * as litellm from "./litellm.mjs";
import * as nginx from "./nginx.mjs";
import * as onwards from "./onwards.mjs";
import * as ours from "./ours.mjs";
import * as portkey from "./portkey.mjs";
import * as direct from "./direct.mjs";

export const peers = { direct, haproxy, nginx, ours, onwards, portkey, litellm };

// The link works no longer, or the patient wants nothing kept: take away what this phone keeps.

import { forget } from "./kept.js";

await forget();
document.body.dataset.forgotten = "";

// The preview's own page: its options are kept in its address.

import { queryOf, start } from "./preview.js";

const { form } = start(document.querySelector("main"));
form.addEventListener("change", () => history.replaceState(null, "", `?${queryOf(form)}`));

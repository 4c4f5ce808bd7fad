// "Snel weg": gone at once, nothing left in this tab or behind the back button.

import { forgetAll } from "./storage.js";

export function leave(address) {
  forgetAll();
  document.title = "";
  document.body.replaceChildren();
  location.replace(address);
}

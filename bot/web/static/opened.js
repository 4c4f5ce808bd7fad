// Goes on in the chat with the conversation that was just opened for this person. The server made it for the form that was
// sent from this page, so nobody can lead somebody else into a conversation that they can read along in.

import { forgetAll, remember } from "./storage.js";

const { token, code } = document.body.dataset;
const chat = document.getElementById("go-on");
chat.addEventListener("click", (event) => {
  event.preventDefault();
  forgetAll(); // of a conversation that was open in this tab before
  remember("token", token);
  remember("code", code);
  location.replace(chat.href);
});

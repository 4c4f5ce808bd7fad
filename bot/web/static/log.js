// Shows messages: who speaks, the words, the time. Words become text nodes only.

import { tappable } from "./tappable.js";

// The language switch of the page speaks to the desk in this way; it is no sentence of the resident.
export function isLanguageCommand(text) {
  return /^\/taal (nl|en)$/.test(text);
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

export class Log {
  constructor(place, pendingPlace, texts) {
    this.place = place;
    this.pendingPlace = pendingPlace;
    this.texts = texts;
    this.language = document.documentElement.lang === "en" ? "en-GB" : "nl-NL";
    this.shown = new Set();
    this.pending = new Map();
  }

  clear() {
    this.place.replaceChildren();
    this.pendingPlace.replaceChildren();
    this.shown.clear();
    this.pending.clear();
    this.speaker = this.day = this.own = undefined;
  }

  // Returns the element, or undefined when it was shown before or is not for the eye.
  add(message) {
    if (this.shown.has(message.n)) return undefined;
    this.shown.add(message.n);
    const resident = message.from === "resident";
    if (resident && (!message.text || isLanguageCommand(message.text))) return undefined;
    this.markDay(new Date(message.at));
    const made = element("article", "message");
    made.classList.add(resident ? "of-resident" : message.from === "desk" ? "of-desk" : "of-person");
    made.append(this.who(message));
    const text = element("div", "text");
    text.dir = "auto";
    text.append(resident ? message.text : tappable(message.text, message.from === "desk"));
    made.append(text);
    if (message.choices.length && !resident) {
      made.append(element("span", "unseen", this.texts.pick_one.replace("{count}", message.choices.length)));
    }
    const time = element("time", "", this.clock(new Date(message.at)));
    time.dateTime = message.at;
    made.append(time);
    this.place.append(made);
    if (resident) this.own = made;
    return made;
  }

  who(message) {
    const speaker = `${message.from} ${message.name || ""}`;
    const same = speaker === this.speaker;
    this.speaker = speaker;
    const role = this.texts[`speaker_${message.from}`];
    const who = element("p", same || message.from === "resident" ? "who unseen" : "who");
    who.append(element("b", "", message.name || role));
    if (message.from !== "desk" && message.from !== "resident") {
      who.append(" ", element("span", "person", this.texts.person));
      if (message.name) who.append(" ", element("span", "", role));
    }
    who.append(element("span", "unseen", ":"));
    return who;
  }

  addPending(item) {
    const made = element("div", "message of-resident waits");
    const text = element("div", "text", item.label);
    text.dir = "auto";
    made.append(text, element("span", "state", this.texts.sending));
    this.pending.set(item.id, made);
    this.pendingPlace.append(made);
    this.own = made;
    return made;
  }

  setPending(item, words) {
    const state = this.pending.get(item.id)?.querySelector(".state");
    if (state) state.textContent = words;
  }

  removePending(item) {
    this.pending.get(item.id)?.remove();
    this.pending.delete(item.id);
  }

  clock(at) {
    return new Intl.DateTimeFormat(this.language, { hour: "2-digit", minute: "2-digit" }).format(at);
  }

  markDay(at) {
    const day = at.toDateString();
    if (day === this.day) return;
    this.day = day;
    const format = new Intl.DateTimeFormat(this.language, { weekday: "long", day: "numeric", month: "long" });
    this.place.append(element("p", "day", day === new Date().toDateString() ? this.texts.today : format.format(at)));
  }
}

// The chat page: puts conversation, outbox, stream and panel together.

import { leave } from "./exit.js";
import { fileButtons } from "./files.js";
import { Log, isLanguageCommand } from "./log.js";
import { Outbox } from "./outbox.js";
import { showFrom } from "./scroll.js";
import { NoConnection, ask } from "./server.js";
import { forget, recall, remember } from "./storage.js";
import { Stream } from "./stream.js";

const $ = (id) => document.getElementById(id);
const texts = JSON.parse(document.body.dataset.texts);
const language = document.documentElement.lang;
const field = $("message");
const log = new Log($("log"), $("pending"), texts);
let stream;
let lastSpeaker;
let typingTimers = [];

// What stands below the conversation -----------------------------------------------------------------------------------

function say(words) {
  if ($("status").textContent === words) return;
  $("status").textContent = words;
  if (words) showFrom(log.own);
}

function showTyping() {
  hideTyping();
  if (lastSpeaker && lastSpeaker !== "desk") return; // a person answers in their own time
  typingTimers = [
    setTimeout(() => {
      const dots = document.createElement("span");
      dots.className = "dots";
      dots.append(...[1, 2, 3].map(() => document.createElement("i")));
      $("typing").replaceChildren(dots, texts.typing);
      showFrom(log.own);
    }, 400),
    setTimeout(() => $("typing").replaceChildren(texts.takes_longer), 10000),
    setTimeout(hideTyping, 60000),
  ];
}

function hideTyping() {
  typingTimers.forEach(clearTimeout);
  typingTimers = [];
  $("typing").replaceChildren();
}

function showChoices(choices) {
  $("choices").replaceChildren(...choices.map((choice) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = choice.label;
    button.addEventListener("click", () => {
      $("log").focus({ preventScroll: true });
      give({ choice: choice.id }, choice.label);
    });
    return button;
  }));
}


// Messages ---------------------------------------------------------------------------------------------------------------

function show(message) {
  const resident = message.from === "resident";
  const made = log.add(message);
  if (resident) {
    showChoices([]);
  } else {
    lastSpeaker = message.from;
    hideTyping();
    if (message.choices.length) showChoices(message.choices);
    if (made && message.files) made.append(fileButtons(message.files, texts, say));
  }
  $("intro").hidden = true;
  return made;
}

function give(content, label) {
  const item = outbox.add(content, label);
  $("intro").hidden = true;
  showChoices([]);
  log.addPending(item);
  showFrom(log.own);
  outbox.send();
}

const outbox = new Outbox({
  async token() {
    const known = recall("token");
    if (known) return known;
    const opened = await ask("POST", "/chat/sessions");
    begin(opened.token, opened.resume_code);
    return opened.token;
  },
  sending(item) {
    log.setPending(item, texts.sending);
  },
  sent(item, n) {
    say("");
    if (log.shown.has(n)) log.removePending(item);
    else waitingForOwn.set(n, item);
    if (!answered(n)) showTyping();
  },
  waiting(item, busy) {
    log.setPending(item, texts.ready);
    say(busy ? texts.busy : texts.offline);
  },
  refused(item, why) {
    log.removePending(item);
    putBack([item]);
    if (why.status === 404) gone();
    else say(why.detail ? `${texts.not_sent} ${why.detail}` : texts.not_sent);
  },
});

function putBack(items) {
  const words = items.map((item) => item.content.text).filter((text) => text && !isLanguageCommand(text));
  if (!words.length) return;
  field.value = [...words, field.value].filter(Boolean).join("\n");
  remember("draft", field.value);
  grow();
}

const waitingForOwn = new Map();
let newestAnswer = 0;

function answered(n) {
  return newestAnswer > n;
}

function arrived(message) {
  const mine = waitingForOwn.get(message.n);
  if (mine) {
    log.removePending(mine);
    waitingForOwn.delete(message.n);
  }
  if (message.from !== "resident") newestAnswer = message.n;
  else if (outbox.inFlight) log.removePending(outbox.inFlight); // it is that one, the answer to it is still on its way
  if (show(message)) showFrom(log.own);
}

// A conversation ---------------------------------------------------------------------------------------------------------

function begin(token, code) {
  remember("token", token);
  if (code) remember("code", code);
  showCode();
  listen(0);
}

function listen(after) {
  stream?.stop();
  stream = new Stream(recall("token"), after, {
    message: arrived,
    connected() {
      if ($("status").textContent === texts.offline_reading) say("");
    },
    lost() {
      if (outbox.empty) say(texts.offline_reading);
    },
    gone,
  });
}

// Shows what was said before without reading all of it aloud, then listens.
async function reopen() {
  const token = recall("token");
  $("log").setAttribute("aria-live", "off");
  let n = 0;
  for (let failures = 0; recall("token") === token; ) {
    try {
      const { messages } = await ask("GET", `/chat/messages?after=${n}`, token);
      if (!messages.length) break;
      messages.forEach(show);
      n = messages.at(-1).n;
    } catch (error) {
      if (error.status === 404) return gone();
      say(error instanceof NoConnection ? texts.offline_reading : error.detail);
      await new Promise((resolve) => setTimeout(resolve, 1000 * 2 ** Math.min(failures++, 5)));
    }
  }
  newestAnswer = n;
  say("");
  showFrom(log.own);
  listen(n);
  setTimeout(() => $("log").setAttribute("aria-live", "polite"), 500);
}

function gone() {
  putBack(outbox.takeBack());
  end(texts.gone);
  log.clear();
  $("intro").hidden = false;
  scrollTo(0, 0);
}

function end(words) {
  stream?.stop();
  newestAnswer = 0;
  waitingForOwn.clear();
  forget("token", "code");
  hideTyping();
  showChoices([]);
  showCode();
  lastSpeaker = undefined;
  say(words);
}

function startEmpty() {
  end("");
  forget("draft");
  outbox.takeBack();
  log.clear();
  field.value = "";
  $("intro").hidden = false;
  scrollTo(0, 0);
}

// Controls ---------------------------------------------------------------------------------------------------------------

function grow() {
  field.style.blockSize = "auto";
  field.style.blockSize = `${field.scrollHeight + 4}px`;
}

field.addEventListener("input", () => {
  remember("draft", field.value);
  grow();
});

field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("composer").requestSubmit();
  }
});

$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  // Half a letter of a surrogate pair cannot travel as UTF-8; this makes it the replacement sign.
  const text = new TextDecoder().decode(new TextEncoder().encode(field.value)).trim();
  if (text) {
    field.value = "";
    forget("draft");
    grow();
    give({ text }, text);
  }
  field.focus({ preventScroll: true });
});

$("exit").addEventListener("click", (event) => {
  event.preventDefault();
  stream?.stop();
  leave(event.currentTarget.href);
});

for (const link of document.querySelectorAll("[data-language]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    if (recall("token")) outbox.add({ text: `/taal ${link.dataset.language}` }, `/taal ${link.dataset.language}`);
    location.replace(link.href);
  });
}

function showCode() {
  const code = recall("code");
  $("code").textContent = code || "";
  $("has-code").hidden = !code;
  $("no-code").hidden = Boolean(code);
}

$("close-here").addEventListener("click", () => {
  if (!outbox.empty) return say(texts.wait_for_sending);
  startEmpty();
  $("later").open = false;
});

$("resume").addEventListener("submit", async (event) => {
  event.preventDefault();
  const code = $("resume-code").value.trim();
  if (!code) return;
  if (!outbox.empty) {
    $("resume-answer").textContent = texts.wait_for_sending;
    return;
  }
  try {
    const { token } = await ask("POST", "/chat/resume", undefined, { code });
    startEmpty();
    remember("token", token);
    remember("code", code);
    showCode();
    $("resume-code").value = "";
    $("resume-answer").textContent = texts.resumed;
    $("later").open = false;
    await reopen();
  } catch (error) {
    $("resume-answer").textContent = error instanceof NoConnection ? texts.offline_reading : error.detail;
  }
});

addEventListener("online", () => {
  stream?.hurry();
  outbox.hurry();
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") {
    stream?.hurry();
    outbox.hurry();
  }
});

// Start ------------------------------------------------------------------------------------------------------------------

field.value = recall("draft", "");
grow();
showCode();
for (const item of outbox.items) {
  if (!isLanguageCommand(item.label)) log.addPending(item);
}
if (recall("token")) await reopen();
if (!outbox.empty) $("intro").hidden = true;
outbox.send();

// Messages on their way. Each keeps its id until the desk says it has it, so it is sent again but never twice.

import { NoConnection, Refused, ask, pause } from "./server.js";
import { recall, remember } from "./storage.js";

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

export class Outbox {
  // told: {token(): Promise<string>, sending(item), sent(item, n), waiting(item, busy), refused(item, why)}
  constructor(told) {
    this.told = told;
    this.items = recall("outbox", []);
    this.failures = 0;
  }

  get empty() {
    return this.items.length === 0;
  }

  get inFlight() {
    return this.busy ? this.items[0] : undefined;
  }

  // content: {text} or {choice}; label: how it is shown meanwhile.
  add(content, label) {
    const item = { id: newId(), content, label };
    this.items.push(item);
    this.keep();
    return item;
  }

  // Empties the box and gives what was in it, for a conversation that is no longer there.
  takeBack() {
    const items = this.items;
    this.items = [];
    this.keep();
    return items;
  }

  keep() {
    remember("outbox", this.items);
  }

  hurry() {
    this.wake?.();
    this.send();
  }

  async send() {
    if (this.busy) return;
    this.busy = true;
    while (this.items.length) {
      const item = this.items[0];
      this.told.sending(item);
      try {
        const { n } = await ask("POST", "/chat/messages", await this.told.token(), { id: item.id, ...item.content });
        this.failures = 0;
        this.drop(item);
        this.told.sent(item, n);
      } catch (error) {
        const later = error instanceof NoConnection || [408, 429].includes(error.status) || error.status >= 500;
        if (later) {
          this.told.waiting(item, error instanceof Refused);
          const wait = Math.max(pause(this.failures++), (error.seconds || 0) * 1000);
          await new Promise((resolve) => {
            this.wake = resolve;
            setTimeout(resolve, wait);
          });
        } else {
          if (this.drop(item)) this.told.refused(item, error);
        }
      }
    }
    this.busy = false;
  }

  drop(item) {
    const there = this.items.includes(item);
    this.items = this.items.filter((other) => other !== item);
    this.keep();
    return there;
  }
}

// Follows a conversation: reads /chat/events with fetch, goes on after the last number when the line breaks.

import { NoConnection, Refused, headers, pause, refuse } from "./server.js";

const silence = 40000; // the desk gives a sign of life every 15 s

export class Stream {
  // told: {message(m), connected(), lost(), gone()}
  constructor(token, after, told) {
    this.token = token;
    this.n = after;
    this.told = told;
    this.failures = 0;
    this.stopped = false;
    this.run();
  }

  stop() {
    this.stopped = true;
    this.controller?.abort();
    this.wake?.();
  }

  // Try at once: the line is back, or the page is looked at again.
  hurry() {
    this.wake?.();
    if (this.heard && Date.now() - this.heard > silence) this.controller?.abort();
  }

  async run() {
    while (!this.stopped) {
      try {
        await this.read();
      } catch (error) {
        if (this.stopped) return;
        if (error instanceof Refused && error.status === 404) {
          this.told.gone();
          return;
        }
        if (error instanceof NoConnection) this.told.lost();
      }
      if (this.stopped) return;
      const wait = pause(this.failures++);
      await new Promise((resolve) => {
        this.wake = resolve;
        setTimeout(resolve, wait);
      });
    }
  }

  async read() {
    this.controller = new AbortController();
    let watch;
    const alive = () => {
      this.heard = Date.now();
      clearTimeout(watch);
      watch = setTimeout(() => this.controller.abort(), silence);
    };
    alive();
    try {
      const response = await fetch("/chat/events", {
        headers: { ...headers(this.token), "Last-Event-ID": String(this.n) },
        signal: this.controller.signal, cache: "no-store", credentials: "omit",
      });
      if (!response.ok) await refuse(response);
      this.told.connected();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        alive();
        this.failures = 0;
        const events = (rest + value).split("\n\n");
        rest = events.pop();
        for (const event of events) this.take(event);
      }
    } catch (error) {
      throw error instanceof Refused ? error : new NoConnection();
    } finally {
      clearTimeout(watch);
    }
  }

  take(event) {
    const data = event.split("\n").filter((line) => line.startsWith("data: ")).map((line) => line.slice(6)).join("\n");
    if (!data) return;
    const message = JSON.parse(data);
    if (message.n <= this.n) return;
    this.n = message.n;
    this.told.message(message);
  }
}

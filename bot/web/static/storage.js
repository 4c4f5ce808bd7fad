// What this tab remembers. sessionStorage only: on a shared computer nothing stays when the tab closes.

const memory = new Map();
const prefix = "buurtbalie.";

export function remember(name, value) {
  memory.set(name, value);
  try {
    sessionStorage.setItem(prefix + name, JSON.stringify(value));
  } catch {
    // Storage may be full or refused; memory holds it until the page goes.
  }
}

export function recall(name, otherwise) {
  if (memory.has(name)) return memory.get(name);
  try {
    const kept = sessionStorage.getItem(prefix + name);
    return kept === null ? otherwise : JSON.parse(kept);
  } catch {
    return otherwise;
  }
}

export function forget(...names) {
  for (const name of names) {
    memory.delete(name);
    try {
      sessionStorage.removeItem(prefix + name);
    } catch {
      // Nothing was kept there then.
    }
  }
}

export function forgetAll() {
  memory.clear();
  try {
    sessionStorage.clear();
  } catch {
    // Nothing was kept there then.
  }
}

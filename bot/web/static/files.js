// Files with the resident's own data: fetched with the conversation's token, then handed to the browser to keep.

import { NoConnection, fetchFile } from "./server.js";
import { recall } from "./storage.js";

// The buttons under a message that offers files. tell(words) says how it went.
export function fileButtons(paths, texts, tell) {
  const group = document.createElement("div");
  group.className = "files";
  group.append(...paths.map((path) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "secondary";
    button.textContent = path.endsWith(".html") ? texts.file_html : texts.file_json;
    button.addEventListener("click", () => keep(button, path, texts, tell));
    return button;
  }));
  return group;
}

async function keep(button, path, texts, tell) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  try {
    const { name, content } = await fetchFile(path, recall("token"));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(content);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    tell(texts.file_fetched);
  } catch (error) {
    tell(error instanceof NoConnection ? texts.offline_reading : error.detail);
  } finally {
    button.removeAttribute("aria-busy");
  }
}

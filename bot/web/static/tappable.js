// Text with its telephone numbers and the desk's web addresses made into links. Everything is a text node or an <a>; no
// HTML is read.

const long = String.raw`0[89]00[ -]?\d{2,4}(?:[ -]?\d{2,3})?|0\d{1,3}[ -]\d{6,8}|06[ -]?\d{8}`;
const address = String.raw`(?<address>https?://\S+)|`;
const edges = (before, numbers) =>
  new RegExp(String.raw`${before}(?<![\p{L}\d.,€/@-]|€ )(?:${numbers})(?![\p{L}\d%/@-]|[.,][\p{L}\d])`, "gu");
const ofDesk = edges(address, `${long}|112|113`);
const ofPeople = edges("", long);

// Only the desk's own words name 112 and 113 for sure; a person may write "kamer 112". A person's address stays text.
export function tappable(text, fromDesk) {
  const parts = document.createDocumentFragment();
  let end = 0;
  for (const found of text.matchAll(fromDesk ? ofDesk : ofPeople)) {
    parts.append(text.slice(end, found.index));
    const link = document.createElement("a");
    if (found.groups?.address) {
      link.href = found[0];
      link.className = "address";
      link.target = "_blank";
      link.rel = "noreferrer";
    } else link.href = "tel:" + found[0].replace(/\D/g, "");
    link.textContent = found[0];
    parts.append(link);
    end = found.index + found[0].length;
  }
  parts.append(text.slice(end));
  return parts;
}

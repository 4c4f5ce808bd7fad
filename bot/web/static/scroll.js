// Keeps reading easy: what the resident said last stays in view, the answer is read from its beginning.

const top = document.querySelector(".top");
const exit = document.getElementById("exit");
const main = document.getElementById("main");
const composer = document.getElementById("composer");
const further = document.getElementById("further");
let unread = false;

// The scroll position at which the end of the conversation stands right above the message field.
function lowest() {
  return main.getBoundingClientRect().bottom + scrollY + composer.offsetHeight - innerHeight;
}

function coveredAbove() {
  return getComputedStyle(top).position === "sticky" ? top.offsetHeight : exit.offsetTop + exit.offsetHeight;
}

export function showFrom(own) {
  const start = own ? own.getBoundingClientRect().top + scrollY - coveredAbove() - 12 : lowest();
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  scrollTo({ top: Math.max(0, Math.min(lowest(), start)), behavior: calm ? "auto" : "smooth" });
  unread = true;
  offerFurther();
}

// "Read on" stands there while something new is out of sight below.
export function offerFurther() {
  if (lowest() - scrollY < 60) unread = false;
  further.hidden = !unread || document.getElementById("later").open;
}

further.addEventListener("click", () => {
  scrollBy({ top: innerHeight * 0.6, behavior: "smooth" });
});
addEventListener("scroll", offerFurther, { passive: true });
addEventListener("resize", offerFurther);
document.getElementById("later").addEventListener("toggle", offerFurther);

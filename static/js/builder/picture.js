// Lets a picture move while it is pointed at or its card has the focus, unless less motion is asked for.

const PAUSE_MS = 150;
const LESS = matchMedia("(prefers-reduced-motion: reduce)");
let moving = null;
let timer = 0;

function pictureOf(target) {
  const around = target.closest?.("li.card") ?? target.closest?.("a, button");
  return target.closest?.("img[data-motion]") ?? around?.querySelector("img[data-motion]") ?? null;
}

function rest() {
  clearTimeout(timer);
  if (moving?.dataset.still) {
    moving.src = moving.dataset.still;
    delete moving.dataset.still;
  }
  moving = null;
}

function look({ target, pointerType }) {
  const picture = pointerType === "touch" || LESS.matches ? null : pictureOf(target);
  if (picture === moving) return;
  rest();
  if (!picture) return;
  moving = picture;
  timer = setTimeout(() => {
    picture.dataset.still = picture.getAttribute("src");
    picture.src = picture.dataset.motion;
  }, PAUSE_MS);
}

export function start() {
  document.addEventListener("pointerover", look);
  document.addEventListener("focusin", look);
  document.documentElement.addEventListener("pointerleave", rest);
}

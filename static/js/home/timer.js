// The hold timer: a button counts the seconds of a hold down, and says when they are over.

const SPOKEN_AT = [30, 10, 5]; // seconds left that are read out

let running = null;

/** Show the timers: without script there is nothing to press. */
export function showTimers() {
  for (const box of document.querySelectorAll(".home-timer")) {
    const timer = new Timer(box);
    box.querySelector("button").addEventListener("click", () => timer.press());
    box.hidden = false;
  }
}

class Timer {
  constructor(box) {
    this.box = box;
    this.button = box.querySelector("button");
    this.clock = box.querySelector(".home-clock");
    this.spoken = box.querySelector("[role=status]");
    this.hold = this.clock.textContent;
  }

  press() {
    if (running === this) {
      this.stop(this.box.dataset.off);
      return;
    }
    running?.stop("");
    running = this;
    this.ends = Date.now() + Number(this.box.dataset.seconds) * 1000;
    this.box.classList.add("home-running");
    this.button.textContent = this.box.dataset.stop;
    this.spoken.textContent = this.hold;
    this.shown = null;
    this.step();
    this.beat = setInterval(() => this.step(), 200);
  }

  step() {
    const left = Math.ceil((this.ends - Date.now()) / 1000); // a phone may sleep in between
    if (left <= 0) {
      navigator.vibrate?.([200, 100, 200]);
      this.stop(this.box.dataset.over);
      this.clock.textContent = this.box.dataset.over;
    } else if (left !== this.shown) {
      this.shown = left;
      this.clock.textContent = this.box.dataset.left.replace("{n}", left);
      if (SPOKEN_AT.includes(left)) this.spoken.textContent = this.clock.textContent;
    }
  }

  stop(words) {
    clearInterval(this.beat);
    running = null;
    this.box.classList.remove("home-running");
    this.button.textContent = this.box.dataset.start;
    this.clock.textContent = this.hold;
    this.spoken.textContent = words;
  }
}

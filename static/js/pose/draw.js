// Asks for the pose drawn: one request at a time, the last state wins.

const PAUSE_MS = 40;
const PATIENCE_MS = 20_000;

export class Drawer {
  constructor(form, address, { answered, failed, state }) {
    Object.assign(this, { form, address, answered, failed, state, wanted: null, busy: false, timer: 0 });
  }

  // Draws soon; an `act` isn't lost when more is wanted before it is sent.
  want(wish = {}) {
    this.wanted = { ...this.wanted, ...wish };
    if (this.busy || this.timer) return; // whoever drags on and on sees it drawn meanwhile
    this.timer = setTimeout(() => this.send(), PAUSE_MS);
  }

  async send() {
    const wish = this.wanted;
    this.timer = 0;
    this.wanted = null;
    this.busy = true;
    const body = new FormData(this.form, wish.submitter ?? null);
    body.set("act", wish.act ?? "draw");
    const sent = this.state();
    for (const [name, value] of Object.entries(wish.words ?? {})) body.set(name, value);
    try {
      const response = await fetch(this.address, { method: "POST", body, signal: AbortSignal.timeout(PATIENCE_MS) });
      if (!response.ok || response.redirected) throw new Error(response.status);
      this.answered(await response.json(), wish, sent);
    } catch (trouble) {
      this.failed(trouble, wish);
    } finally {
      this.busy = false;
      if (this.wanted) this.want();
    }
  }
}

// Preloaded with `node --import`: the clock of a process is put back by a day.
const DAY = 86_400_000;
const { now } = Date;
const Real = Date;
globalThis.Date = class extends Real {
  constructor(...words) {
    if (words.length === 0) super(now() - DAY);
    else super(...words);
  }
  static now() {
    return now() - DAY;
  }
};

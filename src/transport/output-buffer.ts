/** Bytes; what comes in larger pieces is kept as it came. */
const PAGE = 64 * 1024;
const LARGE = 16 * 1024;

/** Gathers pieces of an answer. However small they are, they take little more room than their bytes: each alone would take a hundred. */
export class OutputBuffer {
  readonly #whole: Buffer[] = [];
  #page = Buffer.alloc(0);
  #from = 0;
  #to = 0;

  add(piece: Buffer): void {
    if (piece.length >= LARGE) {
      this.#close();
      this.#whole.push(piece);
      return;
    }
    if (this.#to + piece.length > this.#page.length) {
      this.#close();
      this.#page = Buffer.allocUnsafeSlow(PAGE);
      this.#from = this.#to = 0;
    }
    this.#to += piece.copy(this.#page, this.#to);
  }

  text(): string {
    this.#close();
    return Buffer.concat(this.#whole).toString();
  }

  #close(): void {
    if (this.#to > this.#from) this.#whole.push(this.#page.subarray(this.#from, this.#to));
    this.#from = this.#to;
  }
}

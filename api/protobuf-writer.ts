/** Writes protobuf's wire format into one growing buffer: no field is written that has its zero value. */

const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const LONGEST_CHARACTER = 3;

export class ProtobufWriter {
  #buffer = Buffer.allocUnsafe(1 << 20);
  #length = 0;

  bytes(): Buffer {
    return Buffer.from(this.#buffer.subarray(0, this.#length));
  }

  /** Anything but a text is left out. */
  string(field: number, value: unknown): void {
    if (typeof value !== 'string' || value === '') return;
    this.#reserve(value.length * LONGEST_CHARACTER + 20);
    this.#tag(field, BYTES);
    this.#varint(Buffer.byteLength(value));
    this.#length += this.#buffer.write(value, this.#length);
  }

  strings(field: number, values: unknown): void {
    if (Array.isArray(values)) for (const value of values) this.string(field, value);
  }

  /** `always`: where the field is one of several, and its being there is what counts. */
  bool(field: number, value: unknown, always = false): void {
    if (value === true || always) this.integer(field, value === true ? 1 : 0, always);
  }

  /** A whole number that is not negative. */
  integer(field: number, value: number, always = false): void {
    if (value === 0 && !always) return;
    this.#reserve(20);
    this.#tag(field, VARINT);
    this.#varint(value);
  }

  double(field: number, value: number): void {
    if (value === 0) return;
    this.#reserve(20);
    this.#tag(field, FIXED_64);
    this.#length = this.#buffer.writeDoubleLE(value, this.#length);
  }

  /** A message whose fields `write` writes. */
  message(field: number, write: () => void): void {
    this.#reserve(20);
    this.#tag(field, BYTES);
    const start = this.#length;
    write();
    const size = this.#length - start;
    const prefix = varintSize(size);
    this.#reserve(prefix);
    // The length stands first and is known last.
    this.#buffer.copyWithin(start + prefix, start, this.#length);
    this.#length = start;
    this.#varint(size);
    this.#length += size;
  }

  #tag(field: number, type: number): void {
    this.#varint(field * 8 + type);
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#length++] = rest;
  }

  #reserve(size: number): void {
    const needed = this.#length + size;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size += 1;
  return size;
}

/** A file of an archive that has passed and was proven, as far as its name says what it is. */
export interface ArchivedFile {
  /** `sha256:…` of the bytes. */
  digest: string;
  sizeBytes: number;
  isCompressed: boolean;
}

/** Enough of a file's beginning to tell whether it is compressed, however small its chunks. */
export class FileStart {
  #bytes = Buffer.alloc(0);

  take(bytes: Buffer): void {
    if (this.#bytes.length >= 4) return;
    this.#bytes = Buffer.concat([this.#bytes, bytes.subarray(0, 4 - this.#bytes.length)]);
  }

  /** gzip, zstd, bzip2 or xz. */
  get isCompressed(): boolean {
    return /^(?:1f8b|28b52ffd|425a68|fd377a58)/.test(this.#bytes.toString('hex'));
  }
}

/** Object store: named bytes that are written once. The folder on this machine and S3 keep the same promises. */
export interface ObjectStore {
  /** Where it is, for people: a path or s3:// address. */
  readonly location: string
  /**
   * Writes `bytes` under `key` unless the key exists; durable when it resolves. Atomic: nobody sees a part.
   * Returns false, and changes nothing, when the key exists. Keys are made of [A-Za-z0-9=._/-].
   */
  putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean>
  /** The bytes, or undefined when there is no such key. */
  get(key: string): Promise<Uint8Array | undefined>
  /** Keys with this prefix, ascending. */
  list(prefix: string): AsyncIterable<{ readonly key: string; readonly bytes: number }>
}

export const isObjectKey = (key: string): boolean =>
  /^[A-Za-z0-9=._-]+(?:\/[A-Za-z0-9=._-]+)*$/.test(key) && !key.split('/').some((part) => part === '.' || part === '..')

/** Any text as one part of a key: what is not allowed becomes `_`. */
export const keyPart = (text: string): string =>
  text
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .replace(/^\.+/, '_')
    .slice(0, 120) || '_'

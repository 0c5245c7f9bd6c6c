/** Object store: named bytes that are written once. The folder on this machine and S3 keep the same promises. */
export interface ObjectStore {
  /** Where it is, for people: a path or s3:// address. */
  readonly location: string
  /**
   * Writes `bytes`, and facts about them, under `key` unless the key exists; durable when it resolves. Atomic: nobody
   * sees a part. Returns false, and changes nothing, when the key exists. Keys are made of [A-Za-z0-9=._/-].
   * When it rejects, the object may be there or not: the same call again tells (false: it is, from this call or another).
   * Does not try again by itself: its callers do.
   */
  putIfAbsent(key: string, bytes: Uint8Array, facts?: ObjectFacts): Promise<boolean>
  /** The bytes, or undefined when there is no such key. */
  get(key: string): Promise<Uint8Array | undefined>
  /** What is known of an object without reading it; undefined when there is no such key. */
  head(key: string): Promise<ObjectHead | undefined>
  /** Keys with this prefix, ascending by their characters; with `after`, only those behind it (it need not exist). */
  list(prefix: string, after?: string): AsyncIterable<ListedObject>
}

/**
 * Facts about an object, kept with it. Names of a-z, 0-9 and dash, values of printable ASCII, at most 1 KiB in all: S3 keeps
 * them as metadata of the object (https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html).
 */
export type ObjectFacts = Readonly<Record<string, string>>

export interface ObjectHead {
  /** Length of the bytes. */
  readonly bytes: number
  /** Absent where the object was written without. */
  readonly facts?: ObjectFacts
}

export interface ListedObject {
  readonly key: string
  /** What it takes in the store: its bytes and, in a folder, its facts. */
  readonly bytes: number
}

/** An object store as the program owns it. */
export interface OwnedObjectStore extends ObjectStore {
  /** Rejects, saying what to do, when objects cannot be read here. Writes nothing, so that it cannot tell if it may. */
  check(): Promise<void>
  close(): void
}

export const isObjectKey = (key: string): boolean =>
  /^[A-Za-z0-9=._-]+(?:\/[A-Za-z0-9=._-]+)*$/.test(key) && !key.split('/').some((part) => part === '.' || part === '..')

const MAX_FACTS = 1_024

/** What every store asks of its callers before it writes; throws where they ask what no store can keep. */
export function assertStorable(key: string, facts: ObjectFacts | undefined): void {
  if (!isObjectKey(key)) throw new Error(`not an object key: ${key}`)
  const pairs = Object.entries(facts ?? {})
  const size = pairs.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  if (size > MAX_FACTS || !pairs.every(([name, value]) => /^[a-z][a-z0-9-]*$/.test(name) && /^[ -~]*$/.test(value)))
    throw new Error(`not facts of an object: ${JSON.stringify(facts)}`)
}

/** Any text as one part of a key: what is not allowed becomes `_`. */
export const keyPart = (text: string): string =>
  text
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .replace(/^\.+/, '_')
    .slice(0, 120) || '_'

/**
 * Generations: bounded tables that forget what was not used for longest, at constant cost. What is used is in the young
 * generation; when that is full it becomes the old one, and the old one before it goes.
 */

export interface Generations<T> {
  get(key: number): T | undefined
  set(key: number, value: T): void
}

/** Keys are any numbers. At least `capacity` entries are kept, at most twice as many. */
export function createGenerations<T>(capacity: number): Generations<T> {
  let young = new Map<number, T>()
  let old = new Map<number, T>()
  const set = (key: number, value: T): void => {
    if (young.size >= capacity) {
      old = young
      young = new Map()
    }
    young.set(key, value)
  }
  return {
    get: (key) => {
      const value = young.get(key)
      if (value !== undefined) return value
      const older = old.get(key)
      if (older !== undefined) set(key, older)
      return older
    },
    set,
  }
}

export interface SignatureTable<T> {
  get(lo: number, hi: number): T | undefined
  /** The key must be new. */
  set(lo: number, hi: number, value: T): void
  readonly size: number
}

interface OpenTable<T> {
  readonly keys: Int32Array
  readonly values: (T | undefined)[]
  count: number
}

/** The same for keys of two 32-bit numbers: open addressing, because this look-up is done for every line. */
export function createSignatureTable<T>(capacity: number): SignatureTable<T> {
  const places = 2 ** Math.ceil(Math.log2(capacity * 2))
  const mask = places - 1
  const create = (): OpenTable<T> => ({ keys: new Int32Array(places * 2), values: new Array(places), count: 0 })
  const find = (table: OpenTable<T>, lo: number, hi: number): number => {
    let place = (lo ^ Math.imul(hi, 0x9e3779b1)) & mask
    while (table.values[place] !== undefined) {
      if (table.keys[place * 2] === lo && table.keys[place * 2 + 1] === hi) return place
      place = (place + 1) & mask
    }
    return ~place
  }
  let young = create()
  let old = create()
  const set = (lo: number, hi: number, value: T): void => {
    if (young.count >= capacity) {
      old = young
      young = create()
    }
    const place = find(young, lo, hi)
    if (place >= 0) {
      young.values[place] = value
      return
    }
    young.keys[~place * 2] = lo
    young.keys[~place * 2 + 1] = hi
    young.values[~place] = value
    young.count++
  }
  return {
    get: (lo, hi) => {
      const place = find(young, lo, hi)
      if (place >= 0) return young.values[place]
      const older = find(old, lo, hi)
      if (older < 0) return undefined
      const value = old.values[older] as T
      set(lo, hi, value)
      return value
    },
    set,
    get size() {
      return young.count + old.count
    },
  }
}

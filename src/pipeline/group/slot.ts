/**
 * Slot: one word's place in a message. Whether words that take turns in a slot are one parameter or several meanings is
 * a question of how many they are, what they look like and how much constant text stands around them.
 */

/** What the words of a slot have in common. All of it only grows, so that order of arrival decides nothing. */
export interface SlotFacts {
  /** Constant words of the message beside the slot. */
  readonly constantWords: number
  /** The slot is the value of a key (`key: value,`) or stands in quotation marks. */
  readonly value: boolean
  /** The word before it says that this one tells what happened: reason, status, state, code. */
  readonly telling: boolean
  /** Distinct words seen, without those that are flags (true, off, null). */
  words: number
  /** How many of them look like identifiers: node_7, OrderService, eu.west. */
  identifiers: number
  /** How many of them are a stem with a number: node-246. */
  stems: number
  /** In another message a number, an address or another parameter stands here. */
  parameter: boolean
}

/**
 * Distinct words beyond which a slot is a parameter, by constant words around it. In a short sentence a word is the
 * meaning (Link ok, Link error; Started, Paused, Stopped); in a long one a single word rarely is. Identifiers name
 * things; plain words may name what happened. Chosen on the development sets, see eval/README.md.
 */
const PLAIN = [
  { constantWords: 8, words: 3 },
  { constantWords: 4, words: 4 },
  { constantWords: 2, words: 8 },
  { constantWords: 1, words: 16 },
] as const
const IDENTIFIERS = [
  { constantWords: 4, words: 2 },
  { constantWords: 2, words: 5 },
  { constantWords: 1, words: 12 },
] as const
const VALUE_WORDS = 2
const TELLING_WORDS = 20
const FEWEST_CONSTANT_WORDS = 2
const PARAMETER_WITH_CONSTANT_WORDS = 4
const STEMS_WITH_CONSTANT_WORDS = 4

/** Whether the words of a slot are one parameter. */
export function isParameter(facts: SlotFacts): boolean {
  const { constantWords, words } = facts
  // Each reason is a fault of its own: only very many of them are free text.
  if (facts.telling) return constantWords >= FEWEST_CONSTANT_WORDS && words > TELLING_WORDS
  if (facts.parameter && facts.identifiers > 0 && constantWords >= FEWEST_CONSTANT_WORDS) return true
  if (facts.parameter && words > 0 && constantWords >= PARAMETER_WITH_CONSTANT_WORDS) return true
  if (facts.parameter && facts.value && words > 0 && constantWords >= FEWEST_CONSTANT_WORDS) return true
  if (facts.stems > 1 && constantWords >= STEMS_WITH_CONSTANT_WORDS) return true
  if (facts.value && constantWords >= FEWEST_CONSTANT_WORDS && words > VALUE_WORDS) return true
  const exceeds = (table: readonly { constantWords: number; words: number }[], n: number): boolean => {
    const row = table.find((limit) => constantWords >= limit.constantWords)
    return row !== undefined && n > row.words
  }
  return exceeds(PLAIN, words) || exceeds(IDENTIFIERS, facts.identifiers)
}

const FLAG_WORDS = new Set(
  ['true', 'false', 'null', 'none', 'nil', 'undefined', 'yes', 'no', 'on', 'off', 'ok', 'enabled', 'disabled'].flatMap(
    (word) => [word, word.toUpperCase(), `${word[0]?.toUpperCase()}${word.slice(1)}`],
  ),
)

/** A word that says in which state a thing is: each of its values is a meaning. */
export const isFlagWord = (word: string): boolean => FLAG_WORDS.has(word)

/** A word that names a fault, of any language: it never takes turns with another as a parameter. */
export const isFaultName = (word: string): boolean => FAULT_NAME.test(word)
const FAULT_NAME =
  /(?:Exception|Error|Failure|Fault|Throwable|Timeout|TimedOut|NotFound|Refused|Denied|Unavailable|Exceeded|Invalid|Violation|Overflow|Panic)$|(?:^|\.)(?:exc|exceptions?|errors?)\./

/** Whether a word is the name of a thing in a program: order-db, eu.west, user_7. Words in capitals are states: NOT_READY. */
export const isIdentifier = (word: string): boolean => /[^A-Za-z\u0080-\uffff]/.test(word) && /[a-z0-9]/.test(word)

/** The same, or written as programs write types: OrderService. */
export const isIdentifierOrType = (word: string): boolean => isIdentifier(word) || /[a-z][A-Z]/.test(word)

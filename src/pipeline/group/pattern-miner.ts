/**
 * Pattern miner: messages to patterns, and patterns of one kind to one class.
 *
 * A pattern is one signature (token.ts) in one scope, a service; its id is a hash of exactly that, so any process gives
 * the same id to the same kind of message, whatever it saw before. What is learned is only which patterns belong
 * together: a slot whose words prove to be a parameter (slot.ts), or two messages that differ only in names
 * (variant.ts). Every such rule can only begin to hold as more is seen, never cease to, and a class is whatever rules
 * connect. So within the bounds of memory the classes are a function of the set of messages: not of their order, their
 * batches or the moment of a restart.
 */
import { contentHash } from '../../platform/hash.ts'
import { ownText } from '../../platform/own-text.ts'
import { createGenerations, createSignatureTable } from './generations.ts'
import { shapeOf, tokensOfShape } from './shape.ts'
import { isFaultName, isFlagWord, isIdentifierOrType, isParameter, type SlotFacts } from './slot.ts'
import { positionHash, withMask } from './slot-key.ts'
import { standsAsValue, standsBehindTelling } from './slot-place.ts'
import { templateOf } from './template.ts'
import { createTokenBuffer, tokenize } from './token.ts'
import { hashOfToken, PARAMETER_HASH, signatureOf } from './token-hash.ts'
import { KIND } from './token-kind.ts'
import { differInIdentifiers, differInNames, type KeptTokens, MAX_COMPARED, neededInCommon } from './variant.ts'

/** Part of every id: a change of the rules that changes ids on purpose raises it. */
const PATTERN_VERSION = '2'
/** Members of a class whose ids are told: those from before it was known that they are one. */
const MAX_MEMBERS = 32
/** Messages of one shape that a new one is compared with. */
const MAX_PEERS = 32
/** Words of a message that are looked at as slots. */
const MAX_SLOTS = 64
const MESSAGE_CHARS = 1_000

export interface Pattern {
  /** 16 hex digits: hash of scope and signature. */
  readonly id: string
  readonly scope: string
  /** The first message of it with its parameters masked. */
  readonly template: string
  /** Its tokens as text, from which another process learns the pattern without its message. */
  readonly shape: string
}

/** Why patterns became one class: the words that took turns, or the two messages. */
export interface MergeReason {
  readonly rule: 'slot' | 'identifiers' | 'names'
  readonly words: readonly string[]
}

export interface PatternMiner {
  /** The pattern of a message; a new one is compared with what is known. */
  learn(scope: string, message: string): Pattern
  /** Learns a pattern from its shape, as after a restart. A shape that cannot be read is left out: false. */
  restore(scope: string, shape: string, template: string): boolean
  /**
   * Ids of the first patterns of a pattern's class, oldest first; its own alone where nothing was merged. The same array
   * until the class grows.
   */
  kin(pattern: Pattern): readonly string[]
  /** Why a pattern belongs to its class, newest last. */
  reasons(pattern: Pattern): readonly MergeReason[]
  readonly size: number
}

export interface PatternMinerOptions {
  /** Patterns kept, at least; at most twice as many. The least recently seen are forgotten; ids never change. */
  readonly maxPatterns: number
}

/** More kinds of message than hundreds of services write. At worst 115 MB: 200,000 distinct kinds of fifteen words. */
export const DEFAULT_MINER_OPTIONS: PatternMinerOptions = { maxPatterns: 16_384 }

/** Union-find over patterns and over what slots made of them. */
class Node implements KeptTokens {
  parent: Node | undefined
  pattern: LearnedPattern | undefined
  /** When its first message came; what slots made comes after all messages. */
  readonly order: number
  /** First patterns of the class, oldest first; of a root only. */
  members: LearnedPattern[] = []
  kin: readonly string[] = []
  why: readonly MergeReason[] = []
  readonly scope: number
  readonly hash: Int32Array
  readonly kind: Uint8Array
  readonly text: readonly string[]
  constructor(order: number, scope: number, hash: Int32Array, kind: Uint8Array, text: readonly string[]) {
    this.order = order
    this.scope = scope
    this.hash = hash
    this.kind = kind
    this.text = text
  }
}

class LearnedPattern implements Pattern {
  readonly id: string
  readonly scope: string
  readonly template: string
  readonly node: Node
  constructor(id: string, scope: string, template: string, node: Node) {
    this.id = id
    this.scope = scope
    this.template = template
    this.node = node
  }
  get shape(): string {
    return shapeOf(this.node)
  }
}

interface Slot extends SlotFacts {
  /** Until it is a parameter: each word with the first pattern that had it. Then the pattern with the slot masked. */
  seen: Map<string, Node>
  masked: Node | undefined
}

export function createPatternMiner(options: PatternMinerOptions = DEFAULT_MINER_OPTIONS): PatternMiner {
  const buffer = createTokenBuffer()
  const known = createSignatureTable<Node>(options.maxPatterns)
  const slots = createGenerations<Slot>(options.maxPatterns * 12)
  const peers = createGenerations<Node[]>(options.maxPatterns)
  const namesakes = createGenerations<Node[]>(options.maxPatterns)
  const scopes = new Map<string, number>()
  let learned = 0

  const scopeHash = (scope: string): number => {
    let hash = scopes.get(scope)
    if (hash === undefined) {
      hash = Number.parseInt(contentHash([scope]).slice(0, 8), 16) | 0
      if (scopes.size > 10_000) scopes.clear()
      scopes.set(scope, hash)
    }
    return hash
  }

  const learn = (scope: string, message: string): Pattern => {
    tokenize(message, buffer)
    const own = scopeHash(scope)
    const lo = buffer.lo ^ own
    const found = known.get(lo, buffer.hi)
    if (found?.pattern !== undefined) return found.pattern
    const { count } = buffer
    const text: string[] = new Array(count)
    for (let i = 0; i < count; i++)
      text[i] = (buffer.kind[i] as number) > KIND.stem ? '*' : ownText(message.slice(buffer.start[i], buffer.end[i]))
    const node = new Node(learned++, own, buffer.hash.slice(0, count), buffer.kind.slice(0, count), text)
    return add(node, scope, buffer.lo, buffer.hi, ownText(templateOf(message.slice(0, MESSAGE_CHARS))))
  }

  const restore = (scope: string, shape: string, template: string): boolean => {
    const tokens = tokensOfShape(shape)
    if (tokens === undefined) return false
    const own = scopeHash(scope)
    const signature = { lo: 0, hi: 0 }
    signatureOf(tokens.hash, tokens.hash.length, signature)
    const { lo, hi } = signature
    if (known.get(lo ^ own, hi) === undefined)
      add(new Node(learned++, own, tokens.hash, tokens.kind, tokens.text), scope, lo, hi, template)
    return true
  }

  const add = (node: Node, scope: string, lo: number, hi: number, template: string): Pattern => {
    const id = contentHash([PATTERN_VERSION, scope, 'template', String(lo), String(hi)])
    const pattern = new LearnedPattern(id, scope, template, node)
    node.pattern = pattern
    node.members = [pattern]
    node.kin = [id]
    known.set(lo ^ node.scope, hi, node)
    fillSlots(node)
    compareWithPeers(node)
    if (node.text.some((word) => FOREIGN.test(word))) compareNames(node)
    return pattern
  }

  /** Puts each word of a message into its slot, and masks the slots that prove to be parameters. */
  const fillSlots = (node: Node): void => {
    const { hash, kind, text, scope } = node
    const whole = positionHash(hash, scope)
    let words = 0
    for (let i = 0; i < kind.length; i++) if (isWord(kind[i] as number)) words++
    let looked = 0
    for (let i = 0; i < kind.length && looked < MAX_SLOTS; i++) {
      if (kind[i] === KIND.punctuation) continue
      looked++
      const word = isWord(kind[i] as number)
      const constantWords = words - (word ? 1 : 0)
      if (constantWords === 0 || (word && isFaultName(text[i] as string))) continue
      const key = withMask(whole, hash[i] as number, i)
      let slot = slots.get(key)
      if (slot === undefined) {
        slot = {
          constantWords,
          value: standsAsValue(node, i),
          telling: standsBehindTelling(node, i),
          words: 0,
          identifiers: 0,
          stems: 0,
          parameter: false,
          seen: new Map(),
          masked: undefined,
        }
        slots.set(key, slot)
      }
      if (slot.masked !== undefined) {
        union(slot.masked, node, undefined)
        continue
      }
      const shown = kind[i] === KIND.stem ? `${text[i]}#` : (text[i] as string)
      if (slot.seen.has(shown)) continue
      slot.seen.set(shown, node)
      if (!word) slot.parameter = true
      else if (!isFlagWord(shown)) {
        slot.words++
        if (kind[i] === KIND.stem) slot.stems++
        if (isIdentifierOrType(shown)) slot.identifiers++
      }
      if (isParameter(slot)) maskSlot(slot, node, i)
    }
  }

  const maskSlot = (slot: Slot, node: Node, at: number): void => {
    const hash = node.hash.slice()
    const kind = node.kind.slice()
    const text = [...node.text]
    hash[at] = PARAMETER_HASH
    kind[at] = KIND.id
    text[at] = '*'
    const [lo, hi] = positionHash(hash, node.scope)
    const words = [...slot.seen.keys()].slice(0, 8).map(clip)
    let masked = known.get(lo, hi ^ MASKED)
    if (masked === undefined) {
      masked = new Node(Number.POSITIVE_INFINITY, node.scope, hash, kind, text)
      known.set(lo, hi ^ MASKED, masked)
      slot.masked = masked
      fillSlots(masked)
      compareWithPeers(masked)
    }
    slot.masked = masked
    for (const member of slot.seen.values()) union(masked, member, { rule: 'slot', words })
    slot.seen = new Map()
  }

  const compareWithPeers = (node: Node): void => {
    let shape = node.scope ^ node.kind.length
    for (let i = 0; i < node.kind.length; i++)
      shape = Math.imul(shape ^ (isWord(node.kind[i] as number) ? 7 : (node.hash[i] as number)), 0x01000193)
    const others = peers.get(shape)
    if (others === undefined) {
      peers.set(shape, [node])
      return
    }
    for (const other of others) {
      if (other.kind.length === node.kind.length && other.scope === node.scope && differInIdentifiers(other, node))
        union(other, node, { rule: 'identifiers', words: differing(other, node) })
    }
    if (others.length < MAX_PEERS) others.push(node)
  }

  /** Korean names have any number of words: messages that begin alike are compared. */
  const compareNames = (node: Node): void => {
    const words = wordsOf(node)
    if (words.length > MAX_COMPARED) return
    const own = new Set(node.hash)
    // Most messages that begin alike have too little in common: told without allocation, before the costly comparison.
    const sharesEnough = (other: Node): boolean => {
      let shared = 0
      for (let i = 0; i < other.hash.length; i++)
        if (other.kind[i] !== KIND.punctuation && own.has(other.hash[i] as number)) shared++
      return shared >= neededInCommon(words.length)
    }
    // The name may stand behind the first word or at the end: neither hides a message from its namesakes.
    for (const word of new Set([words[1], words.at(-1)])) {
      const key = hashOfToken(KIND.word, `${words[0]} ${word}`) ^ node.scope
      const others = namesakes.get(key)
      if (others === undefined) {
        namesakes.set(key, [node])
        continue
      }
      for (const other of others) {
        if (!sharesEnough(other)) continue
        const theirs = wordsOf(other)
        if (differInNames(theirs, words))
          union(other, node, { rule: 'names', words: [theirs, words].map((all) => clip(all.join(' '))) })
      }
      if (others.length < MAX_PEERS) others.push(node)
    }
  }

  /** The class with the older first pattern takes the other in. */
  const union = (a: Node, b: Node, reason: MergeReason | undefined): void => {
    const [root, other] = inOrder(rootOf(a), rootOf(b))
    if (root === other) return
    other.parent = root
    const last = root.members.at(-1)
    // A class that is told in full already: what comes later changes nothing of what is told.
    if (root.members.length === MAX_MEMBERS && other.members.every((one) => one.node.order > (last?.node.order ?? 0)))
      return
    root.members = [...root.members, ...other.members]
      .sort((one, two) => one.node.order - two.node.order)
      .slice(0, MAX_MEMBERS)
    root.kin = root.members.map((member) => member.id)
    root.why = [...root.why, ...other.why, ...(reason === undefined ? [] : [reason])].slice(0, MAX_MEMBERS)
    other.members = []
    other.kin = []
    other.why = []
  }

  return {
    learn,
    restore,
    kin: (pattern) => rootOf((pattern as LearnedPattern).node).kin,
    reasons: (pattern) => rootOf((pattern as LearnedPattern).node).why,
    get size() {
      return known.size
    },
  }
}

/** Reasons are shown to people. Characters. */
const MAX_REASON = 120

const clip = (text: string): string =>
  text.length > MAX_REASON ? `${text.slice(0, MAX_REASON).toWellFormed()}…` : text

/** Told apart from signatures of messages in the same table. */
const MASKED = 0x5bd1e995

/** Letters beyond ASCII. */
const FOREIGN = /[^\x20-\x7e]/

const isWord = (kind: number): boolean => kind === KIND.word || kind === KIND.stem

const inOrder = (a: Node, b: Node): readonly [Node, Node] => (a.order <= b.order ? [a, b] : [b, a])

function rootOf(node: Node): Node {
  let root = node
  while (root.parent !== undefined) root = root.parent
  for (let at = node; at.parent !== undefined && at.parent !== root; ) {
    const next = at.parent
    at.parent = root
    at = next
  }
  return root
}

/** Words and parameters, without marks; the number of a stem is a parameter. */
const wordsOf = ({ text, kind }: Node): readonly string[] =>
  text.flatMap((word, i) => (kind[i] === KIND.punctuation ? [] : [kind[i] === KIND.stem ? `${word}*` : word]))

function differing(a: Node, b: Node): readonly string[] {
  return a.text.flatMap((word, i) => (a.hash[i] === b.hash[i] ? [] : [clip(`${word} / ${b.text[i]}`)]))
}

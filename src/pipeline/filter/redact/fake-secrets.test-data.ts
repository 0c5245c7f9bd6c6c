/** Fake values for the tests, put together at run time so that secret scanners of repositories stay quiet. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Reproducible, uneven text of an alphabet. */
export function fake(length: number, alphabet: string = ALPHABET, seed = 7): string {
  let state = seed
  let output = ''
  while (output.length < length) {
    state = (state * 1103515245 + 12345) % 2147483648
    output += alphabet.charAt((state >> 8) % alphabet.length)
  }
  return output
}

export const HEX = '0123456789abcdef'
export const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
export const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

export function fakeUuid(): string {
  return [8, 4, 4, 4, 12].map((length, at) => fake(length, HEX, at + 3)).join('-')
}

export function fakeJwt(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: '1234567890', iat: 1516239022 })}.${fake(43)}`
}

/** With real line ends, or as JSON writes them. */
export function fakeKeyBlock(kind = 'RSA ', newline = '\n'): string {
  const lines = Array.from({ length: 12 }, (_, at) => fake(64, `${ALPHABET}+/`, at + 1))
  return [mark('BEGIN', kind), ...lines, mark('END', kind)].join(newline)
}

function mark(word: string, kind: string): string {
  return `-----${word} ${kind}${'PRIVATE'} KEY-----`
}

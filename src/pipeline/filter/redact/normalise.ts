/**
 * Normalisation that keeps every offset: full-width forms become ASCII, the many dashes become `-`, the many spaces a
 * space, one UTF-16 unit for one. NFKC would change lengths (㎏, ligatures), and findings are offsets in the input.
 */
export const NORMAL_FORM: Uint16Array = buildTable()

export function normalise(text: string): string {
  let output = ''
  let from = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    const normal = NORMAL_FORM[code] as number
    if (normal === code) continue
    output += text.slice(from, at) + String.fromCharCode(normal)
    from = at + 1
  }
  return from === 0 ? text : output + text.slice(from)
}

function buildTable(): Uint16Array {
  const table = new Uint16Array(0x10000)
  for (let code = 0; code < table.length; code++) table[code] = code
  for (let code = 0xff01; code <= 0xff5e; code++) table[code] = code - 0xfee0
  // Hyphens and dashes, minus, small and full-width hyphen, and the two long vowel marks typed for a dash.
  for (const dash of [
    0x00ad, 0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2043, 0x2212, 0xfe58, 0xfe63, 0x30fc, 0xff70, 0x3161,
  ]) {
    table[dash] = 0x2d
  }
  for (const space of [
    0x00a0, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a, 0x202f, 0x205f, 0x3000,
  ]) {
    table[space] = 0x20
  }
  return table
}

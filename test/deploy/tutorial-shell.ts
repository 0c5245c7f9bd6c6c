/**
 * As much of PowerShell 5.1 and of bash as the tutorial uses, read strictly: what is not known here is refused, so that a
 * page cannot slip in what one of the shells does not have (`&&`, `~`, heredocs).
 */
import type { Shell } from './tutorial-pages.ts'

export interface Statement {
  /** As it stands in the page. */
  readonly text: string
  /** The same words for both shells: program and arguments, or `set NAME value`. */
  readonly words: readonly string[]
  /** Where it sets a variable. */
  readonly sets?: readonly [name: string, value: string]
}

export function statementsOf(block: string, shell: Shell): Statement[] {
  const joint = shell === 'bash' ? /\\\n\s*/g : /`\n\s*/g
  return block
    .split(shell === 'bash' ? /(?<!\\)\n/ : /(?<!`)\n/)
    .filter((text) => text.trim() !== '' && !text.startsWith('#'))
    .map((text) => statementOf(text, text.replaceAll(joint, ' '), shell))
}

function statementOf(text: string, line: string, shell: Shell): Statement {
  const setting = shell === 'bash' ? /^export ([A-Z][A-Z0-9_]*)=(.+)$/ : /^\$env:([A-Z][A-Z0-9_]*) = (.+)$/
  const [, name, value] = setting.exec(line) ?? []
  if (name !== undefined && value !== undefined) {
    const [word = '', ...more] = wordsOf(value, shell)
    if (more.length > 0) throw new Error(`"${line}": one value is accepted`)
    return { text, words: ['set', name, word], sets: [name, word] }
  }
  return { text, words: alikeOf(wordsOf(line, shell), shell) }
}

/** Words as the shell splits them. Variables stay as they are written, `${PWD}` alone is known to both. */
function wordsOf(line: string, shell: Shell): string[] {
  const words: string[] = []
  let rest = line.trim()
  while (rest !== '') {
    let word = ''
    while (rest !== '' && !/^\s/.test(rest)) {
      const quoted = /^'([^']*)'/.exec(rest) ?? /^"([^"`\\]*)"/.exec(rest)
      const plain = /^[\w./:=%+-]+/.exec(rest)?.[0]
      if (quoted !== null) {
        const [whole, inside = ''] = quoted
        if (whole.startsWith('"') && /\$(?!\{PWD\})/.test(inside))
          throw new Error(`"${line}": in double quotes only \${PWD} is accepted`)
        word += inside
        rest = rest.slice(whole.length)
      } else if (plain !== undefined) {
        word += plain
        rest = rest.slice(plain.length)
      } else {
        throw new Error(
          `"${line}": ${shell} would do something with ${JSON.stringify(rest[0])}; quote it or leave it out`,
        )
      }
    }
    words.push(word)
    rest = rest.trimStart()
  }
  return words
}

/** What is called otherwise in PowerShell, by its name in bash. */
function alikeOf(words: readonly string[], shell: Shell): string[] {
  if (shell === 'bash') return [...words]
  const [program = '', ...rest] = words
  const text = words.join(' ')
  if (text.startsWith('New-Item -ItemType Directory -Force ')) return ['mkdir', '-p', ...words.slice(4)]
  if (text.startsWith('Remove-Item -Recurse -Force ')) return ['rm', '-rf', ...words.slice(3)]
  if (/^[A-Z][a-z]+-[A-Z]/.test(program)) throw new Error(`"${text}": this cmdlet is not known here`)
  // Python's launcher on Windows, and where a virtual environment has its programs there.
  if (program === 'py') return ['python3', ...rest]
  return [program.replace('/Scripts/', '/bin/'), ...rest]
}
